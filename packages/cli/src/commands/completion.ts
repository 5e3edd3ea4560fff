import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery completion` */
export const completionCommand: CommandData = {
  name: "completion",
  summary: "Let the shell complete commands and flags",
  description:
    "Prints the line that bash needs, once for each shell that is opened; zsh understands it after bashcompinit. With COMP_LINE set, as the shell does, it prints what may follow.",
  words: { usage: "", summary: "", min: 0 },
  flags: [...COMMON_FLAGS],
  examples: [{ words: "completion >> ~/.bashrc", does: "from the next shell on" }],
  load: () => import("../completion/run.ts"),
};

import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery completion` */
export const completionCommand: CommandData = {
  name: "completion",
  summary: "Let the shell complete commands and flags",
  description:
    "Prints what bash, zsh or fish needs, once for each shell that is opened. With COMP_LINE set, as the shell does, it prints what may follow.",
  words: { usage: "[SHELL]", summary: "bash, zsh or fish; bash by default", min: 0 },
  flags: [...COMMON_FLAGS],
  examples: [
    { words: "completion >> ~/.bashrc", does: "in bash, from the next shell on" },
    { words: "completion zsh >> ~/.zshrc", does: "in zsh, after compinit" },
    { words: "completion fish > ~/.config/fish/completions/orrery.fish", does: "in fish" },
  ],
  load: () => import("../completion/run.ts"),
};

import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery version` */
export const versionCommand: CommandData = {
  name: "version",
  summary: "Print the versions of orrery and Node",
  description: "Prints the versions of orrery and of the Node that runs it.",
  words: { usage: "", summary: "", min: 0, max: 0 },
  flags: [...COMMON_FLAGS],
  examples: [{ words: "version", does: "both versions" }],
  load: () => import("../version/run.ts"),
};

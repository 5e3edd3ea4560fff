import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery inspect` */
export const inspectCommand: CommandData = {
  name: "inspect",
  summary: "Read recorded frames",
  description:
    "Decodes what orrery run --capture=FILE has recorded: one line for each message, in the order of the file.",
  words: { usage: "FILE", summary: "A capture; - for standard input", min: 1, max: 1 },
  flags: [...COMMON_FLAGS],
  examples: [
    { words: "inspect frames.capture", does: "one line for each message" },
    { words: "inspect frames.capture --output=json", does: "everything, for a program" },
  ],
  load: () => import("../inspect/run.ts"),
};

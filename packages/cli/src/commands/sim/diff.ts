import { COMMON_FLAGS, type CommandData } from "../../command.ts";

/** `orrery sim diff` */
export const simDiffCommand: CommandData = {
  name: "sim diff",
  summary: "Tell where two runs part, and what led there",
  description:
    "Compares two traces line by line and names the first difference with its causes on both sides. In the place of a trace may stand a scenario, which is run with the seed of the other. Exit code 1 when they differ.",
  words: { usage: "A B", summary: "Two traces; one may be the script of a scenario", min: 2, max: 2 },
  flags: [...COMMON_FLAGS],
  examples: [
    { words: "sim diff yesterday.trace today.trace", does: "two traces" },
    { words: "sim diff yesterday.trace payments.sim.ts", does: "a trace and the code of today" },
  ],
  load: () => import("../../sim/diff.ts"),
};

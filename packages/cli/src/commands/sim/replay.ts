import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { LOG_FLAG, SCENARIO_WORDS, SPEED_FLAG, TAPE_FLAGS, TRACE_FLAG } from "./flags.ts";

/** `orrery sim replay` */
export const simReplayCommand: CommandData = {
  name: "sim replay",
  summary: "Run a failure again, as its tape says",
  description:
    "A tape says all that made a run go the way it went, so it needs no luck and outlives small changes of the code. Exit code 1 when it fails again, 0 once it is mended.",
  words: SCENARIO_WORDS,
  flags: [...TAPE_FLAGS, TRACE_FLAG, SPEED_FLAG, LOG_FLAG, ...COMMON_FLAGS],
  examples: [
    { words: "sim replay payments.sim.ts --tape=K05NTVEw1FFITsxJBgA", does: "what an exploration printed" },
    { words: "sim replay payments.sim.ts --script=failure.md", does: "what it saved, perhaps with a line changed" },
  ],
  load: () => import("../../sim/replay.ts"),
};

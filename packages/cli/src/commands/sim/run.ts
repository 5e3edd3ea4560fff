import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { LOG_FLAG, SCENARIO_WORDS, SEED_FLAG, SPEED_FLAG, TRACE_FLAG } from "./flags.ts";

/** `orrery sim run` */
export const simRunCommand: CommandData = {
  name: "sim run",
  summary: "Run a scenario",
  description:
    "Runs the scenario that a file exports, in a modelled network under virtual time, and tells whether its rules held. The same seed gives the same run, to the same trace hash. Exit code 1 when a rule was broken, with the command that runs it again.",
  words: SCENARIO_WORDS,
  flags: [
    SEED_FLAG,
    {
      name: "seeds",
      kind: "value",
      placeholder: "N|A..B",
      summary: "Run once with each of so many seeds, or of a range",
    },
    SPEED_FLAG,
    TRACE_FLAG,
    LOG_FLAG,
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim run payments.sim.ts", does: "once, with seed 1" },
    { words: "sim run payments.sim.ts --seeds=1000", does: "with a thousand seeds" },
    { words: "sim run payments.sim.ts --seed=7 --log --speed=1", does: "one of them, slowly, with what its nodes log" },
  ],
  load: () => import("../../sim/run.ts"),
};

import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SAVE_FLAG, SCENARIO_WORDS, SEED_FLAG, TAPE_FLAGS } from "./flags.ts";

/** `orrery sim shrink` */
export const simShrinkCommand: CommandData = {
  name: "sim shrink",
  summary: "Make a failing run small",
  description:
    "Leaves out operations, nodes, faults and delays as long as the scenario fails in the same way, and prints what is left: a script, a picture, and the command that replays it. Exit code 1, for the failure is still there; also when the run holds and there is nothing to make small.",
  words: SCENARIO_WORDS,
  flags: [
    SEED_FLAG,
    ...TAPE_FLAGS,
    { name: "runs", kind: "value", placeholder: "N", default: "500", summary: "Runs that it may take" },
    SAVE_FLAG,
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim shrink payments.sim.ts --seed=7", does: "the failure of a seed" },
    { words: "sim shrink payments.sim.ts --script=failure.md --runs=5000", does: "smaller still" },
  ],
  load: () => import("../../sim/shrink.ts"),
};

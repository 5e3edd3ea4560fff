import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SAVE_FLAG, SCENARIO_WORDS } from "./flags.ts";

/** `orrery sim explore` */
export const simExploreCommand: CommandData = {
  name: "sim explore",
  summary: "Look for a run of a scenario that breaks a rule, and make it small",
  description:
    "Runs the scenario again and again, each time in another order, with other latencies and, where it allows them, other faults. The first failure is made small: what is left is a script of a few lines, a picture of it, and the command that replays it. Exit code 1 when something was found.",
  words: SCENARIO_WORDS,
  flags: [
    { name: "runs", kind: "value", placeholder: "N", default: "1000", summary: "Runs at most" },
    {
      name: "seed",
      kind: "value",
      placeholder: "N",
      default: "1",
      summary: "Seed of the first run, each has the next",
    },
    {
      name: "strategy",
      kind: "values",
      placeholder: "NAME",
      summary:
        "How orders vary: seeds, random, pct, delays, or systematic for every one of a small scenario; may be repeated, all but systematic by default",
    },
    {
      name: "slack",
      kind: "value",
      placeholder: "TIME",
      summary: "What is due within this time of the next event may come before it; another from run to run by default",
    },
    {
      name: "within",
      kind: "value",
      placeholder: "TIME",
      summary: "Begin no run after this time of yours, such as 30s",
    },
    SAVE_FLAG,
    {
      name: "test",
      kind: "value",
      placeholder: "FILE",
      summary: "Write a test that fails until the failure is mended",
    },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim explore payments.sim.ts", does: "a thousand runs" },
    { words: "sim explore payments.sim.ts --within=30s --runs=1000000", does: "half a minute" },
    { words: "sim explore payments.sim.ts --save=failure.md --test=payments.test.ts", does: "keep what is found" },
    {
      words: "sim explore small.sim.ts --strategy=systematic --slack=5ms",
      does: "every order that makes a difference",
    },
  ],
  load: () => import("../../sim/explore.ts"),
};

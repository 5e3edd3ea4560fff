import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SEED_FLAG, TAPE_FLAGS } from "./flags.ts";

/** `orrery sim view` */
export const simViewCommand: CommandData = {
  name: "sim view",
  summary: "Write a run as a page to look at in a browser",
  description:
    "FILE is a trace that --trace has written, or a scenario, which is run for it. The page stands alone: nodes and messages in flight, a scrubber over virtual time, partitions and crashes, and what led to each message. It is written and its address printed; nothing is opened.",
  words: { usage: "FILE", summary: "A trace, or the script of a scenario", min: 1, max: 1 },
  flags: [
    {
      name: "out",
      kind: "value",
      placeholder: "PAGE",
      summary: "File of the page; that of FILE with .html by default",
    },
    SEED_FLAG,
    ...TAPE_FLAGS,
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim view payments.sim.ts --seed=7", does: "payments.sim.html" },
    { words: "sim view run.trace --out=run.html", does: "a run that was kept" },
  ],
  load: () => import("../../sim/view.ts"),
};

import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SCENARIO_WORDS, SEED_FLAG, TAPE_FLAGS } from "./flags.ts";

/** `orrery sim step` */
export const simStepCommand: CommandData = {
  name: "sim step",
  summary: "Step through a run by hand",
  description:
    "Opens a session in which the run goes on only when it is told to: step, tick, until a time or a message, run; inject faults, hold and release messages, act on named points; look at nodes, queues and messages on their way; and go back, which runs anew up to there. help lists all, Tab completes. Lines also come from standard input, or from --do; the first that cannot be done ends the command. Exit code 1 when the run was taken to its end and a rule was broken.",
  words: SCENARIO_WORDS,
  flags: [
    SEED_FLAG,
    ...TAPE_FLAGS,
    { name: "do", kind: "value", placeholder: "LINES", summary: "Lines to do, with ; between them" },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "sim step payments.sim.ts", does: "by hand" },
    {
      words: `sim step payments.sim.ts --do="until message till.pay; inject crash till; look; run"`,
      does: "the same, written down",
    },
    { words: "sim step payments.sim.ts < session.txt", does: "what save has written" },
  ],
  load: () => import("../../sim/step.ts"),
};

import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { SEED_FLAG, TAPE_FLAGS } from "./flags.ts";

/** `orrery sim until` */
export const simUntilCommand: CommandData = {
  name: "sim until",
  summary: "Run a scenario up to a moment, and show where it stands",
  description:
    "The moment is a time such as 120ms, an event by its number (event 40), before a message arrives (message till.pay), a named point (point read), or once a text stands in the trace. Exit code 5 when the run ends before that.",
  words: { usage: "FILE WHAT", summary: "Script of a scenario, and the moment", min: 2 },
  flags: [SEED_FLAG, ...TAPE_FLAGS, ...COMMON_FLAGS],
  examples: [
    { words: "sim until payments.sim.ts 120ms", does: "a time of the world" },
    { words: "sim until payments.sim.ts message till.pay --seed=7", does: "before a message arrives" },
  ],
  load: () => import("../../sim/until.ts"),
};

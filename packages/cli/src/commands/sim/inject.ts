import { COMMON_FLAGS, type CommandData } from "../../command.ts";
import { LOG_FLAG, SEED_FLAG } from "./flags.ts";

/** `orrery sim inject` */
export const simInjectCommand: CommandData = {
  name: "sim inject",
  summary: "Run a scenario with faults that you name",
  description:
    "Each fault is one word of the shell: at TIME ms: and what goes wrong, or that alone for the beginning. crash, restart, pause, resume NODE; slow, jump NODE TIME ms; disk NODE ok, slow, full or failing; cut, clog, unclog, heal FROM>TO; partition A,B | C; link FROM>TO latency MS, loss SHARE, duplicate SHARE. Exit code 1 when a rule was broken, with the command that replays it.",
  words: { usage: "FILE FAULT…", summary: "Script of a scenario, and what goes wrong", min: 2 },
  flags: [SEED_FLAG, LOG_FLAG, ...COMMON_FLAGS],
  examples: [
    { words: `sim inject payments.sim.ts "at 12 ms: crash till" "at 50 ms: restart till"`, does: "a crash" },
    { words: `sim inject payments.sim.ts "link *>cell loss 0.3"`, does: "messages get lost" },
  ],
  load: () => import("../../sim/inject.ts"),
};

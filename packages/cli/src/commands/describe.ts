import { COMMON_FLAGS, type CommandData } from "../command.ts";
import { PLATFORM_FLAGS, REACH_FLAGS } from "./reach-flags.ts";

/** `orrery describe` */
export const describeCommand: CommandData = {
  name: "describe",
  summary: "Tell all that is known of a service",
  description:
    "Prints the methods with their modes and options, the fingerprints by which two sides know that they mean the same, and the instances that run.",
  words: { usage: "SERVICE", summary: "Whole name, last part of it, or that in any case", min: 1, max: 1 },
  flags: [...REACH_FLAGS, ...PLATFORM_FLAGS, ...COMMON_FLAGS],
  examples: [
    { words: "describe greeter", does: "methods, options, instances" },
    { words: "describe greeter --with=greeter.ts", does: "of a file, with nothing running" },
  ],
  load: () => import("../services/run-describe.ts"),
};

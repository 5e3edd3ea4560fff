import { COMMON_FLAGS, type CommandData } from "../command.ts";
import { PLATFORM_FLAGS, REACH_FLAGS } from "./reach-flags.ts";

/** `orrery services` */
export const servicesCommand: CommandData = {
  name: "services",
  aliases: ["components"],
  summary: "List the services that can be called",
  description:
    "A component is known by the service that it serves: `orrery components` prints the same. Without flags it lists what orrery run runs in this project.",
  words: { usage: "", summary: "", min: 0, max: 0 },
  flags: [...REACH_FLAGS, ...PLATFORM_FLAGS, ...COMMON_FLAGS],
  examples: [
    { words: "services", does: "what runs in this project" },
    { words: "services --address=tcp://127.0.0.1:7101 --output=json", does: "what one node serves, for a program" },
  ],
  load: () => import("../services/run-services.ts"),
};

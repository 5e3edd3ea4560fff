import type { CommandData, FlagData } from "../command.ts";
import { PLATFORM_FLAGS, REACH_FLAGS } from "./reach-flags.ts";
import { SERVER_FLAGS } from "./resource-flags.ts";

/** Whether there is no flag of that name yet. */
const isOther = ({ name }: FlagData) => ![...REACH_FLAGS, ...PLATFORM_FLAGS].some((flag) => flag.name === name);

/** `orrery services` */
export const servicesCommand: CommandData = {
  name: "services",
  aliases: ["components"],
  summary: "List the services that can be called",
  description:
    "A component is known by the service that it serves: `orrery components` prints the same. Without flags it lists what orrery run runs in this project; with --space the services that take calls in a space of a platform.",
  words: { usage: "", summary: "", min: 0, max: 0 },
  flags: [
    ...REACH_FLAGS,
    ...PLATFORM_FLAGS,
    { name: "watch", kind: "switch", summary: "With --space: again whenever it changes, until Ctrl-C" },
    ...SERVER_FLAGS.filter(isOther),
  ],
  examples: [
    { words: "services --space=demo.test", does: "what takes calls in a space of a platform" },
    { words: "services --space=demo.test --watch --output=json", does: "and a line for each change" },
    { words: "services", does: "what runs in this project" },
    { words: "services --address=tcp://127.0.0.1:7101 --output=json", does: "what one node serves, for a program" },
  ],
  load: () => import("../services/run-services.ts"),
};

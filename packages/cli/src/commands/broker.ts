import type { CommandData } from "../command.ts";
import { SPACE_FLAGS } from "./resource-flags.ts";

/** `orrery broker …` */
export const BROKER_COMMANDS: readonly CommandData[] = [
  {
    name: "broker publish",
    summary: "Hand messages to those who subscribe to a topic now",
    description:
      "What reads as JSON is that, all else is text. Nothing is kept: that nobody subscribes is no error. For what must not be lost: orrery events.",
    words: { usage: "TOPIC MESSAGE…", summary: "What is said", min: 2 },
    flags: [
      { name: "header", kind: "values", placeholder: "NAME=VALUE", summary: "A short text beside it; may be repeated" },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "broker publish alarms '{\"door\":3}' --space=demo.test", does: "one message" }],
    load: () => import("../broker/run-publish.ts"),
  },
  {
    name: "broker subscribe",
    summary: "Print messages of a topic as they are published",
    description:
      "A line of JSON for each, until Ctrl-C. Who names no queue gets all; those who name one queue share them, each message comes to one. Who is slow misses messages, and is told how many.",
    words: { usage: "TOPIC", summary: "Such as alarms", min: 1, max: 1 },
    flags: [
      { name: "queue", kind: "value", placeholder: "NAME", summary: "Share what comes with others of this queue" },
      { name: "count", kind: "value", placeholder: "N", default: "0", summary: "End after so many; 0 for no end" },
      ...SPACE_FLAGS,
    ],
    examples: [
      { words: "broker subscribe alarms --space=demo.test", does: "all that is published" },
      { words: "broker subscribe alarms --queue=guards --space=demo.test", does: "a share of it" },
    ],
    load: () => import("../broker/run-subscribe.ts"),
  },
];

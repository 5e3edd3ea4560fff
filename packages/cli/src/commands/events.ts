import type { CommandData, FlagData } from "../command.ts";
import { SPACE_FLAGS } from "./resource-flags.ts";

const TOPIC = { usage: "TOPIC", summary: "Such as orders", min: 1, max: 1 } as const;
const GROUP = { usage: "TOPIC GROUP", summary: "Such as orders billing", min: 2, max: 2 } as const;

const FROM: FlagData = {
  name: "from",
  kind: "value",
  placeholder: "WHERE",
  summary: "earliest, latest, an offset, or a time such as 2026-01-31T12:00:00Z",
};

/** `orrery events …` */
export const EVENTS_COMMANDS: readonly CommandData[] = [
  {
    name: "events publish",
    summary: "Publish events to a topic",
    description:
      "Each is safe when the command ends. What reads as JSON is that, all else is text. The topic is made where it is missing.",
    words: { usage: "TOPIC MESSAGE…", summary: "What events say", min: 2 },
    flags: [
      { name: "id", kind: "value", placeholder: "ID", summary: "Written once under this id; for one message" },
      { name: "key", kind: "value", placeholder: "KEY", summary: "Events of one key are handed out one after another" },
      ...SPACE_FLAGS,
    ],
    examples: [
      { words: "events publish orders '{\"n\":1}' --space=demo.test", does: "one event" },
      { words: "events publish orders one two --key=ann --space=demo.test", does: "two, in order" },
    ],
    load: () => import("../events/run-publish.ts"),
  },
  {
    name: "events consume",
    summary: "Take events of a topic for a group, and ack each once it is printed",
    description:
      "Prints a line of JSON for each event. Events are split among all consumers of a group; what was not acked when a consumer ends is handed out again. The group is made where it is missing.",
    words: GROUP,
    flags: [
      { name: "count", kind: "value", placeholder: "N", default: "0", summary: "End after so many; 0 for no end" },
      { ...FROM, default: "earliest", summary: `Where a group begins that is new: ${FROM.summary}` },
      { name: "no-ack", kind: "switch", summary: "Ack nothing: others, or a later one, get them again" },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "events consume orders billing --count=10 --space=demo.test", does: "ten events" }],
    load: () => import("../events/run-consume.ts"),
  },
  {
    name: "events read",
    summary: "Print events of a topic, whoever took them",
    description: "A line of JSON for each. Nothing is taken, and nothing acked.",
    words: TOPIC,
    flags: [
      { ...FROM, default: "earliest" },
      { name: "limit", kind: "value", placeholder: "N", default: "100", summary: "Most events, up to 1000" },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "events read orders --from=2026-01-31T12:00:00Z --space=demo.test", does: "from a time on" }],
    load: () => import("../events/run-read.ts"),
  },
  {
    name: "events topics",
    summary: "List the topics of a space",
    description:
      "With how many events they have, and what they keep. TOPIC/dead/GROUP has the dead letters of a group.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "events topics --space=demo.test", does: "all of it" }],
    load: () => import("../events/run-topics.ts"),
  },
  {
    name: "events set",
    summary: "Say what a topic keeps",
    description: "Makes it where it is missing. What is older goes, and the oldest where there is more.",
    words: TOPIC,
    flags: [
      { name: "keep", kind: "value", placeholder: "TIME", summary: "How long, such as 24h" },
      { name: "keep-bytes", kind: "value", placeholder: "N", summary: "How many bytes" },
      ...SPACE_FLAGS,
    ],
    examples: [{ words: "events set orders --keep=24h --space=demo.test", does: "a day" }],
    load: () => import("../events/run-set.ts"),
  },
  {
    name: "events groups",
    summary: "List the groups of a topic, and how they stand",
    description: "How many events each has not seen, has out, has put off, and has given up.",
    words: TOPIC,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "events groups orders --space=demo.test", does: "all of them" }],
    load: () => import("../events/run-groups.ts"),
  },
  {
    name: "events move",
    summary: "Put a group elsewhere in its topic, to take events again or not at all",
    description: "What its consumers have in hand counts no more.",
    words: GROUP,
    flags: [FROM, ...SPACE_FLAGS],
    examples: [{ words: "events move orders billing --from=earliest --space=demo.test", does: "all events again" }],
    load: () => import("../events/run-move.ts"),
  },
  {
    name: "events dead",
    summary: "Print the dead letters of a group",
    description: "A line of JSON for each event that was handed out too often, with why it was given up.",
    words: GROUP,
    flags: [...SPACE_FLAGS],
    examples: [{ words: "events dead orders billing --space=demo.test", does: "with their offsets" }],
    load: () => import("../events/run-dead.ts"),
  },
  {
    name: "events retry",
    summary: "Publish dead letters of a group again, for this group alone",
    description: "Those at the offsets that are named, as orrery events dead shows them; without any, all.",
    words: { usage: "TOPIC GROUP [OFFSET…]", summary: "Of dead letters", min: 2 },
    flags: [...SPACE_FLAGS],
    examples: [{ words: "events retry orders billing 1 --space=demo.test", does: "one" }],
    load: () => import("../events/run-retry.ts"),
  },
];

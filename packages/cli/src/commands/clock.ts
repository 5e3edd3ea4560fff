import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { REACH_FLAGS } from "./reach-flags.ts";

const FLAGS: readonly FlagData[] = [...REACH_FLAGS.filter(({ name }) => name !== "with"), ...COMMON_FLAGS];

const NONE = { usage: "", summary: "", min: 0, max: 0 };

const load = () => import("../clock/run.ts");

/** `orrery clock …`: moves the clock of what `orrery run --clock` runs. */
export const CLOCK_COMMANDS: readonly CommandData[] = [
  {
    name: "clock status",
    summary: "Say how the clock stands, and each process",
    description: "The time is virtual: it passes from event to event, and stands still in between.",
    words: NONE,
    flags: FLAGS,
    examples: [{ words: "clock status", does: "of what runs in this project" }],
    load,
  },
  {
    name: "clock step",
    summary: "Run one event: the first in the order of the whole world",
    description: "The clock must stand.",
    words: NONE,
    flags: FLAGS,
    examples: [{ words: "clock step", does: "and says which it was" }],
    load,
  },
  {
    name: "clock tick",
    summary: "Run every event of the next ticks at which there are any",
    description: "The clock must stand. A tick is one microsecond of the world; those without events are passed over.",
    words: { usage: "[N]", summary: "How many ticks; 1 by default", min: 0, max: 1 },
    flags: FLAGS,
    examples: [
      { words: "clock tick", does: "the next one" },
      { words: "clock tick 10", does: "the next ten" },
    ],
    load,
  },
  {
    name: "clock run",
    summary: "Let the clock run",
    description: "Says that it runs, and does not wait: orrery clock pause holds it again.",
    words: NONE,
    flags: FLAGS,
    examples: [{ words: "clock run", does: "as fast as its processes can" }],
    load,
  },
  {
    name: "clock pause",
    summary: "Hold the clock in every process",
    description: "Says where it stands. While it does, no time passes in any process, and so nothing times out.",
    words: NONE,
    flags: FLAGS,
    examples: [{ words: "clock pause", does: "hold everything" }],
    load,
  },
  {
    name: "clock until",
    summary: "Let the clock run up to a time or an event, and wait",
    description:
      "A time is counted since the world began, with + in front from now on: everything before it happens. Words are those of an event's line, as orrery clock status shows its last ones: the clock stops behind the first event that has them all.",
    words: { usage: "TIME-or-WORDS…", summary: "Such as 500ms, +2s, or: delivery store crash", min: 1 },
    flags: FLAGS,
    examples: [
      { words: "clock until 500ms", does: "half a second of the world" },
      { words: "clock until +2s", does: "two seconds more" },
      { words: 'clock until "fault at world" crash', does: "up to the first crash" },
      { words: "clock until delivery at shop shop.buy", does: "up to the next call that reaches the shop" },
    ],
    load,
  },
  {
    name: "clock at",
    summary: "Let the present moment show a wall time",
    description:
      "What components see as the time of day passes on from there. A time before the one that they have seen is refused.",
    words: { usage: "TIMESTAMP", summary: "Such as 2026-03-01T12:00:00Z, or ms since 1970", min: 1, max: 1 },
    flags: FLAGS,
    examples: [{ words: "clock at 2026-12-31T23:59:59Z", does: "a second before the new year" }],
    load,
  },
  {
    name: "clock inject",
    summary: "Let something go wrong now",
    description: "A line as scenarios have it, such as crash NODE, restart NODE, partition A,B | C, heal, pause NODE.",
    words: { usage: "FAULT…", summary: "Such as: crash store", min: 1 },
    flags: FLAGS,
    examples: [
      { words: "clock inject crash store", does: "end a node in the middle of what it does" },
      { words: 'clock inject "partition shop | store"', does: "let nothing pass between two nodes" },
    ],
    load,
  },
  {
    name: "clock stop",
    summary: "End the run, and print its hash",
    description:
      "The hash is over all that happened. It is the same however many processes the same run was divided among.",
    words: NONE,
    flags: FLAGS,
    examples: [{ words: "clock stop", does: "every process ends" }],
    load,
  },
];

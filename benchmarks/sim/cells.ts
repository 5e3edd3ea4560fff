/** Parts of a run. */
export const SECTIONS = ["deliveries", "timers", "moments", "memory", "costs", "histories", "exploration"] as const;

/** Name of a part. */
export type Section = (typeof SECTIONS)[number];

/** Something that is measured in a cell: ours, the control that shows what is possible, or a peer by name. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  readonly role: "ours" | "control" | "peer";
  /** File in `programs/`; one that ends with `.py` is run by Debian's Python. */
  readonly file: string;
  readonly variant: string;
}

/** Contestants that do the same, side by side. */
export interface Cell {
  readonly section: Section;
  /** As it is written after `--cells`: `deliveries/1000`. */
  readonly name: string;
  readonly title: string;
  /** Nodes, timers or operations. */
  readonly size: number;
  readonly contestants: readonly Contestant[];
  /** Whether each round has a process of its own, which has done nothing before. Default: false. */
  readonly isFresh?: boolean;
}

const MODEL: readonly Contestant[] = [
  {
    name: "world",
    title: "**Orrery, envelopes and trace hash**",
    role: "ours",
    file: "world.ts",
    variant: "hash",
  },
  { name: "world-off", title: "**Orrery, no trace**", role: "ours", file: "world.ts", variant: "off" },
  {
    name: "toy",
    title: "toy loop, drained by turns of the event loop",
    role: "control",
    file: "toy-loop.ts",
    variant: "turn",
  },
  {
    name: "toy-step",
    title: "toy loop, drained by Node's own step",
    role: "control",
    file: "toy-loop.ts",
    variant: "step",
  },
  { name: "sync", title: "synchronous toy loop", role: "control", file: "sync-loop.ts", variant: "" },
  {
    name: "simpy3",
    title: "SimPy 3, a process for each message",
    role: "peer",
    file: "model_on_simpy3.py",
    variant: "process",
  },
  {
    name: "simpy3-callback",
    title: "SimPy 3, a callback for each message",
    role: "peer",
    file: "model_on_simpy3.py",
    variant: "callback",
  },
  {
    name: "simpy2",
    title: "SimPy 2, a process for each message",
    role: "peer",
    file: "model_on_simpy2.py",
    variant: "process",
  },
];

const FIRE = timers("fire");
const CANCEL = timers("cancel");

function timers(what: string): readonly Contestant[] {
  return [
    { name: "world", title: "**Orrery**", role: "ours", file: "timers.ts", variant: `world/${what}` },
    { name: "sinon", title: "@sinonjs/fake-timers", role: "peer", file: "timers.ts", variant: `sinon/${what}` },
  ];
}

function ours(file: string, variant: string): Contestant {
  return { name: "world", title: "**Orrery**", role: "ours", file, variant };
}

function moment(name: string, title: string, size = 0): Cell {
  const contestants = [ours("moments.ts", name)];
  return { section: "moments", name: `moments/${name}`, title, size, contestants, isFresh: true };
}

const many = (count: number) => count.toLocaleString("en");

/** Every cell, in the order in which they are measured. */
export const CELLS: readonly Cell[] = [
  ...[50, 1000, 100_000].map(
    (size): Cell => ({
      section: "deliveries",
      name: `deliveries/${size}`,
      title: `${many(size)} nodes`,
      size,
      contestants: MODEL,
    }),
  ),
  ...[1000, 100_000, 1_000_000].flatMap((size): Cell[] => [
    { section: "timers", name: `fire/${size}`, title: `add and fire, ${many(size)}`, size, contestants: FIRE },
    { section: "timers", name: `cancel/${size}`, title: `add and cancel, ${many(size)}`, size, contestants: CANCEL },
  ]),
  moment("hour", "3,600 s with 100,000 events"),
  moment("timeouts", "10,000 timeouts of 30 s"),
  moment("nodes", "300 nodes, to all being up", 300),
  ...[1000, 100_000].map(
    (size): Cell => ({
      section: "memory",
      name: `memory/${size}`,
      title: `${many(size)} nodes`,
      size,
      contestants: [ours("memory.ts", "")],
      isFresh: true,
    }),
  ),
  {
    section: "costs",
    name: "costs/point",
    title: "a named point that nobody listens to",
    size: 0,
    contestants: [ours("point.ts", "")],
  },
  {
    section: "costs",
    name: "costs/capture",
    title: "an ordinary test",
    size: 0,
    contestants: [
      { name: "with", title: "**Orrery, globals captured**", role: "ours", file: "capture.ts", variant: "with" },
      {
        name: "without",
        title: "the same, with the machine's globals",
        role: "control",
        file: "capture.ts",
        variant: "without",
      },
    ],
  },
  ...[500, 1000, 2000, 5000, 10_000, 20_000, 50_000].map(
    (size): Cell => ({
      section: "histories",
      name: `histories/${size}`,
      title: many(size),
      size,
      contestants: [
        { name: "plain", title: "each call answered", role: "ours", file: "history.ts", variant: "plain" },
        { name: "lossy", title: "1 answer in 20 lost", role: "ours", file: "history.ts", variant: "lossy" },
      ],
    }),
  ),
  {
    section: "exploration",
    name: "exploration/auction",
    title: "`examples/auction`, explored",
    size: 0,
    contestants: [ours("exploration.ts", "auction")],
  },
  {
    section: "exploration",
    name: "exploration/idle",
    title: "12 nodes that report once in a second",
    size: 12,
    contestants: [ours("exploration.ts", "idle")],
  },
];

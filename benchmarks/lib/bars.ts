// The speed bars that this project has set itself. Each is a ratio of two things measured side by side in one run.
import { formatCell, formatMib, formatNumber, formatRate, formatRatio, formatTable } from "./format.ts";
import { createLookup, type Lookup } from "./lookup.ts";
import type { MemoryGrowth, Results } from "./results.ts";
import { NETWORK, PROCESS } from "./roster.ts";
import { median } from "./statistics.ts";

/** One bar, and how this run stands to it. */
export interface Bar {
  readonly bar: string;
  readonly measured: string;
  /** Undefined when what it needs was not measured. */
  readonly met: boolean | undefined;
}

const TRANSPORT = "orrery-transport";
const END_TO_END = "orrery";
const LEVELS = [
  [TRANSPORT, "transport"],
  [END_TO_END, "end to end"],
] as const;

/** Largest growth of memory from the middle of the run to its end that still counts as level. */
const LEVEL_BYTES = 8 * 2 ** 20;

/** Bars that are named when they were not measured; a run of a part of the cells counts them only. */
const NAMED_MAX = 4;

/** Compares a run with every bar. */
export function judge(results: Results): Bar[] {
  const network = createLookup(results.network, NETWORK);
  const process = createLookup(results.process, PROCESS);
  return [
    ...sequentialBars(network),
    ...envelopeBars(network),
    ...typedBars(network),
    ...curveBars(network),
    ...tracedBars(network),
    ...processBars(process),
    ...startBars(results),
    ...memoryBars(results),
  ];
}

/** Writes the bars that were measured as a table, and names the others. */
export function barsTable(bars: readonly Bar[]): string {
  const judged = bars.filter(({ met }) => met !== undefined);
  const others = bars.filter(({ met }) => met === undefined).map(({ bar }) => bar);
  const rows = judged.map(({ bar, measured, met }) => [bar, measured, met === true ? "yes" : "**no**"]);
  const met = judged.filter((bar) => bar.met === true).length;
  return [
    `${met} of ${judged.length} bars are met.`,
    "",
    formatTable(["Bar", "Measured", "Met"], rows),
    ...(others.length === 0
      ? []
      : ["", `Not measured: ${others.length > NAMED_MAX ? others.length : others.join("; ")}.`]),
  ].join("\n");
}

function sequentialBars(network: Lookup): Bar[] {
  return ["64B/1", "1KiB/1", "64KiB/1"].flatMap((cell) =>
    LEVELS.flatMap(([name, level]) => {
      const p50 = network.get("p50Micros", name, cell);
      const peer = network.quickestPeer(cell);
      const title = `${formatCell(cell)}, ${level}: p50`;
      const beside = `${formatNumber(p50 ?? 0)} µs; ${formatNumber(peer?.value ?? 0)} µs ${peer?.entry.title}`;
      return [
        atMost(`${title} at most 1.3 × the control's`, over(p50, network.get("p50Micros", "tcp", cell)), 1.3),
        { ...atMost(`${title} below every peer's`, over(p50, peer?.value), 1), ...(peer && { measured: beside }) },
      ];
    }),
  );
}

function envelopeBars(network: Lookup): Bar[] {
  const rate = (name: string, cell: string) => network.get("rate", name, cell);
  const share = (cell: string, least: number) => {
    const bar = `${formatCell(cell)}, transport: at least ${least} of the control`;
    return atLeast(bar, over(rate(TRANSPORT, cell), rate("tcp", cell)), least);
  };
  const lead = (cell: string, least: number) =>
    againstPeer(`${formatCell(cell)}, transport: at least ${least} × the best peer`, {
      network,
      cell,
      rate: rate(TRANSPORT, cell),
      least,
    });
  const small = ["64B", "1KiB"];
  return [
    ...small.flatMap((size) => [share(`${size}/64`, 0.6), share(`${size}/1024`, 0.6)]),
    share("64KiB/64", 0.85),
    share("64KiB/1024", 0.85),
    ...small.flatMap((size) => [lead(`${size}/64`, 3), lead(`${size}/1024`, 6)]),
  ];
}

function typedBars(network: Lookup): Bar[] {
  const cell = "order/64";
  const rate = network.get("rate", END_TO_END, cell);
  const control = network.get("rate", "tcp", cell);
  return [
    atLeast(`${formatCell(cell)}, end to end: at least 0.4 of the control`, over(rate, control), 0.4),
    againstPeer(`${formatCell(cell)}, end to end: at least 2.5 × the best peer`, { network, cell, rate, least: 2.5 }),
  ];
}

function curveBars(network: Lookup): Bar[] {
  const bar = (name: string, level: string, cell: string) => {
    const ratio = over(network.get("rate", `${name}-curve`, cell), network.get("rate", name, cell));
    return atLeast(`${formatCell(cell)}, ${level}, CURVE: at least 0.4 of the same without`, ratio, 0.4);
  };
  return [
    ...["64B/64", "1KiB/64", "64KiB/64"].map((cell) => bar(TRANSPORT, "transport", cell)),
    ...["64B/64", "1KiB/64", "64KiB/64", "order/64"].map((cell) => bar(END_TO_END, "end to end", cell)),
  ];
}

function tracedBars(network: Lookup): Bar[] {
  return ["64B/64", "1KiB/64", "order/64"].map((cell) => {
    const ratio = over(network.get("rate", "orrery-traced", cell), network.get("rate", END_TO_END, cell));
    return atLeast(`${formatCell(cell)}, end to end, 1 % traced: at least 0.95 of untraced`, ratio, 0.95);
  });
}

function processBars(process: Lookup): Bar[] {
  return ["reading/1", "reading/64"].flatMap((cell) => {
    const encode = process.get("rate", "orrery-encode", cell);
    const title = `In process, ${formatCell(cell)}`;
    return [
      againstPeer(`${title}: container at least 1.2 × Moleculer's local call`, {
        network: process,
        cell,
        rate: process.get("rate", "orrery-copy", cell),
        least: 1.2,
      }),
      {
        ...atLeast(`${title}: with encode and decode at least 0.6 M/s`, encode, 600_000),
        ...(encode && { measured: `${formatRate(encode)}/s` }),
      },
    ];
  });
}

function startBars({ start }: Results): Bar[] {
  const ms = (name: string) => {
    const times = start.find((kind) => kind.name === name)?.ms;
    return times === undefined ? undefined : median(times);
  };
  return [
    atMost("Component process ready: at most 1.6 × a bare Node process", over(ms("component"), ms("node")), 1.6),
    atMost(
      "Component process ready: at most 1.6 × a bare Node process that listens on a port",
      over(ms("component"), ms("listener")),
      1.6,
    ),
    atMost("`orrery --help`: at most 2.5 × `node -e 0`", over(ms("orrery --help"), ms("node -e 0")), 2.5),
  ];
}

function memoryBars({ memory }: Results): Bar[] {
  const bar = (side: "server" | "client") => {
    const title = `10,000 idle calls and a slow reader: memory of the ${side} level, and within the named limits`;
    if (memory === undefined) return { bar: title, measured: "–", met: undefined };
    const growth: MemoryGrowth = memory[side];
    const grown = growth.last - growth.before;
    return {
      bar: title,
      measured: `+ ${formatMib(grown)} of ${formatMib(memory.allowedBytes)} in ${memory.seconds} s`,
      met: grown <= memory.allowedBytes && growth.last - growth.middle <= LEVEL_BYTES,
    };
  };
  return [bar("server"), bar("client")];
}

interface Lead {
  readonly network: Lookup;
  readonly cell: string;
  readonly rate: number | undefined;
  readonly least: number;
}

function againstPeer(bar: string, { network, cell, rate, least }: Lead): Bar {
  const peer = network.fastestPeer(cell);
  const found = atLeast(bar, over(rate, peer?.value), least);
  return peer === undefined ? found : { ...found, measured: `${found.measured} ${peer.entry.title}` };
}

function over(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined ? undefined : value / base;
}

function atLeast(bar: string, value: number | undefined, least: number): Bar {
  return value === undefined
    ? { bar, measured: "–", met: undefined }
    : { bar, measured: `${formatRatio(value)} ×`, met: value >= least };
}

function atMost(bar: string, value: number | undefined, most: number): Bar {
  return value === undefined
    ? { bar, measured: "–", met: undefined }
    : { bar, measured: `${formatRatio(value)} ×`, met: value <= most };
}

import type { PageData } from "../page-format.ts";

/** A run in memory: rows in their order, as columns. */
export interface Run {
  readonly data: PageData;
  readonly count: number;
  readonly endTick: number;
  readonly tick: Float64Array;
  /** When it was sent; its own tick for what is not under way. */
  readonly sent: Float64Array;
  readonly sort: Uint8Array;
  readonly node: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly label: Int32Array;
  readonly id: Float64Array;
  readonly flow: Int32Array;
  readonly cause: Int32Array;
  readonly message: Int32Array;
  readonly back: Uint8Array;
  readonly flights: Flights;
  /** Names of flows by the text that is their id. */
  readonly flowNames: ReadonlyMap<number, string>;
  /** Half of all messages were under way for no longer than so many ticks. */
  readonly medianTicks: number;
  readonly handlings: Spans;
  readonly nodeStates: Spans;
  readonly linkStates: Spans;
}

/** What is under way, sorted by when it was sent. */
export interface Flights {
  readonly row: Int32Array;
  readonly sent: Float64Array;
  readonly arrived: Float64Array;
  /** Latest arrival of all up to here: where it is over, so are all before. */
  readonly latest: Float64Array;
}

/** Times in which something lasted, sorted by their beginnings. */
export interface Spans {
  readonly count: number;
  /** Fields of each: as the page's data has them, its beginning and end replaced by `from` and `to`. */
  readonly fields: readonly (readonly number[])[];
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly latest: Float64Array;
}

/** Reads the run of the page. */
export function readRun(data: PageData): Run {
  const { rows } = data;
  const count = rows.tick.length;
  const tick = new Float64Array(count);
  const sent = new Float64Array(count);
  let now = 0;
  for (let row = 0; row < count; row++) {
    now += rows.tick[row] as number;
    tick[row] = now;
    sent[row] = now - (rows.took[row] as number);
  }
  const columns = {
    tick,
    sent,
    sort: Uint8Array.from(rows.sort),
    node: Int32Array.from(rows.node),
    from: Int32Array.from(rows.from),
    to: Int32Array.from(rows.to),
    label: Int32Array.from(rows.label),
    id: Float64Array.from(rows.id),
    flow: Int32Array.from(rows.flow),
    cause: Int32Array.from(rows.cause),
    message: Int32Array.from(rows.message),
    back: Uint8Array.from(rows.back),
  };
  const medianTicks = medianOf(rows.took);
  return {
    data,
    count,
    endTick: Math.max(1, data.endTick),
    ...columns,
    medianTicks,
    flowNames: new Map(data.flowNames.map(([id, name]) => [id, data.texts[name] ?? ""])),
    flights: flightsOf(columns, medianTicks),
    handlings: spansOf(data.handlings, 5, 1),
    nodeStates: spansOf(data.nodeStates, 4, 2),
    linkStates: spansOf(data.linkStates, 5, 3),
  };
}

function medianOf(took: readonly number[]): number {
  const under = Float64Array.from(took.filter((ticks) => ticks > 0)).sort();
  return under[under.length >> 1] ?? 1000;
}

type Columns = Pick<Run, "tick" | "sent" | "from" | "to">;

/** What was lost flies, too: half its way, for as long as others take. */
function flightsOf({ tick, sent, from, to }: Columns, medianTicks: number): Flights {
  const rows: number[] = [];
  for (let row = 0; row < tick.length; row++)
    if ((from[row] as number) >= 0 || (to[row] as number) >= 0) rows.push(row);
  const sorted = Int32Array.from(rows).sort((a, b) => (sent[a] as number) - (sent[b] as number) || a - b);
  const arrived = (row: number) => (tick[row] as number) + ((to[row] as number) >= 0 ? medianTicks : 0);
  return {
    row: sorted,
    sent: Float64Array.from(sorted, (row) => sent[row] as number),
    ...withLatest(Float64Array.from(sorted, arrived), "arrived"),
  };
}

function withLatest<K extends string>(ends: Float64Array, key: K) {
  let latest = Number.NEGATIVE_INFINITY;
  const all = ends.map((end) => {
    latest = Math.max(latest, end);
    return latest;
  });
  return { [key]: ends, latest: all } as { readonly [P in K]: Float64Array } & { readonly latest: Float64Array };
}

function spansOf(packed: readonly number[], width: number, at: number): Spans {
  const fields: number[][] = [];
  for (let index = 0; index < packed.length; index += width) fields.push(packed.slice(index, index + width));
  fields.sort((a, b) => (a[at] as number) - (b[at] as number));
  const from = Float64Array.from(fields, (one) => one[at] as number);
  const to = Float64Array.from(fields, (one) => (one[at] as number) + (one[at + 1] as number));
  return { count: fields.length, fields, from, ...withLatest(to, "to") };
}

/** Place of the first number that is above a limit, in numbers that never fall. */
export function firstAbove(numbers: Float64Array, limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Calls for each of what has begun at a time and is not over: the latest beginning first. */
export function eachAt(
  begins: Float64Array,
  { ends, latest }: { readonly ends: Float64Array; readonly latest: Float64Array },
  tick: number,
  visit: (index: number) => void,
): void {
  for (let index = firstAbove(begins, tick) - 1; index >= 0 && (latest[index] as number) > tick; index--)
    if ((ends[index] as number) > tick) visit(index);
}

/** The text of a row. */
export function labelOf({ data, label, message, back, id, sort }: Run, row: number): string {
  const text = data.texts[label[row] as number] ?? "";
  const name = data.texts[data.messages.name[message[row] as number] ?? 0] ?? "";
  if (back[row] === 1 && name !== "") return `${text} of ${name} ${id[row]}`;
  if (sort[row] !== 0) return text;
  return (message[row] as number) >= 0 || (id[row] as number) > 0
    ? `${text.replace(/^request /, "")} ${id[row]}`
    : text;
}

/** The name of a node, by its place; `world` for none. */
export function nodeName({ data }: Run, node: number): string {
  return data.nodes[node]?.name ?? "world";
}

/** Where a row happened: `a → b` for what was under way, nothing for the world. */
export function whereOf(run: Run, row: number): string {
  const [node, from, to] = [run.node[row] ?? -1, run.from[row] ?? -1, run.to[row] ?? -1];
  if (from >= 0) return `${nodeName(run, from)} → ${nodeName(run, node)}`;
  if (to >= 0) return `${nodeName(run, node)} ⇢ ${nodeName(run, to)}`;
  return node < 0 ? "" : nodeName(run, node);
}

/** The name of a flow, or its id; by its text. */
export function flowName({ data, flowNames }: Run, flow: number): string {
  return flowNames.get(flow) ?? data.texts[flow] ?? "";
}

/** What led to a row, the latest first; not the row itself. */
export function causesOf({ cause, count }: Run, row: number): readonly number[] {
  const causes: number[] = [];
  for (let next = cause[row] ?? -1; next >= 0 && causes.length < count; next = cause[next] ?? -1) causes.push(next);
  return causes;
}

/** Writes a tick as ms. */
export function formatMs(tick: number, digits = 3): string {
  const [whole = "", part] = (tick / 1000).toFixed(digits).split(".");
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, "\u2009");
  return part === undefined ? grouped : `${grouped}.${part}`;
}

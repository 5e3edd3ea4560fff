import { cut, type FittedColumn, fittedTable, type Mood } from "../fitted-table.ts";
import { shortName } from "../short-name.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import type { TopRow } from "./top-data.ts";

/** By what the table is ordered. */
export type TopSort = "busy" | "wait" | "rate" | "failed" | "cpu" | "memory" | "name";

/** Orders of the table, in the order in which a key goes through them. */
export const TOP_SORTS: readonly TopSort[] = ["busy", "wait", "rate", "failed", "cpu", "memory", "name"];

/** How a frame is drawn. */
export interface FrameOptions {
  readonly columns: number;
  /** Lines that there are; undefined for as many as are needed. */
  readonly rows: number | undefined;
  readonly sort: TopSort;
  /** Puts text in a colour that tells a state. */
  readonly paint: (state: Mood, text: string) => string;
  /** Time of day. */
  readonly time: string;
  /** What keys there are; empty where nobody types. */
  readonly keys: string;
}

const MOODS: Readonly<Record<string, Mood>> = { alive: "good", silent: "bad", dead: "bad" };
const rate = (value: number | undefined) => (value === undefined ? "-" : formatRate(value));
const ofComponent = (text: (row: TopRow) => string) => (row: TopRow) => (row.component === "" ? "" : text(row));

const COLUMNS: readonly FittedColumn<TopRow>[] = [
  { heading: "NODE", text: ({ node }) => node, dropped: 0 },
  { heading: "STATUS", text: ({ state }) => state, dropped: 5, mood: ({ state }) => MOODS[state] ?? "busy" },
  { heading: "COMPONENT", text: ({ component, why }) => (component === "" ? why : shortName(component)), dropped: 0 },
  { heading: "VERSION", text: ({ version }) => version, dropped: 9 },
  {
    heading: "READY",
    text: ofComponent(({ ready, instances }) => `${ready}/${instances}`),
    right: true,
    dropped: 4,
    mood: ({ ready, instances }) => (ready === instances ? undefined : "busy"),
  },
  { heading: "BUSY", text: ofComponent(({ busy }) => String(busy)), right: true, dropped: 0 },
  {
    heading: "WAIT",
    text: ofComponent(({ waiting }) => String(waiting)),
    right: true,
    dropped: 0,
    mood: ({ waiting }) => (waiting > 0 ? "busy" : undefined),
  },
  {
    heading: "FOR",
    text: ofComponent(({ waitedMs }) => (waitedMs > 0 ? formatTime(waitedMs) : "-")),
    right: true,
    dropped: 7,
  },
  { heading: "MSG/S", text: ofComponent(({ perSecond }) => rate(perSecond)), right: true, dropped: 1 },
  {
    heading: "FAIL/S",
    text: ofComponent(({ failedPerSecond }) => rate(failedPerSecond)),
    right: true,
    dropped: 6,
    mood: ({ failedPerSecond = 0 }) => (failedPerSecond > 0 ? "bad" : undefined),
  },
  {
    heading: "CPU",
    text: ({ cpu }) => (cpu === undefined ? "-" : `${Math.round(cpu * 100)}%`),
    right: true,
    dropped: 3,
  },
  {
    heading: "MEMORY",
    text: ({ memoryBytes }) => (memoryBytes === 0 ? "-" : formatBytes(memoryBytes)),
    right: true,
    dropped: 8,
  },
];

/** Draws the table of all nodes, within so many columns and lines. Pure; gives lines without their ends. */
export function drawFrame(rows: readonly TopRow[], options: FrameOptions): readonly string[] {
  const { columns, sort, time, keys } = options;
  const sum = (read: (row: TopRow) => number) => rows.reduce((all, row) => all + read(row), 0);
  const nodes = new Set(rows.map(({ node }) => node)).size;
  const rates = rows.some(({ perSecond }) => perSecond !== undefined)
    ? `, ${formatRate(sum(({ perSecond = 0 }) => perSecond))} msg/s`
    : "";
  const summary = `${time}  ${nodes} ${nodes === 1 ? "node" : "nodes"}, ${sum(({ busy }) => busy)} busy, ${sum(({ waiting }) => waiting)} wait${rates}`;
  const head = [summary, ...(keys === "" ? [] : [`by ${sort}  ${keys}`])].map((line) => cut(line, columns));
  const lines = fittedTable([...rows].sort(orderBy(sort)), COLUMNS, options);
  const room = options.rows === undefined ? lines.length : Math.max(1, options.rows - head.length - 1);
  const shown = lines.slice(0, room);
  const hidden = lines.length - shown.length;
  if (hidden === 0) return [...head, "", ...shown];
  return [...head, "", ...shown.slice(0, -1), cut(`and ${hidden + 1} more`, columns)];
}

const KEYS: Readonly<Record<Exclude<TopSort, "name">, (row: TopRow) => number>> = {
  busy: ({ busy, waiting }) => busy + waiting / 1e6,
  wait: ({ waiting, waitedMs }) => waiting + waitedMs / 1e9,
  rate: ({ perSecond = 0 }) => perSecond,
  failed: ({ failedPerSecond = 0 }) => failedPerSecond,
  cpu: ({ cpu = 0 }) => cpu,
  memory: ({ memoryBytes }) => memoryBytes,
};

function orderBy(sort: TopSort): (a: TopRow, b: TopRow) => number {
  return (a, b) => {
    const most = sort === "name" ? 0 : KEYS[sort](b) - KEYS[sort](a);
    return most || compare(a.node, b.node) || compare(a.component, b.component);
  };
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

import { type TimelineBar, timeText } from "./timeline-bar.ts";

const COLUMN_WIDTH_MAX = 32;

/** A line of the text: what begins and ends at a time. */
interface Moment {
  readonly time: number;
  readonly bar: TimelineBar;
  readonly kind: "call" | "return";
}

/** Draws bars down the page: a line for each call and each return, a column for each process. */
export function textTimeline(bars: readonly TimelineBar[]): string {
  const processes = [...new Set(bars.map((bar) => bar.process))].sort((a, b) => a - b);
  const widths = processes.map((process) => columnWidth(bars.filter((bar) => bar.process === process)));
  const moments = momentsOf(bars);
  const timeWidth = Math.max(4, ...moments.map(({ time }) => timeText(time).length));
  const running = new Map<number, TimelineBar>();
  const lines = [row("time".padStart(timeWidth), processes.map(String), widths)];
  for (const moment of moments) {
    const { process } = moment.bar;
    if (moment.kind === "call") running.set(process, moment.bar);
    const cells = processes.map((other) => (other === process ? cell(moment) : rail(running.get(other))));
    if (moment.kind === "return") running.delete(process);
    lines.push(row(timeText(moment.time).padStart(timeWidth), cells, widths));
  }
  return `${lines.join("\n")}\n`;
}

/** By time; what touches at one instant overlaps, so calls come before returns, save after one of the same process. */
function momentsOf(bars: readonly TimelineBar[]): Moment[] {
  const calls = bars.map((bar): Moment => ({ time: bar.callAt, bar, kind: "call" }));
  const ended = bars.filter((bar) => bar.returnAt !== Number.POSITIVE_INFINITY);
  const returns = ended.map((bar): Moment => ({ time: bar.returnAt, bar, kind: "return" }));
  const all = [...calls, ...returns].sort((a, b) => a.time - b.time || rank(a) - rank(b));
  return processOrder(all);
}

function rank({ kind }: Moment): number {
  return kind === "call" ? 0 : 1;
}

/** Puts the return of an operation before the next call of its process where both are at one instant. */
function processOrder(moments: readonly Moment[]): Moment[] {
  const ordered: Moment[] = [];
  const open = new Map<number, TimelineBar>();
  for (const moment of moments) {
    const { process } = moment.bar;
    const before = open.get(process);
    if (moment.kind === "return") {
      if (before !== moment.bar) continue; // Stands already, before the call that follows it.
      open.delete(process);
    } else {
      if (before !== undefined) ordered.push({ time: moment.time, bar: before, kind: "return" });
      open.set(process, moment.bar);
    }
    ordered.push(moment);
  }
  return ordered;
}

function cell({ kind, bar }: Moment): string {
  if (kind === "return") return `└${bar.isMarked ? " !" : ""}`;
  const place = bar.place === undefined ? "" : `${bar.place}. `;
  return `┌ ${place}${bar.label}${bar.isMarked ? " !" : ""}`;
}

function rail(bar: TimelineBar | undefined): string {
  if (bar === undefined) return "";
  return bar.outcome === "unknown" ? "┆" : "│";
}

function columnWidth(bars: readonly TimelineBar[]): number {
  const widest = Math.max(3, ...bars.map((bar) => cell({ kind: "call", bar, time: 0 }).length));
  return Math.min(widest, COLUMN_WIDTH_MAX);
}

function row(time: string, cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((text, index) => {
    const width = widths[index] ?? 0;
    return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
  });
  return [time, ...padded].join("  ").trimEnd();
}

import type { Tape } from "../chance/tape.ts";
import type { Fault } from "../faults/fault.ts";
import { TICKS_PER_MS } from "../limits.ts";

/** An event of a run, as a tape names it. */
export interface RunStep {
  readonly id: string;
  /** Node at which it happened. */
  readonly node: string;
  readonly tick: number;
}

/** Fewer entries than this are told as shortly one by one. */
const SEVERAL = 3;

/** Times that are tried for faults, at most. */
const TIMES_MAX = 64;

/**
 * Events that were put off, told as what would put them off: a pause of their node, a link that is clogged for a while, or one that is
 * slower all the time. A tape for each that could be.
 */
export function faultsInstead(tape: Tape, steps: readonly RunStep[]): readonly Tape[] {
  const delayed = steps.filter(({ id }) => tape.delays[id] !== undefined);
  return [
    ...groupsOf(delayed, ({ node }) => node).map(([node, own]) =>
      spanInstead(tape, own, { verb: "pause", node }, { verb: "resume", node }),
    ),
    ...groupsOf(delayed, linkOf).flatMap(([link, own]) => {
      const [from = "", to = ""] = link.split(">");
      const clog = spanInstead(tape, own, { verb: "clog", from, to }, { verb: "unclog", from, to });
      const latency = Math.round(middleOf(own.map(({ id }) => tape.delays[id] ?? 0)) / TICKS_PER_MS);
      const slower = { atMs: 0, fault: { verb: "link", from, to, change: { latency } } } as const;
      return from === to
        ? []
        : [clog, { ...tape, delays: without(tape.delays, own), faults: [slower, ...tape.faults] }];
    }),
  ];
}

function groupsOf(
  steps: readonly RunStep[],
  keyOf: (step: RunStep) => string,
): readonly (readonly [string, readonly RunStep[]])[] {
  const groups = new Map<string, RunStep[]>();
  for (const step of steps) groups.set(keyOf(step), [...(groups.get(keyOf(step)) ?? []), step]);
  return [...groups].filter(([, own]) => own.length >= SEVERAL);
}

function linkOf({ id, node }: RunStep): string {
  return `${id.slice(0, id.lastIndexOf("#"))}>${node}`;
}

function spanInstead(tape: Tape, steps: readonly RunStep[], begin: Fault, end: Fault): Tape {
  const fromTick = Math.min(...steps.map(({ id, tick }) => tick - (tape.delays[id] ?? 0)));
  const toTick = Math.max(...steps.map(({ tick }) => tick));
  const faults = [
    ...tape.faults,
    { atMs: fromTick / TICKS_PER_MS, fault: begin },
    { atMs: toTick / TICKS_PER_MS, fault: end },
  ];
  return { ...tape, delays: without(tape.delays, steps), faults: faults.toSorted((a, b) => a.atMs - b.atMs) };
}

function without(delays: Tape["delays"], steps: readonly RunStep[]): Tape["delays"] {
  const ids = new Set(steps.map(({ id }) => id));
  return Object.fromEntries(Object.entries(delays).filter(([id]) => !ids.has(id)));
}

function middleOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** Several latencies of one direction, told as one that all of its messages have: a tape for each such direction. */
export function evenLinks(tape: Tape): readonly Tape[] {
  const byLink = new Map<string, number[]>();
  for (const [key, ticks] of Object.entries(tape.picks)) {
    const [, link] = /^latency (.+) \d+$/.exec(key) ?? [];
    if (link !== undefined) byLink.set(link, [...(byLink.get(link) ?? []), ticks]);
  }
  return [...byLink].flatMap(([link, ticks]) => {
    const [from, to] = link.split(">");
    if (ticks.length < SEVERAL || from === undefined || to === undefined) return [];
    const latency = Math.round(middleOf(ticks) / 100) / 10;
    const picks = Object.fromEntries(Object.entries(tape.picks).filter(([key]) => !key.startsWith(`latency ${link} `)));
    const change = { atMs: 0, fault: { verb: "link", from, to, change: { latency } } } as const;
    return [{ ...tape, picks, faults: [change, ...tape.faults] }];
  });
}

/** The tape without anything that only moves events in time. */
export function withoutTimes(tape: Tape): Tape {
  const picks = Object.fromEntries(Object.entries(tape.picks).filter(([key]) => !key.startsWith("latency ")));
  return { ...tape, picks, delays: {} };
}

/** The tape with its faults moved together, so that the first comes at one and another of a run's events. */
export function atOtherTimes(tape: Tape, steps: readonly RunStep[]): readonly Tape[] {
  const firstMs = tape.faults.find(({ atMs }) => atMs > 0)?.atMs;
  if (firstMs === undefined) return [];
  const ticks = [...new Set(steps.map(({ tick }) => tick))].filter((tick) => tick > 0);
  const stride = Math.max(1, Math.ceil(ticks.length / TIMES_MAX));
  return ticks
    .filter((_, index) => index % stride === 0)
    .map((tick) => {
      const byMs = tick / TICKS_PER_MS - firstMs;
      const faults = tape.faults.map((fault) =>
        fault.atMs > 0 ? { ...fault, atMs: Math.max(0, Math.round((fault.atMs + byMs) * 1000) / 1000) } : fault,
      );
      return { ...tape, faults };
    });
}

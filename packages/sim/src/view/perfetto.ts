import type { TraceRecord } from "../trace/trace.ts";
import { findFlow } from "./flows.ts";
import { type Handling, type Leg, legsOf, messagesOf, type RunMessage } from "./messages.ts";
import { endTickOf, type Recording } from "./recording.ts";
import { statesOf } from "./run-states.ts";
import { createThreads, type Threads } from "./threads.ts";

/** An event of the Chrome trace format. Times are µs, which are ticks. */
interface TraceEvent {
  readonly ph: "M" | "X" | "b" | "e" | "s" | "f" | "i";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: string;
  readonly bp?: "e";
  readonly s?: "g" | "p" | "t";
  readonly args?: object;
}

/** What is exported of a run. */
export interface ExportOptions {
  /** One flow only, by its name or `node/id`. Default: all. */
  readonly flow?: string;
}

/**
 * Writes a run in the Chrome trace format, which `ui.perfetto.dev` and `chrome://tracing` open: a process for each node, a thread for each
 * instance, a slice for each handling, an async slice for each message under way, arrows from sender to handler, marks for faults and points.
 * @throws OrreryError `not_found` for a flow that is not there
 */
export function toPerfetto(recording: Recording, { flow }: ExportOptions = {}): string {
  const id = flow === undefined ? undefined : findFlow(recording, flow).id;
  const traceEvents = new PerfettoWriter(recording).write(id);
  const { scenario, seed, hash } = recording;
  return JSON.stringify({ displayTimeUnit: "ms", otherData: { scenario, seed: String(seed), hash }, traceEvents });
}

/** Where a slice was put. */
interface Slice {
  readonly pid: number;
  readonly tid: number;
  readonly fromTick: number;
  readonly toTick: number;
}

class PerfettoWriter {
  readonly #recording: Recording;
  readonly #threads: Threads;
  readonly #pids = new Map<string, number>([["", 0]]);
  readonly #endTick: number;
  readonly #events: TraceEvent[] = [];
  readonly #handlings = new Map<Handling, Slice>();
  readonly #calls = new Map<RunMessage, Slice>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#endTick = endTickOf(recording);
    for (const { name, number } of recording.nodes) this.#pids.set(name, number);
    this.#threads = createThreads();
  }

  write(flow: string | undefined): readonly TraceEvent[] {
    const messages = messagesOf(this.#recording, flow);
    this.#writeSlices(messages);
    for (const [index, leg] of legsOf(messages).entries()) this.#writeLeg(leg, index + 1, messages);
    for (const state of statesOf(this.#recording).nodes) {
      const { node, kind, fromTick, toTick } = state;
      this.#slice(node, "state", { name: kind, cat: "fault", fromTick, toTick });
    }
    for (const record of this.#recording.records) this.#writeMark(record, flow);
    // Sorted by time, slices before the arrows that are bound to them.
    const order = (event: TraceEvent) => (event.ph === "X" ? 0 : 1);
    const events = this.#events.toSorted((a, b) => (a.ts ?? 0) - (b.ts ?? 0) || order(a) - order(b));
    return [...this.#describe(), ...events];
  }

  #writeSlices(messages: readonly RunMessage[]): void {
    const slices = messages.flatMap((message) => [
      ...message.handlings.map((handling) => ({ message, handling, fromTick: handling.startedTick ?? -1 })),
      ...(message.instance === "" ? [{ message, handling: undefined, fromTick: message.queuedTick }] : []),
    ]);
    for (const { message, handling, fromTick } of slices.toSorted((a, b) => a.fromTick - b.fromTick)) {
      if (fromTick < 0) continue;
      const name = `${message.component}.${message.method}`;
      const args = argsOf(message, handling?.outcome ?? message.outcome);
      if (handling === undefined) {
        const toTick = message.returnedTick ?? this.#endTick;
        this.#calls.set(message, this.#slice(message.node, "calls", { name, cat: "call", fromTick, toTick, args }));
      } else {
        const toTick = handling.endedTick ?? this.#endTick;
        const slice = { name, cat: "handling", fromTick, toTick, args };
        this.#handlings.set(handling, this.#slice(handling.node, handling.instance, slice));
      }
    }
  }

  #slice(
    node: string,
    thread: string,
    {
      name,
      cat,
      fromTick,
      toTick,
      args,
    }: { name: string; cat: string; fromTick: number; toTick: number; args?: object },
  ): Slice {
    const pid = this.#pids.get(node) ?? 0;
    const dur = Math.max(1, toTick - fromTick); // An arrow is not bound to a slice of no length.
    const tid = this.#threads.place(pid, thread, fromTick, fromTick + dur);
    this.#events.push({ ph: "X", name, cat, pid, tid, ts: fromTick, dur, ...(args && { args }) });
    return { pid, tid, fromTick, toTick: fromTick + dur };
  }

  #writeLeg(leg: Leg, number: number, messages: readonly RunMessage[]): void {
    const { kind, message, from, to, sentTick, arrivedTick, outcome } = leg;
    const pid = this.#pids.get(from.node) ?? 0;
    const id = `${kind} ${number}`;
    const event = { name: `${message.component}.${message.method}`, cat: kind, pid, tid: 0, id };
    const args = { ...argsOf(message, outcome), from: from.node, to: to.node, arrived: arrivedTick !== undefined };
    this.#events.push({ ph: "b", ...event, ts: sentTick, args }, { ph: "e", ...event, ts: arrivedTick ?? sentTick });
    if (arrivedTick === undefined) {
      if (kind === "request")
        this.#events.push({ ph: "i", s: "p", name: outcome || "lost", pid, tid: 0, ts: sentTick, args });
      return;
    }
    const [start, end] = this.#endsOf(leg, messages);
    if (start === undefined || end === undefined) return;
    const arrow = { name: "message", cat: "message", id: String(number) };
    this.#events.push({ ph: "s", ...arrow, pid: start.pid, tid: start.tid, ts: within(start, sentTick) });
    this.#events.push({ ph: "f", bp: "e", ...arrow, pid: end.pid, tid: end.tid, ts: within(end, arrivedTick) });
  }

  /** Slices in which a leg begins and ends. */
  #endsOf(
    { kind, message, from, to, arrivedTick }: Leg,
    messages: readonly RunMessage[],
  ): readonly (Slice | undefined)[] {
    const sender = message.instance === "" ? this.#calls.get(message) : this.#parentOf(message, messages);
    const fits = ({ node, instance, receivedTick, repliedTick }: Handling) =>
      kind === "request"
        ? node === to.node && instance === to.instance && receivedTick === arrivedTick
        : node === from.node && instance === from.instance && repliedTick !== undefined;
    const handling = message.handlings.find(fits);
    const handler = handling && this.#handlings.get(handling);
    return kind === "request" ? [sender, handler] : [handler, sender];
  }

  #parentOf({ parent, node, instance }: RunMessage, messages: readonly RunMessage[]): Slice | undefined {
    this.#byKey ??= new Map(messages.map((message) => [message.key, message]));
    const handlings = this.#byKey.get(parent)?.handlings ?? [];
    const handling = handlings.find((one) => one.node === node && one.instance === instance);
    return handling && this.#handlings.get(handling);
  }

  #byKey: ReadonlyMap<string, RunMessage> | undefined;

  #writeMark({ kind, node, tick, text, flow, what }: TraceRecord, wanted: string | undefined): void {
    const pid = this.#pids.get(node) ?? 0;
    const isOfFlow = wanted === undefined || flow === wanted;
    if (kind === "fault") this.#events.push({ ph: "i", s: "g", name: text, cat: "fault", pid: 0, tid: 0, ts: tick });
    else if (kind === "life") this.#events.push({ ph: "i", s: "p", name: text, cat: "fault", pid, tid: 0, ts: tick });
    else if (kind === "point" && isOfFlow) {
      const tid = this.#threads.find(pid, what?.instance ?? "");
      this.#events.push({
        ph: "i",
        s: "t",
        name: what?.step ?? text,
        cat: "point",
        pid,
        tid,
        ts: tick,
        args: { flow },
      });
    } else if (kind === "log" && isOfFlow)
      this.#events.push({ ph: "i", s: "t", name: text, cat: "log", pid, tid: 0, ts: tick });
  }

  #describe(): readonly TraceEvent[] {
    const processes = [...this.#pids].flatMap(([node, pid]): readonly TraceEvent[] => [
      { ph: "M", name: "process_name", pid, tid: 0, args: { name: node === "" ? "world" : node } },
      { ph: "M", name: "process_sort_index", pid, tid: 0, args: { sort_index: pid } },
    ]);
    const threads = this.#threads
      .all()
      .map(({ pid, tid, name }): TraceEvent => ({ ph: "M", name: "thread_name", pid, tid, args: { name } }));
    return [...processes, ...threads];
  }
}

function argsOf({ key, flow, mode }: RunMessage, outcome: string): object {
  return { message: key, flow, mode, ...(outcome !== "" && { outcome }) };
}

/** A time at which an arrow is bound to a slice: its end is outside of it. */
function within({ fromTick, toTick }: Slice, tick: number): number {
  return Math.max(fromTick, Math.min(tick, toTick - 1));
}

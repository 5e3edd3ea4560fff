import type { Clock } from "./clock.ts";
import type { FlowRef } from "./envelope.ts";
import type { FlowEnd, FlowEvent } from "./flow.ts";
import { describeStep, type FlowModel, type FlowStep, type ModelPart } from "./flow-model.ts";
import { after, dueMs, expected, keyOf, mayEnd, missing, running } from "./flow-model-state.ts";
import { FLOW_BREACHES_MAX, FLOW_MODEL_READINGS_MAX, FLOW_STEPS_SHOWN_MAX, FLOWS_MONITORED_MAX } from "./limits.ts";
import type { MessageEvent } from "./message-events.ts";
import type { PointHit } from "./point.ts";

/** A flow that did not keep to its model. */
export interface FlowBreach {
  readonly model: string;
  readonly flow: FlowRef;
  /** A wrong step; one that came or would come too late; one that never came. */
  readonly kind: "wrong" | "late" | "missing";
  /** On the monitor's clock, in ms. */
  readonly atMs: number;
  /** Steps that could have come; of `missing`, those that had to. */
  readonly expected: readonly string[];
  /** What came in their place; undefined where nothing did. */
  readonly came: string | undefined;
  /** The last steps of the flow before, oldest first. */
  readonly seen: readonly string[];
  /** All of it in words. */
  readonly text: string;
}

/** Options of a monitor. */
export interface FlowMonitorOptions {
  /** A flow is held to each that is for its name. */
  readonly models: readonly FlowModel[];
  /** Limits of time are measured on it, whichever node a step happens at. */
  readonly clock: Pick<Clock, "monotonic">;
  /** Called at each breach. Default: nobody. */
  readonly onBreach?: (breach: FlowBreach) => void;
}

/**
 * Holds flows to their models while they run. Give its hooks to every node that the flows touch, and steps in the order in which they
 * happen. A flow is told of once: after its first breach it is not looked at any more.
 * @example
 * const monitor = createFlowMonitor({ models: [checkout], clock });
 * const node = createNode({ components, onMessage: monitor.onMessage, onFlow: monitor.onFlow, onPoint: monitor.onPoint });
 */
export interface FlowMonitor {
  /** Hooks for a node; they need no `this`. */
  readonly onMessage: (event: MessageEvent) => void;
  readonly onFlow: (event: FlowEvent) => void;
  readonly onPoint: (hit: PointHit) => void;
  /** What was broken so far, at most `FLOW_BREACHES_MAX`. */
  readonly breaches: readonly FlowBreach[];
  /** Flows that were not looked at, because too many were open or their model was too ambiguous. */
  readonly skipped: number;
  /** Finds steps whose time is over though nothing has happened since. */
  check(): void;
  /** Ends the run: what must happen in a flow that is open and has not happened is missing. Gives all breaches. */
  finish(): readonly FlowBreach[];
}

/** Makes a monitor. */
export function createFlowMonitor(options: FlowMonitorOptions): FlowMonitor {
  return new ModelMonitor(options);
}

/** One flow against one model. */
interface Track {
  readonly model: FlowModel;
  readonly flow: FlowRef;
  /** What may be left of the model, one for each way to read what has happened. */
  left: readonly ModelPart[];
  readonly seen: string[];
}

/** Owns: the flows that are open and have a model. I1: at most `FLOWS_MONITORED_MAX` are tracked, and as many remembered that have ended. */
class ModelMonitor implements FlowMonitor {
  readonly #options: FlowMonitorOptions;
  readonly #tracks = new Map<string, readonly Track[]>();
  /** Parents of sub-flows, whose ends may be steps. */
  readonly #parents = new Map<string, FlowRef>();
  /** Flows that have ended, oldest first, and the models that they have kept to. */
  readonly #ended = new Map<string, readonly Track[]>();
  readonly breaches: FlowBreach[] = [];
  skipped = 0;

  constructor(options: FlowMonitorOptions) {
    this.#options = options;
  }

  readonly onMessage = ({ kind, component, method, flow, outcome }: MessageEvent): void => {
    this.#step(flow, { kind: "message", name: `${component}.${method}`, at: kind, outcome });
  };

  readonly onPoint = ({ name, flow }: PointHit): void => {
    this.#step(flow, { kind: "point", name });
  };

  readonly onFlow = (event: FlowEvent): void => {
    const key = keyOfFlow(event.flow);
    if (event.kind === "begin") {
      this.#ended.delete(key); // Another life of a node gives out its ids anew.
      this.#begin(key, event.flow);
      if (event.parent !== undefined && this.#parents.size < FLOWS_MONITORED_MAX) this.#parents.set(key, event.parent);
      return;
    }
    this.#end(key, event.how);
    const parent = this.#parents.get(key);
    this.#parents.delete(key);
    if (parent !== undefined) this.#step(parent, { kind: "flow", name: event.flow.name, how: event.how });
  };

  check(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const [key, tracks] of [...this.#tracks])
      this.#keep(
        key,
        tracks.filter((track) => this.#inTime(track, undefined, nowMs)),
      );
  }

  finish(): readonly FlowBreach[] {
    this.check();
    for (const tracks of this.#tracks.values())
      for (const track of tracks) this.#assertComplete(track, "the run ended");
    this.#tracks.clear();
    this.#parents.clear();
    return this.breaches;
  }

  #begin(key: string, flow: FlowRef): readonly Track[] {
    const models = this.#options.models.filter(({ isFor }) => isFor(flow.name));
    if (models.length === 0) return NO_TRACKS;
    if (this.#tracks.size >= FLOWS_MONITORED_MAX) {
      this.skipped++; // I1
      return NO_TRACKS;
    }
    const nowMs = this.#options.clock.monotonic();
    const tracks = models.map((model) => ({ model, flow, left: [running(model.part, nowMs)], seen: [] }));
    this.#tracks.set(key, tracks);
    return tracks;
  }

  #step(flow: FlowRef, step: FlowStep): void {
    const key = keyOfFlow(flow);
    const ended = this.#ended.get(key);
    if (ended !== undefined) {
      this.#ended.set(
        key,
        ended.filter((track) => !track.model.names(step) || this.#afterEnd(track, step)),
      );
      return;
    }
    const tracks = this.#tracks.get(key) ?? this.#begin(key, flow);
    if (tracks.length === 0) return;
    const nowMs = this.#options.clock.monotonic();
    const kept = tracks.filter((track) => !track.model.names(step) || this.#take(track, step, nowMs));
    if (kept.length < tracks.length) this.#keep(key, kept);
  }

  /** Brings a track on by a step; false when it is to be looked at no more. */
  #take(track: Track, step: FlowStep, nowMs: number): boolean {
    if (!this.#inTime(track, step, nowMs)) return false;
    const next = new Map<string, ModelPart>();
    for (const left of track.left) {
      for (const one of after(left, step, nowMs)) {
        const fresh = running(one, nowMs);
        next.set(keyOf(fresh), fresh);
      }
    }
    if (next.size === 0) {
      this.#breach(track, { kind: "wrong", expected: expectedOf(track.left), came: describeStep(step) });
      return false;
    }
    if (next.size > FLOW_MODEL_READINGS_MAX) {
      this.skipped++;
      return false;
    }
    track.left = [...next.values()];
    track.seen.push(describeStep(step));
    if (track.seen.length > FLOW_STEPS_SHOWN_MAX) track.seen.shift();
    return true;
  }

  /** Forgets readings whose time is over; false, with a breach, when none is left. */
  #inTime(track: Track, step: FlowStep | undefined, nowMs: number): boolean {
    const left = track.left.filter((one) => dueMs(one) >= nowMs);
    if (left.length === 0) {
      const came = step && describeStep(step);
      this.#breach(track, { kind: "late", expected: expectedOf(track.left), came });
      return false;
    }
    track.left = left;
    return true;
  }

  #end(key: string, how: FlowEnd): void {
    const tracks = this.#tracks.get(key);
    if (tracks === undefined) return;
    this.#tracks.delete(key);
    const nowMs = this.#options.clock.monotonic();
    const kept = tracks.filter(
      (track) =>
        track.model.completeOn.includes(how) &&
        this.#inTime(track, undefined, nowMs) &&
        this.#assertComplete(track, `it ended (${how})`),
    );
    this.#ended.set(key, kept);
    if (this.#ended.size > FLOWS_MONITORED_MAX) this.#ended.delete(this.#ended.keys().next().value ?? ""); // I1
  }

  #assertComplete(track: Track, when: string): boolean {
    if (track.left.some(mayEnd)) return true;
    // Of several readings, the one that lacks least is the likeliest.
    const lacking = track.left.map(missing).sort((a, b) => a.length - b.length);
    this.#breach(track, { kind: "missing", expected: lacking[0] ?? [], came: undefined }, when);
    return false;
  }

  #afterEnd(track: Track, step: FlowStep): boolean {
    this.#breach(track, { kind: "wrong", expected: [], came: describeStep(step) });
    return false;
  }

  #keep(key: string, tracks: readonly Track[]): void {
    this.#tracks.set(key, tracks);
  }

  #breach(track: Track, facts: Pick<FlowBreach, "kind" | "expected" | "came">, when = ""): void {
    const { model, flow } = track;
    const atMs = this.#options.clock.monotonic();
    const seen = [...track.seen];
    const about = { model: model.name, flow, atMs, seen, ...facts };
    const breach = Object.freeze({ ...about, text: describeBreach(about, when) });
    if (this.breaches.length < FLOW_BREACHES_MAX) this.breaches.push(breach);
    this.#options.onBreach?.(breach);
  }
}

const NO_TRACKS: readonly Track[] = Object.freeze([]);

function keyOfFlow({ node, id }: FlowRef): string {
  return `${node}/${id}`;
}

function expectedOf(left: readonly ModelPart[]): readonly string[] {
  return [...new Set(left.flatMap(expected))];
}

function describeBreach(breach: Omit<FlowBreach, "text">, when: string): string {
  const { model, flow, kind, atMs, expected: wanted, came, seen } = breach;
  const subject = `Flow "${flow.name}" (${keyOfFlow(flow)}) does not keep to model "${model}" at ${atMs} ms`;
  const so = seen.length === 0 ? "before any other step" : `after ${seen.join(", ")}`;
  const alternatives = wanted.length === 0 ? "nothing more" : wanted.join(" or ");
  switch (kind) {
    case "missing":
      return `${subject}: ${when} and ${wanted.join(", then ")} never came, ${so}`;
    case "late":
      return `${subject}: the time for ${alternatives} is over, ${so}${came === undefined ? "" : `; ${came} came`}`;
    default:
      return `${subject}: ${came} came, expected ${alternatives}, ${so}`;
  }
}

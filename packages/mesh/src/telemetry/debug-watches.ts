import { type Clock, type FlowRef, OrreryError } from "@orrery/core";
import { namePattern } from "@orrery/core/internal";
import {
  DEBUG_MESSAGES_DEFAULT,
  DEBUG_MESSAGES_MAX,
  DEBUG_WATCH_DEFAULT_MS,
  DEBUG_WATCH_MAX_MS,
  DEBUG_WATCHES_MAX,
} from "./limits.ts";

/** What a debug watch shows: give a flow, a component, or both. */
export interface DebugWatchOptions {
  /** A flow: its name, with `*` for any characters, or `node/id`. */
  readonly flow?: string;
  /** Name of a component; `*` in it stands for any characters. */
  readonly component?: string;
  /** How long, in ms, from 1 to an hour. Default: five minutes. */
  readonly forMs?: number;
  /** How many messages of this node it marks, from 1 to a million; then it ends. Default: 10,000. */
  readonly messagesMax?: number;
}

/** What of a debug watch can be changed. */
export type DebugWatchChange = DebugWatchOptions;

/** A debug watch, as it stands. */
export interface DebugWatch {
  readonly id: number;
  /** Empty for any. */
  readonly flow: string;
  readonly component: string;
  /** In how many ms it ends. */
  readonly leftMs: number;
  /** Messages that it has marked. */
  readonly messages: number;
  readonly messagesMax: number;
}

interface Watch {
  readonly id: number;
  flow: string;
  component: string;
  fitsFlow: (flow: FlowRef) => boolean;
  fitsComponent: (name: string) => boolean;
  endMs: number;
  messages: number;
  messagesMax: number;
}

/**
 * The debug watches of one node. I1: at most `DEBUG_WATCHES_MAX`. I2: each ends by its time or its number of messages, whichever is first.
 * I3: while there is none, nobody need ask.
 */
export class DebugWatches {
  readonly #clock: () => Clock;
  readonly #watches = new Map<number, Watch>();
  #lastId = 0;

  constructor(clock: () => Clock) {
    this.#clock = clock;
  }

  /** Whether any may still hold. */
  get any(): boolean {
    return this.#watches.size > 0; // I3
  }

  add(options: DebugWatchOptions): DebugWatch {
    const nowMs = this.#sweep();
    const { forMs = DEBUG_WATCH_DEFAULT_MS, messagesMax = DEBUG_MESSAGES_DEFAULT } = options;
    const whole = { flow: "", component: "", ...options, forMs, messagesMax };
    assertWatch(whole);
    if (this.#watches.size >= DEBUG_WATCHES_MAX) {
      const text = `Cannot watch ${nameOf(whole)}: ${DEBUG_WATCHES_MAX} watches are there already, forget some`;
      throw new OrreryError("resource_exhausted", text); // I1
    }
    const { flow, component } = whole;
    const fits = { fitsFlow: flowTest(flow), fitsComponent: componentTest(component) };
    const watch: Watch = {
      id: ++this.#lastId,
      flow,
      component,
      ...fits,
      endMs: nowMs + forMs,
      messages: 0,
      messagesMax,
    };
    this.#watches.set(watch.id, watch);
    return viewOf(watch, nowMs);
  }

  change(id: number, change: DebugWatchChange): DebugWatch {
    const nowMs = this.#sweep();
    const watch = this.#watches.get(id);
    if (watch === undefined) {
      const text = `Cannot change debug watch ${id}: there is none of that number, or it has ended`;
      throw new OrreryError("not_found", text);
    }
    const { flow, component, endMs, messagesMax } = watch;
    const next = { flow, component, forMs: endMs - nowMs, messagesMax, ...change };
    assertWatch(next);
    watch.flow = next.flow;
    watch.component = next.component;
    watch.fitsFlow = flowTest(next.flow);
    watch.fitsComponent = componentTest(next.component);
    watch.endMs = nowMs + next.forMs;
    watch.messagesMax = next.messagesMax;
    this.#sweep();
    return viewOf(watch, nowMs);
  }

  forget(id: number): boolean {
    return this.#watches.delete(id);
  }

  list(): readonly DebugWatch[] {
    const nowMs = this.#sweep();
    return [...this.#watches.values()].map((watch) => viewOf(watch, nowMs));
  }

  /** Whether a message is to be shown; it then counts for the watch. */
  takes(component: string, flow: FlowRef): boolean {
    if (!this.any) return false;
    this.#sweep();
    for (const watch of this.#watches.values()) {
      if (!watch.fitsComponent(component) || !watch.fitsFlow(flow)) continue;
      watch.messages++;
      return true;
    }
    return false;
  }

  /** Ends what is over. */
  #sweep(): number {
    const nowMs = this.#clock().monotonic();
    for (const { id, endMs, messages, messagesMax } of this.#watches.values())
      if (nowMs >= endMs || messages >= messagesMax) this.#watches.delete(id); // I2
    return nowMs;
  }
}

/** Whether a flow is the one that a text names: by its name, with `*`, or as `node/id`. */
export function flowTest(text: string): (flow: FlowRef) => boolean {
  if (text === "" || text === "*") return () => true;
  const [, node, id] = /^(.+)\/(\d+)$/.exec(text) ?? [];
  const fitsName = namePattern(text);
  return (flow) => (flow.name !== "" && fitsName(flow.name)) || (flow.node === node && flow.id === Number(id));
}

function componentTest(text: string): (name: string) => boolean {
  return text === "" ? () => true : namePattern(text);
}

function assertWatch(watch: Required<DebugWatchOptions>): void {
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot watch ${nameOf(watch)}: ${why}`);
  const { flow, component, forMs, messagesMax } = watch;
  if (typeof flow !== "string" || typeof component !== "string" || (flow === "" && component === ""))
    throw refuse("name a flow, a component, or both");
  if (!(forMs >= 1 && forMs <= DEBUG_WATCH_MAX_MS))
    throw refuse(`forMs is ${forMs}, write a number of ms from 1 to ${DEBUG_WATCH_MAX_MS}`);
  if (!(Number.isInteger(messagesMax) && messagesMax >= 1 && messagesMax <= DEBUG_MESSAGES_MAX))
    throw refuse(`messagesMax is ${messagesMax}, write a whole number from 1 to ${DEBUG_MESSAGES_MAX}`);
}

function nameOf({ flow, component }: Required<Pick<DebugWatchOptions, "flow" | "component">>): string {
  const parts = [flow && `flow "${flow}"`, component && `component "${component}"`].filter(Boolean);
  return parts.length === 0 ? "nothing" : parts.join(" of ");
}

function viewOf({ id, flow, component, endMs, messages, messagesMax }: Watch, nowMs: number): DebugWatch {
  return { id, flow, component, leftMs: Math.max(0, endMs - nowMs), messages, messagesMax };
}

import type { Capacity } from "./capacity.ts";
import type { Component } from "./component.ts";
import type { Mode } from "./envelope.ts";
import type { Instance } from "./instance.ts";
import type { InstanceState } from "./instance-handle.ts";
import type { MessageContext } from "./message-context.ts";
import type { Replicas } from "./replicas.ts";

/** The message that holds an instance, so that others wait. */
export interface HolderView {
  /** Method that is being handled. */
  readonly method: string;
  /** Of the method: a `stream` may hold its instance for long. */
  readonly mode: Mode;
  /** Node and id of the flow. */
  readonly flow: string;
  /** How long it has held the instance, in ms; for a call within the node, since somebody first looked. */
  readonly heldMs: number;
}

/** One instance, for those who look from outside. */
export interface InstanceView {
  readonly id: string;
  readonly state: InstanceState;
  readonly incarnation: number;
  readonly waiting: number;
  /** How long the first of those that wait has waited, in ms; 0 for none. */
  readonly waitedMs: number;
  /** Messages that it is at: one, and those that may run beside it. */
  readonly busy: number;
  /** What keeps those that wait waiting; undefined when it is free to begin with the next message. */
  readonly heldBy: HolderView | undefined;
  /** Why it is failed; else empty. */
  readonly reason: string;
}

/** One component of a container, for those who look from outside. */
export interface ComponentView {
  readonly component: Component;
  readonly name: string;
  readonly version: string;
  /** What it may run and let wait here, as it is now. */
  readonly capacity: Capacity;
  /** Those that are draining included: they take nothing new. */
  readonly instances: readonly InstanceView[];
}

/** Shows how a component stands. */
export function viewOf({ name, component, capacity, instances }: Replicas, nowMs: number): ComponentView {
  return {
    component,
    name,
    version: component.options.version ?? "0.0.0",
    capacity: { ...capacity },
    instances: instances.map((instance) => instanceView(instance, nowMs)),
  };
}

function instanceView({ id, state, incarnation, queue, reason }: Instance, nowMs: number): InstanceView {
  return {
    id,
    state,
    incarnation,
    waiting: queue.waiting,
    waitedMs: queue.waitedMs(nowMs),
    busy: queue.load - queue.waiting,
    heldBy: queue.holder && holderView(queue.holder, nowMs),
    reason,
  };
}

function holderView(message: MessageContext, nowMs: number): HolderView {
  if (message.sinceMs === 0) message.sinceMs = nowMs; // Nobody has read the clock for it.
  const { node, id } = message.flow;
  return {
    method: message.head.method,
    mode: message.method.mode,
    flow: `${node}/${id}`,
    heldMs: nowMs - message.sinceMs,
  };
}

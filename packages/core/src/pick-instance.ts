import type { Component } from "./component.ts";
import type { Envelope, Head } from "./envelope.ts";
import { Kind } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Instance } from "./instance.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Replicas } from "./replicas.ts";

/**
 * Picks the instance for a message: the one it names, the one its key falls to, or the one with the least to do, and never one that
 * waits for this very message, unless the component lets its own flow back in. Where none is ready, one that is starting will do.
 * @throws OrreryError `no_such_instance`, `not_ready` or `call_cycle`.
 */
export function pickInstance(envelope: Envelope, head: Head, replicas: Replicas): Instance {
  const candidates = candidatesFor(envelope, head, replicas);
  let best: Instance | undefined;
  let coming: Instance | undefined;
  let inChain: Instance | undefined;
  for (const instance of candidates) {
    if (isInChain(instance.id, envelope, head)) inChain ??= instance;
    else if (instance.taking && (best === undefined || instance.queue.load < best.queue.load)) best = instance;
    else if (instance.starting && (coming === undefined || instance.queue.load < coming.queue.load)) coming = instance;
  }
  if (best !== undefined) return best;
  if (coming !== undefined) return coming;
  if (inChain !== undefined) return comeBack(envelope, head, candidates, replicas.component);
  const states = candidates.map(({ id, state, reason }) => `"${id}" is ${state}${reason === "" ? "" : `, ${reason}`}`);
  const text = `Cannot call "${head.component}.${head.method}": no instance is ready (${states.join("; ")})`;
  throw failure("not_ready", text);
}

/** Whether an instance is held by one of the open calls that led to a message: the message must not wait for it, or both wait for ever. */
export function isWaiting(instance: Instance, envelope: Envelope, head: Head): boolean {
  return isInChain(instance.id, envelope, head) && instance.queue.holds(chainOf(envelope, head), envelope.flow);
}

function candidatesFor(envelope: Envelope, head: Head, replicas: Replicas): readonly Instance[] {
  const taking = replicas.leaving === 0 ? replicas.instances : stayingFor(envelope, head, replicas);
  if (taking.length === 0) {
    const text = `Cannot call "${head.component}.${head.method}": the component is drained here, its capacity is 0 instances`;
    throw failure("draining", text);
  }
  const named = head.instance === "" ? taking : taking.filter((instance) => instance.id === head.instance);
  if (named.length === 0) {
    const isLeaving = replicas.instances.some(({ id }) => id === head.instance);
    const why = isLeaving ? "it is being taken away" : "it is not here, it may have restarted";
    const text = `Cannot call instance "${head.instance}" of "${head.component}": ${why}`;
    throw failure(isLeaving ? "draining" : "no_such_instance", text);
  }
  return envelope.shardKey === "" ? named : shardOf(envelope.shardKey, named);
}

/** Those that are not leaving, and those that could not finish without this very message. */
function stayingFor(envelope: Envelope, head: Head, { instances }: Replicas): readonly Instance[] {
  return instances.filter((instance) => !instance.leaving || isInChain(instance.id, envelope, head));
}

/** A message of which every instance is in the chain that led to it: let in, or refused at once with the chain. */
function comeBack(envelope: Envelope, head: Head, instances: readonly Instance[], { options }: Component): Instance {
  const inside = instances.find((instance) => isWaiting(instance, envelope, head));
  if (inside !== undefined && options.reentrant === "flow") return inside;
  // One that is no longer at the call that led here, or is at it beside others, waits for nothing: the message waits its turn.
  const free = instances.find((instance) => instance.taking && !isWaiting(instance, envelope, head));
  if (free !== undefined) return free;
  const last = inside ?? instances.find(({ id }) => isInChain(id, envelope, head));
  throw cycle(head, [...chainOf(envelope, head), last?.id ?? ""]);
}

/** Whether an instance waits for the answer to a message. */
export function isInChain(instance: string, { kind, path }: Envelope, head: Head): boolean {
  if (kind !== Kind.request && kind !== Kind.streamOpen) return false; // Nobody waits for what it leads to.
  return instance === head.source.instance || path.includes(instance);
}

/** The instances of the open call that a message is of, its sender last. */
export function chainOf(envelope: Envelope, head: Head): readonly string[] {
  return head.source.instance === "" ? envelope.path : [...envelope.path, head.source.instance];
}

function shardOf(key: string, instances: readonly Instance[]): readonly Instance[] {
  // Rendezvous hashing over slots: a key keeps its slot while the number of slots stays, also over restarts.
  let best = instances.slice(0, 1);
  let bestScore = "";
  for (const instance of instances) {
    const score = fingerprint([key, String(instance.slot)]);
    if (score > bestScore) {
      bestScore = score;
      best = [instance];
    }
  }
  return best;
}

/** The error of a call that would wait for itself, along a path of instances that ends where it would go. */
export function cycle(head: Head, path: readonly string[]): OrreryError {
  const text = `Cannot call "${head.component}.${head.method}": the call comes back to an instance that waits for it, ${path.join(" > ")}`;
  return failure("call_cycle", text, { where: path.at(-1) ?? "", details: { path } });
}

import type { Envelope, Head } from "./envelope.ts";
import { Kind } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Instance } from "./instance.ts";
import { failure } from "./orrery-error.ts";

/** What the choice of an instance depends on. */
export interface PickInstanceOptions {
  readonly envelope: Envelope;
  readonly head: Head;
  readonly instances: readonly Instance[];
  readonly reentrant: "refuse" | "flow";
}

/** The instance chosen, and whether the message runs beside the one that waits for it. */
export interface PickInstanceResult {
  readonly instance: Instance;
  readonly beside: boolean;
}

/**
 * Picks the instance for a message: the one it names, the one its key falls to, or the one with the least to do, and never one that
 * waits for this very message, unless the component lets its own flow back in.
 * @throws OrreryError `no_such_instance`, `not_ready` or `call_cycle`.
 */
export function pickInstance(options: PickInstanceOptions): PickInstanceResult {
  const { envelope, head, instances, reentrant } = options;
  const named = head.instance === "" ? instances : instances.filter((instance) => instance.id === head.instance);
  if (named.length === 0)
    throw failure(
      "no_such_instance",
      `Cannot call instance "${head.instance}" of "${head.component}": it is not here, it may have restarted`,
    );
  const open = envelope.kind === Kind.request || envelope.kind === Kind.streamOpen;
  const waits = (instance: Instance) =>
    open && (instance.id === head.source.instance || envelope.path.includes(instance.id));
  let best: Instance | undefined;
  let waiting: Instance | undefined;
  for (const instance of envelope.shardKey === "" ? named : shardOf(envelope.shardKey, named)) {
    if (waits(instance)) waiting ??= instance;
    else if (isTaking(instance) && (best === undefined || instance.queue.load < best.queue.load)) best = instance;
  }
  if (best !== undefined) return { instance: best, beside: false };
  if (waiting === undefined)
    throw failure(
      "not_ready",
      `Cannot call "${head.component}.${head.method}": no instance is ready (${statesOf(named)})`,
    );
  if (reentrant === "flow") return { instance: waiting, beside: true };
  throw cycle(envelope, head, waiting);
}

function isTaking(instance: Instance): boolean {
  return instance.state === "ready" || instance.state === "saturated";
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

function statesOf(instances: readonly Instance[]): string {
  return instances.map((instance) => `"${instance.id}" is ${instance.state}`).join(", ");
}

function cycle(envelope: Envelope, head: Head, instance: Instance) {
  const path = [...envelope.path, ...(head.source.instance === "" ? [] : [head.source.instance]), instance.id];
  const text = `Cannot call "${head.component}.${head.method}": the call comes back to an instance that waits for it, ${path.join(" > ")}`;
  return failure("call_cycle", text, { where: instance.id, details: { path } });
}

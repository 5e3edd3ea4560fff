import type { Caller } from "./caller.ts";
import type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
import { type Envelope, type FlowRef, Kind } from "./envelope.ts";
import type { Flow, FlowEnd, FlowEndCause, FlowEvent, FlowOptions, OpenFlow } from "./flow.ts";
import { FLOW_NAME_MAX, FLOW_TIMEOUT_MAX_MS, FLOWS_NAMED_MAX, FLOWS_OPEN_MAX } from "./limits.ts";
import type { Log } from "./log.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Cause, Speaker } from "./speaker.ts";

/** Who begins a flow. */
export interface FlowStart {
  readonly options: FlowOptions;
  readonly parent: FlowRef | undefined;
  /** Instance that begins it; empty for the node itself. */
  readonly instance: string;
  readonly speaker: Speaker;
  /** Message that is handled. */
  readonly cause: Cause | undefined;
}

/** Options of a node's flows. */
export interface FlowsOptions {
  readonly node: string;
  readonly caller: Caller;
  readonly log: Log;
  /** Gets every begin and end. */
  readonly tell?: ((event: FlowEvent) => void) | undefined;
}

/**
 * The flows that one node has begun and not ended. Ids are the node's message ids, so that no two flows share one.
 * I1: a flow ends once, and its sub-flows before it, but for the detached. I2: at most `FLOWS_OPEN_MAX` are open.
 */
export interface Flows {
  /** How many are open. */
  readonly size: number;
  /** @throws OrreryError `invalid_argument` for an option that cannot be, `resource_exhausted` when too many are open. */
  begin(name: string, start: FlowStart): Flow;
  /** Notes a message that is about to be sent, and ends its time with its flow's. @throws OrreryError `expired`. */
  enter(envelope: Envelope, nowMs: number): void;
  open(): readonly OpenFlow[];
  /** Cancels what was begun for a message that is given up. */
  giveUp(cause: Cause): void;
  /** Abandons what an instance has begun. */
  leave(instance: string): void;
  /** Abandons all, and says what was left open. */
  close(): void;
}

/** Makes the flows of a node. */
export function createFlows(options: FlowsOptions): Flows {
  return new FlowTable(options);
}

class OpenedFlow implements DeadlineEntry {
  bucket: DeadlineBucket | undefined = undefined;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  readonly ref: FlowRef;
  readonly start: FlowStart;
  readonly beganMs: number;
  readonly deadlineMs: number;
  /** The flow of this node that waits for this one or cancels it. */
  readonly holder: OpenedFlow | undefined;
  readonly children = new Set<OpenedFlow>();
  readonly done = Promise.withResolvers<void>();
  readonly expire: () => void;
  activeMs: number;
  asked: FlowEnd | undefined;
  ended: FlowEnd | undefined;
  controller: AbortController | undefined;

  constructor(facts: Pick<OpenedFlow, "ref" | "start" | "beganMs" | "deadlineMs" | "holder" | "expire">) {
    this.ref = facts.ref;
    this.start = facts.start;
    this.beganMs = facts.beganMs;
    this.activeMs = facts.beganMs;
    this.deadlineMs = facts.deadlineMs;
    this.holder = facts.holder;
    this.expire = facts.expire;
  }

  get onParentEnd(): "wait" | "cancel" | "detach" {
    return this.start.options.onParentEnd ?? "wait";
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.ended !== undefined && this.ended !== "ok") this.controller.abort(endedError(this));
    }
    return this.controller.signal;
  }
}

class FlowTable implements Flows {
  readonly #options: FlowsOptions;
  readonly #open = new Map<number, OpenedFlow>();

  constructor(options: FlowsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  begin(name: string, start: FlowStart): Flow {
    const { node, caller, tell } = this.#options;
    const { options, parent, instance } = start;
    this.#assertStart(name, options);
    const parentId = parent?.node === node ? parent.id : 0; // A wire names parents of the same node only; `tell` has them all.
    const ref = Object.freeze({ id: caller.nextId(), node, name, parentId });
    const holder = options.onParentEnd === "detach" ? undefined : this.#find(parent);
    const beganMs = caller.clock.monotonic();
    const ownMs = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : beganMs + options.timeoutMs;
    const endMs = Math.min(ownMs, holder?.deadlineMs || Number.POSITIVE_INFINITY);
    const deadlineMs = endMs === Number.POSITIVE_INFINITY ? 0 : endMs;
    const expire = () => this.#finish(flow, "failed", "expired");
    const flow: OpenedFlow = new OpenedFlow({ ref, start, beganMs, deadlineMs, holder, expire });
    this.#open.set(ref.id, flow);
    holder?.children.add(flow);
    if (deadlineMs !== 0) caller.deadlines.add(flow, deadlineMs);
    tell?.({ kind: "begin", atMs: beganMs, flow: ref, parent: parent && refOf(parent), instance });
    return this.#facade(flow);
  }

  enter(envelope: Envelope, nowMs: number): void {
    const flow = this.#find(envelope.flow);
    if (flow === undefined) return;
    flow.activeMs = nowMs;
    const { deadlineMs } = flow;
    if (deadlineMs === 0 || envelope.kind === Kind.broadcast) return;
    if (envelope.deadlineMs !== 0 && envelope.deadlineMs <= deadlineMs) return;
    if (deadlineMs <= nowMs) {
      const { component, method } = envelope.head ?? { component: "", method: "" };
      throw failure("expired", `Cannot call "${component}.${method}": the time of its flow "${flow.ref.name}" is over`);
    }
    envelope.deadlineMs = deadlineMs;
    envelope.budgetMs = deadlineMs - nowMs;
  }

  open(): readonly OpenFlow[] {
    return [...this.#open.values()].map((flow) => ({
      flow: flow.ref,
      parent: flow.start.parent && refOf(flow.start.parent),
      instance: flow.start.instance,
      beganMs: flow.beganMs,
      activeMs: flow.activeMs,
      deadlineMs: flow.deadlineMs,
      ending: flow.asked !== undefined,
      calls: this.#options.caller
        .inFlow(flow.ref)
        .map(({ envelope: { head } }) => `${head?.component}.${head?.method}`),
    }));
  }

  giveUp(cause: Cause): void {
    for (const flow of [...this.#open.values()])
      if (flow.start.cause === cause && flow.onParentEnd === "cancel") this.#finish(flow, "abandoned", "parent");
  }

  leave(instance: string): void {
    this.#abandon([...this.#open.values()].filter(({ start }) => start.instance === instance));
  }

  close(): void {
    this.#abandon([...this.#open.values()]);
  }

  #abandon(left: readonly OpenedFlow[]): void {
    if (left.length === 0) return;
    const flows = left.slice(0, FLOWS_NAMED_MAX).map(({ ref }) => `${ref.name} (${ref.node}/${ref.id})`);
    this.#options.log.warn("flows left open", { count: left.length, flows });
    for (const flow of left) this.#finish(flow, "abandoned", "stopped");
  }

  #find(ref: FlowRef | undefined): OpenedFlow | undefined {
    return ref?.node === this.#options.node ? this.#open.get(ref.id) : undefined;
  }

  #facade(flow: OpenedFlow): Flow {
    const { ref, start } = flow;
    const { speaker, cause, instance } = start;
    const facade: Flow = Object.freeze<Flow>({
      ...ref,
      get ended() {
        return flow.ended;
      },
      get signal() {
        return flow.signal;
      },
      client: (service) => speaker.client(service, cause, facade),
      send: (service) => speaker.send(service, cause, facade),
      publish: (service) => speaker.publish(service, cause, facade),
      beginFlow: (name, options = {}) => this.begin(name, { options, parent: ref, instance, speaker, cause }),
      end: (how = "ok") => this.#end(flow, how),
      [Symbol.asyncDispose]: () => this.#end(flow, "abandoned"),
    });
    return facade;
  }

  #end(flow: OpenedFlow, how: FlowEnd): Promise<void> {
    if (flow.asked === undefined && flow.ended === undefined) {
      flow.asked = how;
      for (const child of [...flow.children])
        if (child.onParentEnd === "cancel") this.#finish(child, "abandoned", "parent");
      this.#finishWhenAlone(flow);
    }
    return flow.done.promise;
  }

  #finishWhenAlone(flow: OpenedFlow): void {
    if (flow.asked !== undefined && flow.children.size === 0) this.#finish(flow, flow.asked, "asked");
  }

  /** Ends a flow whatever its sub-flows do: they end first. */
  #finish(flow: OpenedFlow, how: FlowEnd, why: FlowEndCause): void {
    if (flow.ended !== undefined) return; // I1
    flow.ended = how;
    const { caller, tell } = this.#options;
    const { ref, holder } = flow;
    this.#open.delete(ref.id);
    caller.deadlines.remove(flow);
    // The time of sub-flows is over with that of their parent.
    for (const child of [...flow.children])
      if (why === "expired") this.#finish(child, how, why);
      else this.#finish(child, "abandoned", "parent");
    // Calls of a flow whose time is over end by themselves, as timeouts: theirs is over too.
    if (how === "abandoned") for (const call of caller.inFlow(ref)) caller.cancel(call);
    tell?.({ kind: "end", atMs: caller.clock.monotonic(), flow: ref, how, why });
    if (how !== "ok") flow.controller?.abort(endedError(flow));
    flow.done.resolve();
    if (holder === undefined) return;
    holder.children.delete(flow);
    if (holder.ended === undefined) this.#finishWhenAlone(holder);
  }

  #assertStart(name: string, { timeoutMs, onParentEnd = "wait" }: FlowOptions): void {
    const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot begin flow "${name}": ${why}`);
    if (typeof name !== "string" || name.length < 1 || name.length > FLOW_NAME_MAX)
      throw refuse(`give it a name of 1 to ${FLOW_NAME_MAX} characters`);
    if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs <= FLOW_TIMEOUT_MAX_MS))
      throw refuse(`timeoutMs is ${timeoutMs}, write a number from 1 to ${FLOW_TIMEOUT_MAX_MS}`);
    if (!["wait", "cancel", "detach"].includes(onParentEnd))
      throw refuse(`onParentEnd is "${onParentEnd}", write wait, cancel or detach`);
    if (this.#open.size < FLOWS_OPEN_MAX) return; // I2
    const text = `Cannot begin flow "${name}": ${FLOWS_OPEN_MAX} are open at node "${this.#options.node}", end some`;
    throw new OrreryError("resource_exhausted", text);
  }
}

/** A reference alone, where somebody gave a whole flow. */
function refOf({ id, node, name, parentId }: FlowRef): FlowRef {
  return Object.freeze({ id, node, name, parentId });
}

function endedError({ ref, ended }: OpenedFlow): OrreryError {
  return new OrreryError("canceled", `Flow "${ref.name}" has ended (${ended})`);
}

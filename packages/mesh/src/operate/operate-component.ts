import {
  type Component,
  type Context,
  type Directory,
  defineComponent,
  type LimitsSource,
  type Node,
  OrreryError,
  type TelemetrySource,
} from "@orrery/core";
import {
  type DeadMessagesRequest,
  Draining,
  type DrainRequest,
  OperateService,
  type SetCapacityRequest,
  type SettleDeadRequest,
  type SpansRequest,
  type UnwatchRequest,
  type WatchRequest,
} from "../gen/orrery/operate/v1/operate_pb.ts";
import type { Limits } from "../limits/node-limits.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { deadMessages, settleDead } from "./dead-views.ts";
import { explainRoute } from "./explain-route.ts";
import { beginWatch, spanMessages } from "./follow-views.ts";
import { changeThrottle, circuitsMessage, moveCircuits } from "./limit-views.ts";
import { CHANGE_WAIT_MS, DRAIN_TELL_MS } from "./limits.ts";
import { componentMessage, isGossip, memberMessages, peerMessages, unfinishedOf } from "./node-views.ts";
import { allowOnly, OPERATORS } from "./permission.ts";
import type { Usage } from "./system-usage.ts";

/** Who may operate a node. */
export interface OperateOptions {
  /** Agents that may, as patterns in which `*` stands for any characters; all others are refused. Default: `operator`. */
  readonly operators?: readonly string[];
}

/** A node that is operated, with what it was made of. */
export interface Operated {
  readonly node: Node;
  /** Where it finds others. Default: nowhere. */
  readonly directory?: Directory | undefined;
  /** Its breakers and throttles, where `createLimits` made them. Default: none. */
  readonly limits?: LimitsSource | undefined;
  /** What follows it, where `createTelemetry` made it. Default: nothing. */
  readonly telemetry?: TelemetrySource | undefined;
}

/** Options of the component of operators. */
export interface OperateParts extends OperateOptions {
  /** The node that the component runs in; asked for when somebody asks. */
  readonly operated: () => Operated;
  /** What the process takes of its machine. Default: nothing is told. */
  readonly usage?: () => Usage;
}

/** Name of the component. */
export const OPERATE: string = OperateService.typeName;

/**
 * Makes the component by which operators look at one node, and change it while it runs. It answers for its own node only.
 * Everything is refused with `permission_denied` to agents that are no operators.
 */
export function createOperateComponent(parts: OperateParts): Component {
  const operated = new OperatedNode(parts);
  return defineComponent(OperateService, (instance) => {
    const allow = allowOnly(parts.operators ?? OPERATORS, instance.node);
    const guarded =
      <Q, R>(doing: string, answer: (request: Q) => R) =>
      (request: Q, context: Context): R => {
        allow(doing, context.agent);
        return answer(request);
      };
    operated.begin(instance.clock.monotonic());
    return {
      status: guarded("ask for the status", () => operated.status()),
      members: guarded("ask for the members", () => operated.members()),
      circuits: guarded("list the circuits", () => operated.circuits()),
      moveCircuits: guarded("move circuits", (request) => operated.moveCircuits(request)),
      changeThrottle: guarded("change a throttle", (request) => operated.changeThrottle(request)),
      explain: guarded("explain a way", (request) => operated.explain(request)),
      drain: guarded("drain what runs", (request) => operated.drain(request)),
      setCapacity: guarded("change the capacity", (request) => operated.setCapacity(request)),
      deadMessages: guarded("list dead messages", (request) => operated.deadMessages(request)),
      settleDead: guarded("settle dead messages", (request) => operated.settleDead(request)),
      metrics: guarded("read the metrics", () => operated.metrics()),
      spans: guarded("read the spans", (request) => operated.spans(request)),
      watch: guarded("watch messages", (request) => operated.watch(request)),
      unwatch: guarded("end a watch", (request) => operated.unwatch(request)),
    };
  });
}

/** Owns: whether its node drains. */
class OperatedNode {
  readonly #parts: OperateParts;
  #draining: Draining = Draining.NO;
  #beganMs = 0;

  constructor(parts: OperateParts) {
    this.#parts = parts;
  }

  /** Notes when its node began; a later life of its instance changes nothing. */
  begin(nowMs: number): void {
    this.#beganMs ||= nowMs;
  }

  get #node(): Node {
    return this.#parts.operated().node;
  }

  get #directory(): Directory | undefined {
    return this.#parts.operated().directory;
  }

  get #limits(): Limits | undefined {
    const { limits } = this.#parts.operated();
    return limits !== undefined && "circuits" in limits ? (limits as Limits) : undefined;
  }

  get #telemetry(): Telemetry | undefined {
    const { telemetry } = this.#parts.operated();
    return telemetry !== undefined && "debug" in telemetry ? (telemetry as Telemetry) : undefined;
  }

  /** What the node runs for others. */
  get #components() {
    return this.#node.components().filter(({ name }) => name !== OPERATE);
  }

  status() {
    const { name, incarnation, addresses, clock } = this.#node;
    const { pid = 0, memoryBytes = 0, cpuMs = 0 } = this.#parts.usage?.() ?? {};
    return {
      node: name,
      incarnation: BigInt(incarnation),
      pid,
      uptimeMs: clock.monotonic() - this.#beganMs,
      memoryBytes: BigInt(memoryBytes),
      cpuMs,
      addresses: [...addresses],
      components: this.#components.map(componentMessage),
      peers: [...peerMessages(this.#node, this.#directory)],
      draining: this.#draining,
    };
  }

  members() {
    return { node: this.#node.name, members: [...memberMessages(this.#node, this.#directory)] };
  }

  circuits() {
    return { node: this.#node.name, ...circuitsMessage(this.#limits) };
  }

  moveCircuits(request: Parameters<typeof moveCircuits>[1]) {
    return { node: this.#node.name, circuits: moveCircuits(this.#limits, request) };
  }

  changeThrottle(request: Parameters<typeof changeThrottle>[1]) {
    const throttle = changeThrottle(this.#limits, request);
    return { node: this.#node.name, ...(throttle && { throttle }) };
  }

  explain(request: Parameters<typeof explainRoute>[1]) {
    const parts = { node: this.#node, directory: this.#directory, limits: this.#limits };
    const explained = explainRoute(parts, request);
    return { node: this.#node.name, candidates: [...explained.candidates], horizon: explained.horizon };
  }

  async drain({ component }: DrainRequest) {
    if (component === "") {
      if (this.#draining === Draining.NO) void this.#drainAll();
      return { node: this.#node.name, unfinished: unfinishedOf(this.#components) };
    }
    await this.#change(component, { instances: 0 });
    return {
      node: this.#node.name,
      unfinished: unfinishedOf(this.#components.filter(({ name }) => name === component)),
    };
  }

  async setCapacity({ component, instances, inboxMessages, inboxBytes }: SetCapacityRequest) {
    const before = this.#capacityOf(component);
    await this.#change(component, {
      ...(instances === undefined ? {} : { instances }),
      ...(inboxMessages === undefined ? {} : { inboxMessages: Number(inboxMessages) }),
      ...(inboxBytes === undefined ? {} : { inboxBytes: Number(inboxBytes) }),
    });
    return { node: this.#node.name, before, now: this.#capacityOf(component) };
  }

  async deadMessages(request: DeadMessagesRequest) {
    return { node: this.#node.name, messages: await deadMessages(this.#node, request) };
  }

  async settleDead(request: SettleDeadRequest) {
    return { node: this.#node.name, settled: await settleDead(this.#node, request) };
  }

  metrics() {
    return { node: this.#node.name, text: this.#telemetry?.metrics.text() ?? "" };
  }

  spans(request: SpansRequest) {
    return { node: this.#node.name, spans: spanMessages(this.#telemetry, request) };
  }

  watch(request: WatchRequest) {
    return { node: this.#node.name, ...beginWatch(this.#telemetry, request) };
  }

  unwatch({ id }: UnwatchRequest) {
    return { node: this.#node.name, wasThere: this.#telemetry?.debug.forget(id) ?? false };
  }

  #capacityOf(component: string) {
    const view = this.#components.find(({ name }) => name === component);
    const known = this.#components.map(({ name }) => `"${name}"`).join(", ");
    if (view !== undefined) return componentMessage(view).capacity ?? {};
    const text = `Cannot change component "${component}": node "${this.#node.name}" has ${known === "" ? "none" : known}`;
    throw new OrreryError("not_found", text);
  }

  /** Begins a change, and throws what is wrong with it at once; what takes long is left to go on. */
  async #change(component: string, change: Parameters<Node["setCapacity"]>[1]): Promise<void> {
    this.#capacityOf(component);
    const { clock } = this.#node;
    const give = new AbortController();
    const changing = this.#node.setCapacity(component, change);
    const late = clock.sleep(CHANGE_WAIT_MS, give.signal).catch(() => undefined);
    changing.catch(() => undefined); // Whoever looks later sees its instances, and why they failed.
    await Promise.race([changing, late]).finally(() => give.abort());
    this.#tell();
  }

  /** Tells the others now what this node serves, where they keep watch. */
  #tell(): void {
    const directory = this.#directory;
    if (isGossip(directory)) directory.refresh();
  }

  /** First the others are told, so that what they send meanwhile is still taken. */
  async #drainAll(): Promise<void> {
    this.#draining = Draining.GOING_ON;
    const directory = this.#directory;
    if (isGossip(directory)) {
      directory.leave();
      await this.#node.clock.sleep(DRAIN_TELL_MS);
    }
    await Promise.allSettled(this.#components.map(({ name }) => this.#node.drain(name)));
    this.#draining = Draining.DONE;
  }
}

import {
  type Context,
  defineComponent,
  defineService,
  json,
  type Outcome,
  outcomeOf,
  type SendOptions,
} from "@orrery/core";
import { createGossipDirectory, createLimits, type GossipDirectory } from "@orrery/mesh";
import { defineScenario, type ModelNode, type World } from "@orrery/sim";
import { type Begun, brokenEnd, type Operation, readAll, sayBroken } from "./operation.ts";

const FrontService = defineService("front", {
  ask: { request: json<{ op: number }>(), reply: json<{ by: string; version: string }>() },
});
const LedgerService = defineService("ledger", {
  write: { request: json<{ op: number }>(), reply: json<{ by: string; version: string }>() },
  note: { request: json<{ op: number }>(), mode: "async" },
  count: { request: json<{ op: number; to: number }>(), reply: json<{ value: number; by: string }>(), mode: "stream" },
});

/** An operation of a caller on a machine. */
interface LocalOperation extends Operation {
  readonly machine: string;
  /** Flow of several operations; 0 for none. */
  readonly flow: number;
}

/** What is known of a run. */
export interface RunRecord {
  readonly operations: LocalOperation[];
  readonly begun: Map<number, Begun[]>;
  /** Lives that each node has begun. */
  readonly lives: Map<string, number>;
  readonly directories: Map<string, GossipDirectory>;
  readonly world: World;
}

const MACHINES = { a: "m1", b: "m1", c: "m2", d: "m2" } as const;
const VERSIONS = { a: "1.0.0", b: "1.1.0", c: "1.0.0", d: "1.1.0" } as const;
const CALLERS = { x: "m1", y: "m2" } as const;
const SEEDS = ["sim://a", "sim://d"];
const OPERATIONS = 12;
/** Longest time that an operation asks for, in ms. */
const TIMEOUT_MS = 400;
/**
 * Four servers on two machines, two versions of each component, and two callers, while everything goes wrong; callers do not crash, for
 * nobody could say afterwards how their calls ended.
 */
export const promises = defineScenario("a network keeps its promises", {
  world: {
    link: (from, to) => ({ latency: { kind: "uniform", minMs: 0.1, maxMs: from.machine === to.machine ? 0.5 : 6 } }),
    startWithinMs: 300,
  },
  setup,
  async run(world, { operations }) {
    await world.start();
    const total = OPERATIONS * Object.keys(CALLERS).length;
    const isOver = () => operations.length === total && operations.every(({ ends }) => ends.length > 0);
    await world.until(isOver, { withinMs: 30_000 }).catch(() => undefined); // `check` names what did not end.
  },
  withinMs: 90_000,
  eventually: { "all know all again": ({ directories }) => [...directories.values()].every(seesAll) },
  check,
  faults: ["crash", "wipe", "partition", "clog", "pause", "slow", "loss", "duplicate", "reorder", "jump"],
  faultyNodes: Object.keys(MACHINES),
  leaks: "ignore",
});

function seesAll(directory: GossipDirectory): boolean {
  const alive = directory.members().filter(({ status }) => status === "alive");
  return Object.keys(MACHINES).every((name) => alive.some(({ node }) => node === name));
}

function setup(world: World): RunRecord {
  const record: RunRecord = {
    operations: [],
    begun: new Map(),
    lives: new Map(),
    directories: new Map(),
    world,
  };
  const machines: Readonly<Record<string, string>> = { ...MACHINES, ...CALLERS };
  const directory = (name: string) => {
    const isSameHost = (address: string) => machines[address.replace("sim://", "")] === machines[name];
    const made = createGossipDirectory({ seeds: SEEDS, isSameHost });
    record.directories.set(name, made);
    return made;
  };
  for (const [name, machine] of Object.entries(MACHINES)) {
    const version = VERSIONS[name as keyof typeof VERSIONS];
    world.node(name, {
      machine,
      components: () => {
        record.lives.set(name, (record.lives.get(name) ?? 0) + 1);
        return serversOf(record, { name, machine, version });
      },
      directory: () => directory(name),
      limits: () => createLimits(),
    });
  }
  for (const [name, machine] of Object.entries(CALLERS))
    world.node(name, {
      machine,
      directory: () => directory(name),
      limits: () => createLimits(),
      run: (node) => call(record, node),
    });
  return record;
}

function serversOf(record: RunRecord, who: { name: string; machine: string; version: string }) {
  const { name: by, version } = who;
  const begin = (component: string, op: number, { deadline, clock }: Context) => {
    const leftMs = deadline === 0 ? Number.POSITIVE_INFINITY : deadline - clock.monotonic();
    const begun: Begun = { component, node: by, machine: who.machine, version, leftMs };
    record.begun.set(op, [...(record.begun.get(op) ?? []), begun]);
  };
  const ledger = defineComponent(
    LedgerService,
    () => ({
      async write({ op }, context) {
        begin("ledger", op, context);
        await context.clock.sleep(2, context.signal);
        return { by, version };
      },
      note({ op }, context) {
        begin("ledger", op, context);
      },
      async *count({ op, to }, context) {
        begin("ledger", op, context);
        for (let value = 1; value <= to; value++) {
          await context.clock.sleep(1, context.signal);
          yield { value, by };
        }
      },
    }),
    { version, instances: 2 },
  );
  const front = defineComponent(
    FrontService,
    () => ({
      async ask({ op }, context) {
        begin("front", op, context);
        return context.client(LedgerService).write({ op });
      },
    }),
    { version },
  );
  return [ledger, front];
}

async function call(record: RunRecord, node: ModelNode): Promise<void> {
  const draw = record.world.draw(node.name);
  let flow = node.life.beginFlow(`${node.name}-0`);
  const running: Promise<void>[] = [];
  for (let index = 0; index < OPERATIONS; index++) {
    await node.clock.sleep(draw.integer(300));
    if (index % 4 === 3) {
      flow.end("ok");
      flow = node.life.beginFlow(`${node.name}-${index}`);
    }
    const options: SendOptions = {
      timeoutMs: draw.oneOf([5, 50, TIMEOUT_MS]),
      ...(draw.integer(4) === 0 && { version: draw.oneOf(["1.0.0", "1.1.0", "^1.0.0"]) }),
      ...(draw.integer(4) === 0 && { horizon: draw.oneOf(["host", "network", "process"] as const) }),
      ...(draw.integer(6) === 0 && { horizon: { distanceMs: 1 } }),
    };
    const kind = draw.oneOf(["write", "write", "ask", "note", "count", "cancel"]);
    running.push(operate(record, node, { kind, options, flow: draw.integer(2) === 0 ? flow : undefined }));
  }
  await Promise.all(running);
  flow.end("ok");
}

async function operate(
  record: RunRecord,
  node: ModelNode,
  asked: { kind: string; options: SendOptions; flow: ReturnType<ModelNode["life"]["beginFlow"]> | undefined },
): Promise<void> {
  const { kind, options, flow } = asked;
  const { operations, world } = record;
  const id = operations.length + 1;
  const operation: LocalOperation = {
    ...{ id, kind, caller: node.name, machine: node.machine, options, ends: [], beganMs: world.elapsedMs },
    component: kind === "ask" ? "front" : "ledger",
    flow: flow?.id ?? 0,
  };
  operations.push(operation);
  const speaker = flow ?? node.life;
  const end = (outcome: Outcome<unknown>) => operation.ends.push({ outcome, atMs: world.elapsedMs });
  switch (kind) {
    case "ask":
      end(await outcomeOf(speaker.client(FrontService).ask({ op: id }, options)));
      return;
    case "note":
      end(await outcomeOf(speaker.send(LedgerService).note({ op: id }, options).accepted));
      return;
    case "count":
      end(await readAll(speaker.client(LedgerService).count({ op: id, to: 3 }, options)));
      return;
    case "cancel": {
      const give = new AbortController();
      const outcome = outcomeOf(speaker.client(LedgerService).write({ op: id }, { ...options, signal: give.signal }));
      await node.clock.sleep(3);
      give.abort();
      end(await outcome);
      return;
    }
    default:
      end(await outcomeOf(speaker.client(LedgerService).write({ op: id }, options)));
  }
}

/** What the callers were told, held against what was done. */
function check(record: RunRecord): string | undefined {
  const found: string[] = [];
  for (const operation of record.operations) found.push(...brokenBy(operation, record));
  found.push(...mixedFlows(record));
  return found.length === 0 ? undefined : found.slice(0, 3).join("; ");
}

/** Links of this world may repeat a message, which is begun again then. */
function brokenBy(operation: LocalOperation, { begun, lives }: RunRecord): readonly string[] {
  const { id, kind, options, machine, component } = operation;
  const done = begun.get(id) ?? [];
  const mayBeLost = isLost(kind, lives);
  const broken = [...brokenEnd(operation, { done, timeoutMs: TIMEOUT_MS, mayBeLost, mayRepeat: true })];
  for (const one of done) if (options.horizon === "host" && one.machine !== machine) broken.push("it left its host");
  for (const one of done)
    if (one.component === component && /^\d/.test(options.version ?? "") && one.version !== options.version)
      broken.push("another version began");
  if (options.horizon === "process" && done.length > 0) broken.push("it left its process");
  return broken.map((why) => sayBroken(operation, done, why));
}

/** A one-way message that was accepted dies with its server's life, as far as it had not begun. */
function isLost(kind: string, lives: ReadonlyMap<string, number>): boolean {
  return kind === "note" && [...lives.values()].some((count) => count > 1);
}

/** A flow that was answered by a version of a component is not answered by another from the same node. */
function mixedFlows({ operations }: RunRecord): readonly string[] {
  const seen = new Map<string, string>();
  const mixed: string[] = [];
  for (const { flow, kind, caller, ends, id, options } of operations) {
    const [end] = ends;
    if (flow === 0 || kind !== "write" || end?.outcome.kind !== "reply" || /^\d/.test(options.version ?? "")) continue;
    const { version } = end.outcome.value as { version: string };
    const before = seen.get(`${caller} ${flow}`) ?? version;
    seen.set(`${caller} ${flow}`, before);
    if (before !== version) mixed.push(`operation ${id}: its flow was at ${before}, and is answered by ${version}`);
  }
  return mixed;
}

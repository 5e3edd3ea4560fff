import { defineService, isOrreryError, json, type OrreryError } from "@orrery/core";
import {
  type CounterInput,
  checkLinearizability,
  counterModel,
  createHistory,
  type Disk,
  defineScenario,
  explainLinearizability,
  type FaultKind,
  type LinkModels,
  type ModelNode,
  type OperationHistory,
  type Scenario,
  type World,
} from "@orrery/sim";
import type { Cage } from "../cage/cage.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import type { StateFiles } from "../stateful/state-files.ts";
import { createStatefulMechtron, type StatefulMechtronOptions } from "../stateful/stateful-mechtron.ts";

/** What a counter is asked: to add, and then to wait, and to end in some other way than by a reply. */
export interface Add {
  readonly amount: number;
  readonly waitMs?: number;
  readonly end?: "fail" | "throw" | "loop";
}

/** A counter that adds, and gives the sum; adding nothing reads it. */
export const Counter = defineService("counter", { add: { request: json<Add>(), reply: json<{ sum: number }>() } });

/** The script of a mechtron that serves it. */
export const COUNTER_CODE = new TextEncoder().encode(`
  const JSON_TYPE = "application/json";
  export default { abi: 1, async handle(head, body, host) {
    const ask = (service, method, path, value) =>
      host.call(JSON.stringify({ service, method, path, contentType: JSON_TYPE }), value);
    const { amount, waitMs, end } = JSON.parse(body);
    const found = await ask("orrery.state", "get", "sum", "");
    const sum = Number(found.body || "0") + amount;
    if (amount !== 0) await ask("orrery.state", "set", "sum", String(sum));
    if (waitMs) await ask("orrery.host", "sleep", "", JSON.stringify({ ms: waitMs }));
    if (end === "loop") for (;;) {}
    if (end === "throw") throw new Error("went wrong");
    if (end === "fail") return { head: JSON.stringify({ failure: { code: "out_of_range", message: "too much" } }), body: "" };
    return { head: JSON.stringify({ contentType: JSON_TYPE }), body: JSON.stringify({ sum }) };
  } };`);

/** The members of worlds. */
export const MEMBERS: readonly string[] = ["a", "b", "c"];
/** How long nothing is heard of a primary there before another takes over. */
export const SILENCE_MS = 200;

/** Files of one member on a modelled disk. */
export function diskFiles(disk: Disk): StateFiles {
  return {
    list: () => disk.list(),
    read: (name) => disk.read(name),
    append: (name, bytes) => disk.append(name, bytes),
    sync: () => disk.sync(),
    remove: (name) => disk.remove(name),
    close: async () => undefined,
  };
}

/** How a member is made. */
export interface MemberInWorld extends Partial<StatefulMechtronOptions> {
  readonly cage: Cage;
  /** How much faster its clock goes than the world's: parts of 1. Default: 0. */
  readonly drift?: number;
  /** Spoils its disk. Default: it is as it is. */
  readonly spoil?: (disk: Disk) => Disk;
}

/** Adds a member of the counter to a world. */
export function addMember(
  world: World,
  name: string,
  { drift = 0, spoil = (disk) => disk, ...options }: MemberInWorld,
): ModelNode {
  const componentsOn = (disk: Disk) =>
    createStatefulMechtron({
      service: Counter,
      name: "demo.test:count",
      kind: "script",
      code: COUNTER_CODE,
      digest: "counter",
      persist: "ReplicateToFile",
      members: MEMBERS,
      member: name,
      files: async () => diskFiles(spoil(disk)),
      silenceMs: SILENCE_MS,
      limits: { idleMs: 0, wallMs: 60_000 },
      ...options,
    });
  return world.node(name, { components: ({ disk }) => componentsOn(disk), skew: { drift } });
}

/** Share of messages between members that come twice. */
const DUPLICATE = 0.05;

/** Links on which some of what members say to one another comes twice; what somebody else sends comes once, for sent twice it counts twice. */
export function linksOf(duplicate: number): LinkModels {
  const latency = { kind: "uniform", minMs: 1, maxMs: 5 } as const;
  const isMember = ({ name }: { readonly name: string }) => MEMBERS.includes(name);
  return (from, to) => ({ latency, duplicate: isMember(from) && isMember(to) ? duplicate : 0 });
}

/** Options of a world of members and of those who count. */
export interface CountingOptions extends MemberInWorld {
  readonly faults: readonly FaultKind[];
  /** Whether each member must count again soon, once nothing is wrong any more. */
  readonly isLive: boolean;
}

/** What was seen. */
export interface Counting {
  readonly history: OperationHistory<CounterInput, number | undefined>;
  readonly mechtrons: Mechtron[];
  /** What went wrong with the code of a mechtron, for which no fault of a world is a reason: where none can run, nothing is ever wrong. */
  readonly broken: string[];
}

const OPERATIONS = 8;
const DRIFTS = [0.1, 0, -0.1];
/** How long a member may take to count again: until the silence of another is noticed, and then until it has taken over. */
const AGAIN_MS = 3 * SILENCE_MS;

/** Three members that count for two others, whatever goes wrong with the members. */
export function countingScenario(name: string, options: CountingOptions): Scenario<Counting> {
  return defineScenario<Counting>(name, {
    world: { link: linksOf(DUPLICATE), breakAfterMs: 3_000 },
    faults: options.faults,
    faultyNodes: MEMBERS,
    leaks: "ignore",
    setup: (world) => setUp(world, options),
    check: (it, world) => judge(it, world, options.isLive),
  });
}

function setUp(world: World, options: CountingOptions): Counting {
  const { faults: _, isLive: __, ...member } = options;
  const it: Counting = {
    history: createHistory<CounterInput, number | undefined>({ now: () => world.elapsedMs }),
    mechtrons: [],
    broken: [],
  };
  const onMechtron = (mechtron: Mechtron) => it.mechtrons.push(mechtron);
  for (const [index, name] of MEMBERS.entries())
    addMember(world, name, { drift: DRIFTS[index] ?? 0, ...member, onMechtron });
  for (const [process, who] of ["ann", "bob"].entries())
    world.node(who, {
      async run({ life, clock }) {
        for (const amount of world.operations(who, OPERATIONS, (draw) => draw.integer(3))) {
          await clock.sleep(world.draw(who).integer(300));
          await count(it, { process, amount }, () => life.client(Counter).add({ amount }, { timeoutMs: 4_000 }));
        }
      },
    });
  return it;
}

/** Counts, and writes down what came of it. */
async function count(
  { history, broken }: Counting,
  { process, amount }: { readonly process: number; readonly amount: number },
  call: () => Promise<{ sum: number }>,
): Promise<boolean> {
  const open = history.invoke(process, amount === 0 ? { kind: "read" } : { kind: "add", amount });
  try {
    open.ok((await call()).sum);
    return true;
  } catch (error) {
    if (isOrreryError(error) && hasChangedNothing(error)) open.fail();
    else open.unknown();
    if (isOrreryError(error) && BREAKS.has(String(error.details["fault"]))) broken.push(error.message);
    return false;
  }
}

const BREAKS: ReadonlySet<string> = new Set(["refused", "trapped", "memory", "stuck"]);

/** Whether a message that failed has certainly changed nothing. */
export function hasChangedNothing(error: OrreryError): boolean {
  if (error.kind !== "error" && error.kind !== "defect") return error.definite;
  return error.details["fault"] === "not_kept" || error.details["fault"] === "not_primary";
}

/** Ends all faults, has each member count once more, and looks whether all of it is as one counter would have it. */
async function judge(it: Counting, world: World, isLive: boolean): Promise<string | true> {
  await world.recover();
  for (const [at, member] of MEMBERS.entries()) {
    const node = world.nodes.get(member);
    if (node === undefined) return `there is no ${member}`;
    const add = () => node.life.client(Counter).add({ amount: 1 }, { timeoutMs: 8_000 });
    const beganMs = world.elapsedMs;
    let counts = false;
    for (let attempt = 1; attempt <= 4 && !counts; attempt++)
      counts = (await world.settle(count(it, { process: 10 + at, amount: 1 }, add))) === true;
    if (isLive && !counts) return `${member} does not count although nothing is wrong any more`;
    const tookMs = world.elapsedMs - beganMs;
    if (isLive && tookMs > AGAIN_MS) return `${member} counted after ${tookMs} ms although nothing was wrong any more`;
  }
  for (const mechtron of it.mechtrons) mechtron.close();
  if (it.broken[0] !== undefined) return it.broken[0];
  const result = checkLinearizability(counterModel(), it.history.operations());
  if (result.verdict === "no") return explainLinearizability(counterModel(), result);
  return result.verdict === "yes" || "the checker gave up";
}

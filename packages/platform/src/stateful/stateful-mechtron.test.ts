import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import {
  createNode,
  createSystemClock,
  createSystemRandom,
  defineComponent,
  defineService,
  json,
  outcomeOf,
} from "@orrery/core";
import { createWorld, type Disk, type LinkModel, type LinkModels, type World } from "@orrery/sim";
import { createModelCage } from "../cage/model-cage.ts";
import { memoryFiles } from "../testing/memory-files.ts";
import {
  addMember,
  COUNTER_CODE,
  Counter,
  linksOf,
  MEMBERS,
  type MemberInWorld,
  SILENCE_MS,
} from "../testing/stateful-world.ts";
import type { StateFiles } from "./state-files.ts";
import { createStatefulMechtron, type StatefulMechtronOptions } from "./stateful-mechtron.ts";

const cage = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
const ALONE = { cage, service: Counter, name: "demo.test:count", kind: "script", code: COUNTER_CODE } as const;

function filesOf(content: Readonly<Record<string, Uint8Array>> = {}): StateFiles {
  return { ...memoryFiles(content).files, close: async () => undefined };
}

async function nodeOf(options: Partial<StatefulMechtronOptions> & Pick<StatefulMechtronOptions, "persist">) {
  const node = createNode({ components: createStatefulMechtron({ ...ALONE, ...options }) });
  await node.start();
  const client = node.client(Counter);
  return { client, add: async (amount: number) => (await client.add({ amount })).sum, stop: () => node.stop() };
}

test("createStatefulMechtron is one: of 1,000 additions at once, 1,000 count", async () => {
  const { add, stop } = await nodeOf({ persist: "ReplicateToFile", files: async () => filesOf() });
  const sums = await Promise.all(Array.from({ length: 1_000 }, () => add(1)));
  assert.deepEqual(
    sums,
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  );
  await stop();
});

test("createStatefulMechtron with None begins anew in another life, with ReplicateToFile where it was", async () => {
  for (const [persist, expected] of [["None", 1] as const, ["ReplicateToFile", 6] as const]) {
    const files = filesOf();
    const first = await nodeOf({ persist, files: async () => files });
    await first.add(2);
    await first.add(3);
    await first.stop();
    const second = await nodeOf({ persist, files: async () => files });
    assert.equal(await second.add(1), expected, persist);
    await second.stop();
  }
});

test("createStatefulMechtron keeps nothing of a message that fails, however it does", async () => {
  const { client, add, stop } = await nodeOf({ persist: "None" });
  await add(5);
  await assert.rejects(client.add({ amount: 1, end: "fail" }), { code: "out_of_range" });
  await assert.rejects(client.add({ amount: 1, end: "throw" }), { code: "internal" });
  await assert.rejects(client.add({ amount: 1, end: "loop" }), { message: /endless loop/ });
  assert.equal(await add(0), 5);
  await stop();
});

test("createStatefulMechtron says why its files cannot be used, to callers too, and goes on once they can", async () => {
  let files = filesOf({ "state-0000000001": new Uint8Array(100) });
  const { client, add, stop } = await nodeOf({ persist: "ReplicateToFile", files: async () => files });
  await assert.rejects(client.add({ amount: 1 }), {
    code: "data_loss",
    message: /put back a copy or empty the folder/,
  });
  files = filesOf();
  assert.equal(await add(1), 1);
  await stop();
});

const wrong: readonly (readonly [what: string, options: object, message: RegExp])[] = [
  ["an unknown rule", { persist: "Sometimes" }, /there is no such rule, write None or ReplicateToFile$/],
  ["a rule that is none", { persist: undefined }, /there is no such rule/],
  ["files that are not given", { persist: "ReplicateToFile" }, /needs files/],
  ["several members that forget", { persist: "None", members: MEMBERS, member: "a" }, /write ReplicateToFile for 3/],
  ["a member that is none", { persist: "None", members: ["a"], member: "d" }, /"d" is none of its members a$/],
  ["no member among several", { persist: "None", members: MEMBERS }, /"" is none of its members/],
  ["a member named twice", { persist: "None", members: ["a", "a"], member: "a" }, /names a member twice/],
  ["a name that is none", { persist: "None", members: ["a b"] }, /member "a b" is no name/],
  [
    "too many members",
    { persist: "None", members: [..."abcdefghij"], member: "a" },
    /it has 10 members, the limit is 9/,
  ],
  ["too short a silence", { persist: "None", silenceMs: 9 }, /silenceMs is 9, write 10 or more/],
  ["bad code", { persist: "None", kind: "wasm", code: new Uint8Array(3) }, /./],
];
for (const [what, options, message] of wrong) {
  test(`createStatefulMechtron refuses ${what}`, () => {
    assert.throws(() => createStatefulMechtron({ ...ALONE, ...options } as never), {
      code: "invalid_argument",
      message,
    });
  });
}

/** A world of three members, and somebody who asks each of them. */
async function worldOf(
  change: (member: string) => Partial<MemberInWorld> = () => ({}),
  link: LinkModel | LinkModels = { latency: 2 },
) {
  const world = createWorld({ seed: 5, link });
  for (const member of MEMBERS) addMember(world, member, { cage, ...change(member) });
  await world.start();
  const start = (member: string, amount: number, waitMs = 0) =>
    outcomeOf(lifeOf(world, member).client(Counter).add({ amount, waitMs }, { timeoutMs: 5_000 })).then((outcome) =>
      outcome.kind === "reply"
        ? outcome.value.sum
        : `${outcome.error.code} ${outcome.error.details["fault"] ?? outcome.error.details["reason"]}`,
    );
  return { world, start, add: (member: string, amount: number) => world.settle(start(member, amount)) };
}

function lifeOf(world: World, member: string) {
  return world.nodes.get(member)?.life ?? assert.fail(member);
}

test("createStatefulMechtron is one at all its members", async () => {
  const { world, add } = await worldOf();
  assert.deepEqual([await add("a", 1), await add("b", 1), await add("c", 1), await add("a", 0)], [1, 2, 3, 3]);
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron refuses the late write of a primary whose place another has taken", async () => {
  const { world, add, start } = await worldOf();
  assert.equal(await add("a", 1), 1);
  const late = start("a", 10, 3 * SILENCE_MS);
  await world.run({ forMs: 50 });
  world.partition(["a"], ["b", "c"]);
  assert.equal(await add("b", 1), 2);
  world.heal();
  assert.equal(await world.settle(late), "unavailable not_kept");
  assert.deepEqual([await add("a", 0), await add("b", 0), await add("c", 0)], [2, 2, 2]);
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron gives nothing old, although by its own clock its primary was heard just now", async () => {
  const { world, add, start } = await worldOf((member) => ({ drift: member === "a" ? -0.9 : 0 }));
  assert.equal(await add("a", 1), 1);
  world.partition(["a"], ["b", "c"]);
  assert.equal(await add("b", 1), 2);
  const old = start("a", 0);
  await world.run({ forMs: 100 });
  world.heal();
  assert.equal(await world.settle(old), "unavailable not_kept"); // It was asked while it did not know of the other.
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron acknowledges nothing where no majority is", async () => {
  const { world, add } = await worldOf();
  assert.equal(await add("a", 1), 1);
  world.partition(["a"], ["b"], ["c"]);
  for (const member of MEMBERS) assert.match(String(await add(member, 1)), /^(unavailable|deadline_exceeded) /);
  world.heal();
  assert.ok(Number(await add("c", 0)) <= 2);
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron takes a member back whose disk is empty, and then can do without another", async () => {
  const { world, add } = await worldOf();
  assert.equal(await add("a", 1), 1);
  await world.settle(world.nodes.get("b")?.restart({ emptyDisk: true }) ?? assert.fail());
  assert.equal(await add("a", 1), 2);
  await world.run({ forMs: 11 * SILENCE_MS }); // Members are taken back no more often.
  assert.deepEqual([await add("a", 1), await add("a", 1)], [3, 4]);
  world.nodes.get("a")?.crash();
  assert.deepEqual([await add("b", 1), await add("c", 1)], [5, 6]);
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron does not believe a member whose disk is empty", async () => {
  const { world, add } = await worldOf();
  world.partition(["c"], ["a", "b"]);
  world.heal();
  assert.equal(await add("a", 1), 1);
  world.partition(["c"], ["a", "b"]);
  assert.equal(await add("a", 1), 2);
  world.nodes.get("a")?.crash();
  await world.settle(world.nodes.get("b")?.restart({ emptyDisk: true }) ?? assert.fail());
  world.heal();
  assert.equal(await add("c", 1), "unavailable not_primary"); // Who has the second addition is down.
  await world.settle(world.nodes.get("a")?.restart() ?? assert.fail());
  assert.equal(await add("c", 1), 3);
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron goes on at another member when its primary stops in good order", async () => {
  const { world, add } = await worldOf();
  assert.equal(await add("a", 1), 1);
  await world.settle(lifeOf(world, "a").stop());
  assert.deepEqual([await add("b", 1), await add("c", 1)], [2, 3]);
  await world[Symbol.asyncDispose]();
});

const Echo = defineService("echo", { back: { request: json<{ by: string }>(), reply: json<{ said: string }>() } });

test("createStatefulMechtron refuses a call that comes back to it by another member, as a cycle", async () => {
  const code = new TextEncoder().encode(`export default { abi: 1, async handle(head, body, host) {
    const { amount } = JSON.parse(body);
    if (amount === 0) return { head: '{"contentType":"application/json"}', body: '{"sum":0}' };
    const answer = await host.call('{"service":"echo","method":"back","contentType":"application/json"}', '{"by":"b"}');
    const { failure } = JSON.parse(answer.head);
    if (failure) return { head: JSON.stringify({ failure }), body: "" };
    return { head: '{"contentType":"application/json"}', body: JSON.stringify({ sum: JSON.parse(answer.body).said }) };
  } };`);
  const world = createWorld({ seed: 5, link: { latency: 2 } });
  for (const member of MEMBERS) addMember(world, member, { cage, code, digest: "cycle", calls: [Echo] });
  const echo = defineComponent(Echo, (instance) => ({
    async back(_, context) {
      const outcome = await outcomeOf(context.client(Counter).add({ amount: 1 }));
      assert.ok(instance.id !== "");
      return {
        said: outcome.kind === "reply" ? "answered" : String(outcome.error.reason ?? outcome.error.details["reason"]),
      };
    },
  }));
  world.node("echo", { components: [echo] });
  await world.start();
  const reply = await world.settle(lifeOf(world, "a").client(Counter).add({ amount: 1 }));
  assert.deepEqual(reply, { sum: "call_cycle" });
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron counts an addition once although all that members say to one another comes twice", async () => {
  const { world, add } = await worldOf(undefined, linksOf(1));
  const sums: unknown[] = [];
  for (let n = 0; n < 30; n++) sums.push(await add(MEMBERS[n % 3] ?? "", 1));
  assert.deepEqual(
    sums,
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  await world[Symbol.asyncDispose]();
});

test("createStatefulMechtron takes over from a member that has lost its own epoch, and knows of an older one", async () => {
  let syncs = Number.POSITIVE_INFINITY;
  const { world, add, start } = await worldOf((member) =>
    member === "a" ? { spoil: stuckAfter(() => --syncs >= 0) } : {},
  );
  assert.equal(await add("b", 1), 1);
  world.nodes.get("b")?.crash();
  await world.run({ forMs: 2 * SILENCE_MS });
  syncs = 1; // It keeps what it promised, and not the state that it has the other take.
  void start("a", 1);
  await world.run({ forMs: 5 * SILENCE_MS });
  assert.ok(syncs < 0, "it was not asked to keep the state");
  syncs = Number.POSITIVE_INFINITY;
  for (const member of ["a", "c"]) {
    world.nodes.get(member)?.crash();
    await world.settle(world.nodes.get(member)?.restart() ?? assert.fail());
  }
  assert.equal(await add("c", 1), 2); // It knows of the epoch of a, by what it has taken, and a of that of b.
  await world[Symbol.asyncDispose]();
});

/** Spoils a disk: what it is to keep, it does not, as long as it may not. */
function stuckAfter(may: () => boolean) {
  return (disk: Disk): Disk => ({
    read: (name) => disk.read(name),
    write: (name, bytes) => disk.write(name, bytes),
    append: (name, bytes) => disk.append(name, bytes),
    remove: (name) => disk.remove(name),
    list: () => disk.list(),
    sync: () => (may() ? disk.sync() : new Promise(() => {})),
  });
}

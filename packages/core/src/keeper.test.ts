import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import type { JournalFiles } from "./journal/journal-files.ts";
import { createSegmentedJournal } from "./journal/segmented-journal.ts";
import type { Journal } from "./journal.ts";
import { json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { createMemoryFiles, mortalJournal } from "./testing/memory-journal.ts";
import { startTestNode } from "./testing/test-node.ts";

const Orders = defineService("orders", {
  place: { request: json<{ order: string }>(), mode: "async", keep: true },
  note: { request: json<{ order: string }>(), mode: "async" },
  ask: { request: json<{ order: string }>(), reply: json<{ order: string }>() },
});

type Handle = (order: string, context: Context, crash: (cause: unknown) => void) => Promise<void> | void;

/** A component that does what a test wants with each message, whatever its method. */
function orders(handle: Handle) {
  return defineComponent(Orders, ({ crash }) => ({
    place: ({ order }, context) => handle(order, context, crash),
    note: ({ order }, context) => handle(order, context, crash),
    ask: async ({ order }, context) => {
      await handle(order, context, crash);
      return { order };
    },
  }));
}

/** Files whose syncs wait for the test. */
function slowFiles(files: JournalFiles) {
  const gates: PromiseWithResolvers<void>[] = [];
  const slow: JournalFiles = {
    ...files,
    sync: () => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
  };
  return { slow, gates };
}

async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

for (const local of ["copy", "encode"] as const) {
  test(`createKeeper acknowledges a message when it is safe, and keeps the order of all (${local})`, async () => {
    const handled: string[] = [];
    const { slow, gates } = slowFiles(createMemoryFiles());
    const journal = createSegmentedJournal({ files: slow });
    const { node } = await startTestNode([orders((order) => void handled.push(order))], { journal, local });
    const first = node.send(Orders).place({ order: "first" });
    await turns();
    const second = node.send(Orders).note({ order: "second" });
    const third = node.client(Orders).ask({ order: "third" });
    const fourth = node.send(Orders).place({ order: "fourth" });
    await turns();
    assert.deepEqual([handled, first.check(), gates.length], [[], undefined, 1]);
    gates[0]?.resolve();
    await first.accepted;
    await second.accepted;
    await third;
    assert.deepEqual([handled, fourth.check(), gates.length], [["first", "second", "third"], undefined, 2]);
    gates[1]?.resolve();
    await fourth.accepted;
    await turns();
    assert.deepEqual(handled, ["first", "second", "third", "fourth"]);
    assert.equal(journal.load.entries, 0);
    await node.stop();
  });
}

test("createKeeper writes what comes in one turn together", async () => {
  const { slow, gates } = slowFiles(createMemoryFiles());
  const journal = createSegmentedJournal({ files: slow });
  const { node } = await startTestNode([orders(() => undefined)], { journal });
  const tickets = Array.from({ length: 100 }, (_, at) => node.send(Orders).place({ order: String(at) }));
  await turns();
  assert.equal(gates.length, 1);
  gates[0]?.resolve();
  await Promise.all(tickets.map(({ accepted }) => accepted));
  await node.stop();
});

test("createKeeper gives a later life what was acknowledged, in order, with what came along, before all that is new", async () => {
  const files = createMemoryFiles();
  const first = mortalJournal(files, {});
  const never = new Promise<void>(() => undefined);
  const before = await startTestNode([orders(() => never)], { journal: first.journal });
  const flow = before.node.beginFlow("shopping");
  for (const order of ["a", "b", "c"]) {
    const options = { idempotencyKey: `key-${order}`, agent: "ann", flow };
    await before.node.send(Orders).place({ order }, options).accepted;
  }
  await first.crash();
  const handled: unknown[] = [];
  const note = (order: string, { attempt, idempotencyKey, agent, flow: { name } }: Context) =>
    void handled.push([order, attempt, idempotencyKey, agent, name]);
  const after = await startTestNode([orders(note)], { journal: createSegmentedJournal({ files }) });
  await after.node.client(Orders).ask({ order: "new" });
  assert.deepEqual(handled, [
    ["a", 1, "key-a", "ann", "shopping"],
    ["b", 1, "key-b", "ann", "shopping"],
    ["c", 1, "key-c", "ann", "shopping"],
    ["new", 0, "", "anonymous", ""],
  ]);
  await after.node.stop();
  const third = createSegmentedJournal({ files });
  assert.deepEqual((await third.recall()).entries, []);
});

test("createKeeper gives what an earlier life accepted before what came while the node was about to start", async () => {
  const files = createMemoryFiles();
  const first = mortalJournal(files, {});
  const before = await startTestNode([orders(() => new Promise(() => undefined))], { journal: first.journal });
  await before.node.send(Orders).place({ order: "accepted" }).accepted;
  await first.crash();
  const handled: string[] = [];
  const hub = createMemoryHub();
  const transport = hub.transport();
  const journal = createSegmentedJournal({ files });
  const node = createNode({
    components: [orders((order) => void handled.push(order))],
    transports: [transport],
    journal,
  });
  const directory = createTableDirectory({ orders: [await transport.listen("memory://*")] });
  const client = createClient({ transports: [hub.transport()], directory });
  const early = client.client(Orders).ask({ order: "early" });
  await turns();
  await node.start();
  await early;
  assert.deepEqual(handled, ["accepted", "early"]);
  await client.stop();
  await node.stop();
});

test("createKeeper gives what an instance had that crashes on its way out to those that stay", async () => {
  const journal = createSegmentedJournal({ files: createMemoryFiles() });
  const handled: string[] = [];
  let hold = true;
  let end: (cause: unknown) => void = () => undefined;
  const handle: Handle = (order, _context, crash) => {
    if (!hold) return void handled.push(order);
    end = crash;
    return new Promise(() => undefined);
  };
  const { node } = await startTestNode([orders(handle)], { journal, capacity: { orders: { instances: 1 } } });
  await node.send(Orders).place({ order: "1" }).accepted;
  await node.send(Orders).place({ order: "2" }).accepted;
  await turns();
  const shrunk = node.setCapacity("orders", { instances: 0 });
  const grown = node.setCapacity("orders", { instances: 1 });
  hold = false;
  await turns();
  end(new Error("on its way out"));
  await Promise.all([shrunk, grown]);
  await turns(200);
  assert.deepEqual(handled, ["1", "2"]);
  await node.stop();
});

test("createKeeper lets a message go whose handler failed: it was handled", async () => {
  const journal = createSegmentedJournal({ files: createMemoryFiles() });
  let calls = 0;
  const fail = () => {
    calls++;
    throw calls === 1 ? new OrreryError("not_found", "There is no such order") : new Error("a mistake");
  };
  const { node } = await startTestNode([orders(fail)], { journal });
  await node.send(Orders).place({ order: "declared" }).accepted;
  await node.send(Orders).place({ order: "not declared" }).accepted;
  await turns();
  assert.deepEqual([calls, journal.load.entries], [2, 0]);
  await node.stop();
});

test("createKeeper sets a message aside that crashes its instance again and again, and the others are handled", async () => {
  const files = createMemoryFiles();
  const handled: string[] = [];
  const attempts: number[] = [];
  const handle: Handle = (order, { attempt }, crash) => {
    if (order !== "poison") return void handled.push(order);
    attempts.push(attempt);
    crash(new Error("it bites"));
    return new Promise(() => undefined);
  };
  const { node, lines } = await startTestNode([orders(handle)], { journal: createSegmentedJournal({ files }) });
  const tickets = ["one", "poison", "two", "three"].map((order) =>
    node.send(Orders).place({ order }, { agent: "ann" }),
  );
  await Promise.all(tickets.map(({ accepted }) => accepted));
  await turns(400);
  assert.deepEqual(
    [handled, attempts],
    [
      ["one", "two", "three"],
      [0, 1, 2, 3],
    ],
  );
  const [dead, ...others] = await node.deadMessages();
  assert.deepEqual(others, []);
  assert.deepEqual([dead?.component, dead?.method, dead?.agent], ["orders", "place", "ann"]);
  assert.match(dead?.why ?? "", /begun again 3 times and never ended/);
  assert.equal(lines.filter(({ text }) => text === "kept message set aside").length, 1);
  assert.equal(lines.filter(({ text }) => text === "accepted messages lost").length, 0);
  await node.stop();
  const later = await startTestNode([orders(handle)], { journal: createSegmentedJournal({ files }) });
  assert.deepEqual(
    (await later.node.deadMessages()).map(({ id }) => id),
    [dead?.id],
  );
  await assert.rejects(later.node.dropDeadMessage(99), {
    code: "not_found",
    message: `Cannot drop dead message 99: those that are set aside are ${dead?.id}`,
  });
  await later.node.dropDeadMessage(dead?.id ?? 0);
  assert.deepEqual(await later.node.deadMessages(), []);
  await later.node.stop();
  const last = createSegmentedJournal({ files });
  assert.deepEqual([(await last.recall()).entries, last.load.entries], [[], 0]);
});

test("createKeeper sets a message aside that ends its process again and again", async () => {
  const files = createMemoryFiles();
  const attempts: number[] = [];
  for (let life = 0; life < 6; life++) {
    const { journal, crash } = mortalJournal(files, {});
    const handle: Handle = (order, { attempt }) => {
      if (order !== "poison") return;
      attempts.push(attempt);
      void crash();
      return new Promise(() => undefined);
    };
    const { node } = await startTestNode([orders(handle)], { journal });
    if (life === 0) void node.send(Orders).place({ order: "poison" });
    await turns(200);
  }
  assert.deepEqual(attempts, [0, 1, 2, 3]);
});

test("createKeeper refuses definitely what the journal has no room for", async () => {
  const journal = createSegmentedJournal({ files: createMemoryFiles(), entriesMax: 2 });
  const gate = Promise.withResolvers<void>();
  const { node } = await startTestNode([orders(() => gate.promise)], { journal });
  await node.send(Orders).place({ order: "1" }).accepted;
  await node.send(Orders).place({ order: "2" }).accepted;
  await assert.rejects(node.send(Orders).place({ order: "3" }).accepted, {
    reason: "overloaded",
    definite: true,
    details: { check: "journal" },
    message: 'Cannot accept "orders.place": Cannot keep a message: its journal is full with 2 messages',
  });
  gate.resolve();
  await node.stop();
});

test("createKeeper says that it does not know when the journal fails while it writes, and goes on with the next", async () => {
  const files = createMemoryFiles();
  let broken = true;
  const sync = async (name: string) => {
    if (broken) throw new Error("input/output error");
    await files.sync(name);
  };
  const handled: string[] = [];
  const journal = createSegmentedJournal({ files: { ...files, sync } });
  const { node } = await startTestNode([orders((order) => void handled.push(order))], { journal });
  await assert.rejects(node.send(Orders).place({ order: "1" }).accepted, { reason: "not_kept", definite: false });
  broken = false;
  await node.send(Orders).place({ order: "2" }).accepted;
  await turns();
  assert.deepEqual(handled, ["2"]);
  await node.stop();
  assert.deepEqual((await createSegmentedJournal({ files }).recall()).entries, []);
});

test("createKeeper holds what its node drains for, until the time for that is over", async () => {
  const files = createMemoryFiles();
  const { node, clock } = await startTestNode([orders(() => new Promise(() => undefined))], {
    journal: createSegmentedJournal({ files }),
  });
  await node.send(Orders).place({ order: "1" }).accepted;
  await node.send(Orders).place({ order: "2" }).accepted;
  const stopped = node.stop({ timeoutMs: 100 });
  void clock.advance(100);
  await stopped;
  const journal: Journal = createSegmentedJournal({ files });
  assert.equal((await journal.recall()).entries.length, 2);
});

test("createNode refuses to start kept methods without a journal, and says what to do", async () => {
  const node = createNode({ name: "bare", components: [orders(() => undefined)] });
  await assert.rejects(node.start(), {
    code: "failed_precondition",
    message: /^Cannot start node "bare": method "orders.place" is kept and the node has no journal, give /,
  });
});

test("createKeeper leaves what is for a component that is not here where it is", async () => {
  const files = createMemoryFiles();
  const life = mortalJournal(files, {});
  const before = await startTestNode([orders(() => new Promise(() => undefined))], { journal: life.journal });
  await before.node.send(Orders).place({ order: "1" }).accepted;
  await life.crash();
  const other = await startTestNode([], { journal: createSegmentedJournal({ files }) });
  assert.ok(other.lines.some(({ text }) => text === "kept messages of a component that is not here"));
  await other.node.stop();
  assert.equal((await createSegmentedJournal({ files }).recall()).entries.length, 1);
});

test("createKeeper gives a dead message to an instance again, with its key and a raised attempt, and once", async () => {
  const files = createMemoryFiles();
  const handled: unknown[] = [];
  let isMended = false;
  const handle: Handle = (order, { attempt, idempotencyKey, agent }, crash) => {
    if (isMended) {
      handled.push([order, attempt, idempotencyKey, agent]);
      return;
    }
    crash(new Error("no table"));
    return new Promise(() => undefined);
  };
  const journal = createSegmentedJournal({ files });
  const { node } = await startTestNode([orders(handle)], { journal });
  await node.send(Orders).place({ order: "poison" }, { agent: "ann", idempotencyKey: "order-1" }).accepted;
  await turns(400);
  const [dead] = await node.deadMessages();
  const id = dead?.id ?? 0;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(dead?.body)), { order: "poison" });
  assert.equal(dead?.contentType, "application/json");
  isMended = true;
  const both = await Promise.allSettled([node.retryDeadMessage(id), node.retryDeadMessage(id)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  await turns(400);
  assert.deepEqual(handled, [["poison", 1, "order-1", "ann"]]);
  assert.deepEqual([await node.deadMessages(), journal.load.entries], [[], 0]);
  await assert.rejects(node.retryDeadMessage(id), {
    code: "not_found",
    message: `Cannot retry dead message ${id}: none is set aside`,
  });
  await node.stop();
});

test("createKeeper keeps a dead message as it was whose component does not run", async () => {
  const files = createMemoryFiles();
  const handle: Handle = (_, _context, crash) => {
    crash(new Error("no table"));
    return new Promise(() => undefined);
  };
  const { node } = await startTestNode([orders(handle)], { journal: createSegmentedJournal({ files }) });
  await node.send(Orders).place({ order: "poison" }).accepted;
  await turns(400);
  const [dead] = await node.deadMessages();
  const id = dead?.id ?? 0;
  await node.stop();
  const other = defineComponent(
    defineService("other", { ask: { request: json<object>(), reply: json<object>() } }),
    () => ({
      ask: () => ({}),
    }),
  );
  const later = await startTestNode([other], { journal: createSegmentedJournal({ files }) });
  await assert.rejects(later.node.retryDeadMessage(id), {
    code: "failed_precondition",
    message: `Cannot retry dead message ${id}: its component "orders" does not run here`,
  });
  assert.deepEqual(
    (await later.node.deadMessages()).map((one) => one.id),
    [id],
  );
  await later.node.stop();
});

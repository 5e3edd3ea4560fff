import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, createSystemClock, type Random } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { digestOf } from "../blobs/system-digest.ts";
import { openEmptyDatabase, openTestRegistry } from "../conformance/test-registry.ts";
import { USAGE_FLUSH_MS, USAGE_PLACES_MAX } from "../limits.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { UsagePlan } from "./usage-store.ts";
import { addUsage, NO_USAGE, type Usage, type Use } from "./use.ts";

const OPERATOR = { agent: "operator" };
const OWNERS = ["operator", "demo.test:users:ann", "demo.test:users:bob"];
const FILES = [
  "demo.test:files:/a",
  "demo.test:files:/d/b",
  "demo.test:files:/d/c",
  "demo.test:more:/a",
  "else.test:f:/a",
];

/** A clock that stands still until it is moved, and whose timers go by nobody. */
function handClock(): Clock & { pass(ms: number): void } {
  let now = 1_700_000_000_000;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    ...createSystemClock(),
    now: () => now,
    monotonic: () => now,
    timer: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    pass: (ms) => {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

async function open(database: Database, clock: Clock, seed = 1) {
  const registry = await openTestRegistry({ database, clock });
  const ledger = createLedger({ database, registry, clock, random: createSeededRandom(seed) });
  return { registry, ledger };
}

async function fill(registry: Registry): Promise<void> {
  for (const [address, kind] of [
    ["demo.test", "Space"],
    ["else.test", "Space"],
    ["demo.test:files", "FileSystem"],
    ["demo.test:more", "FileSystem"],
    ["else.test:f", "FileSystem"],
    ["demo.test:files:/d/", "Directory"],
  ] as const)
    await registry.create({ address, kind }, OPERATOR);
}

/** What the ledger must say, in a few lines: each address and owner with all that was counted, moved on at each look. */
function createModel(clock: Clock) {
  const rows = new Map<string, { address: string; owner: string; usage: Usage }>();
  const there = new Map<string, { owner: string; file: number; database: number }>();
  let last = clock.now();
  const row = (address: string, owner: string) => {
    const key = `${address} ${owner}`;
    const one = rows.get(key) ?? { address, owner, usage: NO_USAGE };
    rows.set(key, one);
    return one;
  };
  const add = (address: string, owner: string, more: Partial<Usage>) => {
    const one = row(address, owner);
    one.usage = addUsage(one.usage, { ...NO_USAGE, ...more });
  };
  const pass = () => {
    const ms = BigInt(clock.now() - last);
    last = clock.now();
    for (const [address, { owner, file, database }] of there)
      add(address, owner, { fileByteMs: ms * BigInt(file), databaseByteMs: ms * BigInt(database) });
  };
  return {
    pass,
    use: (address: string, owner: string, use: Use) =>
      add(address, owner, Object.fromEntries(Object.entries(use).map(([name, count]) => [name, BigInt(count)]))),
    set: (address: string, is: { owner: string; file: number; database: number } | undefined) => {
      pass();
      if (is === undefined) there.delete(address);
      else there.set(address, is);
    },
    ownerOf: (address: string) => there.get(address)?.owner ?? "operator",
    /** The sums by a name of each row. */
    sums: (nameOf: (address: string, owner: string) => string | undefined) => {
      pass();
      const sums = new Map<string, Usage>();
      const put = (address: string, owner: string, usage: Usage) => {
        const name = nameOf(address, owner);
        if (name !== undefined) sums.set(name, addUsage(sums.get(name) ?? NO_USAGE, usage));
      };
      for (const { address, owner, usage } of rows.values()) put(address, owner, usage);
      for (const [address, { owner, file, database }] of there)
        put(address, owner, { ...NO_USAGE, fileBytes: BigInt(file), databaseBytes: BigInt(database) });
      return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

type Model = ReturnType<typeof createModel>;

/** Tells the model how a resource is. */
async function look(registry: Registry, model: Model, address: string): Promise<void> {
  const { resources } = await registry.list({ selector: address }, OPERATOR);
  const [one] = resources;
  if (one === undefined) return model.set(address, undefined);
  const file = one.state["content"]?.bytes ?? 0;
  model.set(address, { owner: one.owner, file, database: Buffer.byteLength(JSON.stringify(one)) });
}

async function read(ledger: Ledger, plan: Omit<UsagePlan, "at" | "limit">) {
  const { total, parts } = await ledger.read({ ...plan, limit: 1_000 });
  const sum = parts.reduce((all, { usage }) => addUsage(all, usage), NO_USAGE);
  assert.deepEqual(sum, total, "the total is the sum of its parts");
  return Object.fromEntries(parts.map(({ name, usage }) => [name, usage]));
}

function childIn(root: string) {
  return (address: string) => {
    if (address === root) return root;
    if (!address.startsWith(root.endsWith("/") ? root : `${root}:`)) return undefined;
    const rest = address.slice(root.length);
    const [own = ""] = /^(:\/[^/]+\/?|:[^:/]+|[^/]+\/?)/.exec(rest) ?? [];
    return root + own;
  };
}

async function change(registry: Registry, random: Random): Promise<string> {
  const address = FILES[random.integer(FILES.length)] as string;
  const { resources } = await registry.list({ selector: address }, OPERATOR);
  if (resources.length > 0 && random.integer(3) === 0) await registry.remove({ address }, OPERATOR);
  else {
    const owner = OWNERS[random.integer(3)] as string;
    const bytes = random.integer(2) === 0 ? random.integer(1_000) : 2 ** 40 + random.integer(1_000);
    const state = { content: { digest: digestOf(Buffer.from(String(bytes))), bytes } };
    const step =
      resources.length === 0
        ? {
            create: { address, kind: "File", owner, state, properties: { contentType: "ä".repeat(random.integer(9)) } },
          }
        : { change: { address, owner, state } };
    await registry.apply([step], OPERATOR);
  }
  return address;
}

describe("createLedger", () => {
  for (const seed of [1, 2, 3])
    it(`counts as a model of a few lines, over restarts, seed ${seed}`, async () => {
      const random = createSeededRandom(seed);
      const clock = handClock();
      const database = await openEmptyDatabase();
      let { registry, ledger } = await open(database, clock);
      const model = createModel(clock);
      await fill(registry);
      for (const { address } of (await registry.list({ selector: "**" }, OPERATOR)).resources)
        await look(registry, model, address);
      for (let round = 0; round < 120; round++) {
        const dice = random.integer(10);
        if (dice < 4) await look(registry, model, await change(registry, random));
        else if (dice < 8) {
          const address = [...FILES, "demo.test", "demo.test:files"][random.integer(FILES.length + 2)] as string;
          const use = {
            networkIn: random.integer(1e9),
            networkOut: random.integer(9),
            cpuUs: random.integer(1e6),
            messages: 1,
          };
          ledger.count(address, use);
          model.use(address, model.ownerOf(address), use);
          if (random.integer(2) === 0)
            await ledger.flush(); // Who owns it is looked up then.
          else await ledger.flush().then(() => clock.pass(random.integer(5_000)));
        } else if (dice === 8) clock.pass(random.integer(100_000_000));
        else {
          await ledger[Symbol.asyncDispose]();
          await registry[Symbol.asyncDispose]();
          ({ registry, ledger } = await open(database, clock, 100 + round));
        }
        if (round % 10 !== 9) continue;
        for (const root of ["demo.test", "demo.test:files", "demo.test:files:/d/", "else.test:f"])
          assert.deepEqual(await read(ledger, { root, by: "child" }), model.sums(childIn(root)), `${round} ${root}`);
        const spaces = model.sums((address) => address.split(":")[0]);
        assert.deepEqual(await read(ledger, { root: "", by: "child" }), spaces);
        const isIn = childIn("demo.test");
        const owners = model.sums((address, owner) => (isIn(address) === undefined ? undefined : owner));
        assert.deepEqual(await read(ledger, { root: "demo.test", by: "owner" }), owners);
      }
      await ledger[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    });

  it("writes by the clock, and loses no more than what was counted since, however its process ends", async () => {
    const clock = handClock();
    const database = await openEmptyDatabase();
    const { registry, ledger } = await open(database, clock);
    await using _ = registry;
    await fill(registry);
    let isTold = 0;
    ledger.onCollect(() => ledger.count("demo.test", { cpuUs: ++isTold }));
    ledger.count("demo.test", { messages: 3 });
    clock.pass(USAGE_FLUSH_MS);
    await ledger.flush(); // Behind what the clock began.
    ledger.count("demo.test", { messages: 5 });
    const other = createLedger({ database, registry, clock, random: createSeededRandom(9) });
    const { total } = await other.read({ root: "demo.test", by: "child", limit: 1 });
    assert.deepEqual([total.messages, total.cpuUs], [3n, 3n]);
    await ledger[Symbol.asyncDispose]();
    const after = await other.read({ root: "demo.test", by: "child", limit: 1 });
    assert.deepEqual([after.total.messages, after.total.cpuUs], [8n, 6n]);
    await other[Symbol.asyncDispose]();
  });

  it("writes once what nobody knows whether it was written, and keeps what was not", async () => {
    const clock = handClock();
    const database = await openEmptyDatabase();
    await using registry = await openTestRegistry({ database, clock });
    await fill(registry);
    let broken: "before" | "after" | undefined;
    const transaction = () => ({
      execute: async <T>(run: (transaction: never) => Promise<T>) => {
        const how = broken;
        broken = undefined;
        if (how === "before") throw new Error("connection reset");
        const result = await database.kysely.transaction().execute(run as never);
        if (how === "after") throw new Error("connection reset");
        return result;
      },
    });
    const shaky = { ...database, kysely: Object.assign(Object.create(database.kysely), { transaction }) };
    const ledger = createLedger({ database: shaky, registry, clock, random: createSeededRandom(1) });
    for (const how of ["before", "after", "after", "before"] as const) {
      ledger.count("demo.test", { messages: 1 });
      broken = how;
      await assert.rejects(ledger.flush(), /connection reset/);
    }
    await ledger[Symbol.asyncDispose]();
    const again = createLedger({ database, registry, clock, random: createSeededRandom(2) });
    assert.equal((await again.read({ root: "demo.test", by: "child", limit: 1 })).total.messages, 4n);
    await again[Symbol.asyncDispose]();
  });

  it("adds all up anew where changes were forgotten before they were counted", async () => {
    const clock = handClock();
    const database = await openEmptyDatabase();
    const { registry, ledger } = await open(database, clock);
    const model = createModel(clock);
    await fill(registry);
    const random = createSeededRandom(4);
    for (let at = 0; at < 20; at++) await change(registry, random);
    await ledger.flush();
    for (let at = 0; at < 20; at++) await change(registry, random);
    await registry.compact(registry.revision());
    for (const address of [...FILES, "demo.test:files", "demo.test:files:/d/", "demo.test", "demo.test:more"])
      await look(registry, model, address);
    const { total } = await ledger.read({ root: "demo.test", by: "child", limit: 1 });
    const sums = Object.values(model.sums((address) => (address.startsWith("demo.test") ? "all" : undefined)));
    assert.deepEqual([total.fileBytes, total.databaseBytes], [sums[0]?.fileBytes, sums[0]?.databaseBytes]);
    await ledger[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  it("counts for spaces what does not fit in memory, and loses none of it", async () => {
    const clock = handClock();
    const database = await openEmptyDatabase();
    const { registry, ledger } = await open(database, clock);
    await fill(registry);
    const most = USAGE_PLACES_MAX + 50;
    for (let at = 0; at < most; at++) ledger.count(`demo.test:files:/${at}`, { messages: 1 });
    const parts = await read(ledger, { root: "demo.test", by: "child" });
    assert.equal(parts["demo.test"]?.messages, 50n);
    assert.equal(parts["demo.test:files"]?.messages, BigInt(USAGE_PLACES_MAX));
    await ledger[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
});

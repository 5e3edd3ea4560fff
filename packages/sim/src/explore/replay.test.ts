import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { defineComponent, defineFlowModel, defineService, json } from "@orrery/core";
import fc from "fast-check";
import { createTape, readTape, type Tape, writeTape } from "../chance/tape.ts";
import { lostUpdate } from "../testing/lost-update.ts";
import { assertRepeats } from "./assert-repeats.ts";
import { explore } from "./explore.ts";
import { assertHolds, replay, ScenarioFailed, sayFailure, writeRegressionTest } from "./replay.ts";
import { runScenario } from "./run-scenario.ts";
import { defineScenario } from "./scenario.ts";
import { packTape, readScript, unpackTape, writeScript } from "./script.ts";

test("assertHolds tells a failure as a script, and as a word that fails again", async () => {
  const failed = await assertHolds(lostUpdate, { runs: 200 }).catch((error: unknown) => error);
  assert.ok(failed instanceof ScenarioFailed);
  assert.match(failed.message, /^"payments are not lost" fails: check: \d+ was paid, \d+ is there/);
  const [, word = ""] = /orrery sim replay FILE --tape (\S+)/.exec(failed.message) ?? [];
  await assert.rejects(replay(lostUpdate, word), { name: "ScenarioFailed" });
  await assert.rejects(replay(lostUpdate, writeScript(failed.tape)), ScenarioFailed);
  assert.ok(failed.message.split("\n").length < 15, failed.message);
});

test("writeRegressionTest writes the script into a test", async () => {
  const found = await explore(lostUpdate, { runs: 200 });
  const source = await writeRegressionTest(found, "./payments.ts");
  const lines = [...source.matchAll(/^ {4}(".*"),$/gm)].map(([, line = ""]) => JSON.parse(line) as string);
  assert.ok(lines.length >= 3, source);
  await assert.rejects(replay(lostUpdate, lines), ScenarioFailed);
});

test("a tape replays a run event by event", async () => {
  for (const strategies of [["random"], ["pct"], ["delays"]] as const) {
    const { found } = await explore(lostUpdate, { strategies, runs: 500, shrinkRuns: 0 });
    assert.ok(found);
    const [first, second] = await Promise.all([0, 1].map(() => runScenario(lostUpdate, { tape: found })));
    assert.equal(first?.hash, second?.hash);
    assert.ok(first?.failure !== undefined);
  }
});

const tapes = fc.record<Tape>({
  format: fc.constant("orrery-tape/1"),
  scenario: fc.constant("it"),
  seed: fc.nat(),
  calm: fc.boolean(),
  picks: fc.dictionary(fc.constantFrom("latency a>b 17", "draw ann waits 3", "drop ann 1", "disk a 1"), fc.constant(1)),
  delays: fc.dictionary(fc.constantFrom("ann#17", "bob-1#4"), fc.integer({ min: 1, max: 1_000_000 })),
  faults: fc.array(
    fc.record({
      atMs: fc.nat(10_000),
      fault: fc.constantFrom(
        { verb: "crash", node: "a" } as const,
        { verb: "partition", groups: [["a", "b"], ["c"]] } as const,
        { verb: "heal" } as const,
        { verb: "heal", from: "a", to: "*" } as const,
        { verb: "slow", node: "a", ms: 1.5 } as const,
        { verb: "link", from: "*", to: "a", change: { loss: 0.1, reorder: { share: 0.2, byMs: 3 } } } as const,
      ),
    }),
    { maxLength: 4 },
  ),
  absent: fc.uniqueArray(fc.constantFrom("ann", "bob-1"), { maxLength: 2 }),
});

test("a tape is the same after it was written as lines, as a word, and as JSON", () => {
  fc.assert(
    fc.property(tapes, (tape) => {
      const plain: unknown = JSON.parse(JSON.stringify(tape));
      assert.deepEqual(JSON.parse(JSON.stringify(readScript(writeScript(tape), "it"))), plain);
      assert.deepEqual(JSON.parse(JSON.stringify(unpackTape(packTape(tape), "it"))), plain);
      assert.deepEqual(JSON.parse(JSON.stringify(readTape(writeTape(tape)))), plain);
    }),
  );
});

test("what is no tape is refused with the line that is wrong", () => {
  assert.throws(() => readScript(["seed 1", "crash store"]), {
    message: /line 2 of a script, "crash store": write seed/,
  });
  assert.throws(() => readScript(["at noon: crash a"]), { message: /write at TIME ms/ });
  assert.throws(() => readScript(["at 1 ms: explode a"]), { message: /no verb "explode", write one of crash/ });
  assert.throws(() => unpackTape("nonsense!"), { message: /cut off or changed/ });
  const later = deflateRawSync("seed 1\nwarp ann by 5").toString("base64url");
  assert.throws(() => unpackTape(later), {
    code: "invalid_argument",
    message:
      /^Cannot read the tape "\w+": this version does not know all of it \(Cannot read line 2 of a script, "warp/,
  });
  assert.throws(() => readTape("{"), { message: /it is no JSON/ });
  assert.throws(() => readTape('{"format":"orrery-tape/9"}'), {
    message: /its format is "orrery-tape\/9", this version reads/,
  });
  assert.throws(() => readTape(JSON.stringify({ ...createTape(1), delays: { "a#1": -1 } })), {
    message: /its delays say -1 for "a#1"/,
  });
});

test("a tape of older code is passed over where it does not fit any more", async () => {
  const tape: Tape = {
    ...createTape(1),
    picks: { "latency gone>cell 3": 7 },
    delays: { "gone#1": 5 },
    faults: [{ atMs: 1, fault: { verb: "crash", node: "gone" } }],
    absent: ["gone"],
  };
  const { failure } = await runScenario(lostUpdate, { tape });
  const { failure: usual } = await runScenario(lostUpdate);
  assert.equal(failure?.message, usual?.message);
});

const Account = defineService("account", {
  move: { request: json<{ to: string }>(), reply: json<Record<string, never>>() },
  take: { request: json<Record<string, never>>(), reply: json<Record<string, never>>() },
});

test("two accounts that wait for one another are a deadlock, and are named", async () => {
  const one = defineService("one", Account.methods) as unknown as typeof Account;
  const two = defineService("two", Account.methods) as unknown as typeof Account;
  const account = (mine: typeof Account, other: typeof Account) =>
    defineComponent(mine, () => ({
      async move(_request, context) {
        await context.client(other).take({});
        return {};
      },
      take: async () => ({}),
    }));
  const scenario = defineScenario("transfers end", {
    setup(world) {
      world.node("a", { components: [account(one, two)] });
      world.node("b", { components: [account(two, one)] });
      world.node("x", { run: async (node) => void (await node.life.client(one).move({ to: "two" })) });
      world.node("y", { run: async (node) => void (await node.life.client(two).move({ to: "one" })) });
    },
  });
  const { failure } = await runScenario(scenario);
  assert.equal(failure?.kind, "deadlock");
  assert.match(
    failure.message,
    /two\.0-\w+ handles two\.move and waits for one\.take of one\.0-\w+; one\.0-\w+ handles one/,
  );
});

test("assertRepeats names the first event that chance from outside decides", async () => {
  await assertRepeats(lostUpdate);
  let runs = 0;
  const loose = defineScenario("loose", {
    setup(world) {
      const delayMs = ++runs;
      world.node("a", { run: (node) => node.clock.sleep(delayMs) });
    },
  });
  await assert.rejects(assertRepeats(loose), { message: /event \d+ was timer "" at a at 1 ms and then .* at 2 ms/ });
});

test("an error that nobody handles, a run that ends not, and rules that do not hold are failures of their own kind", async () => {
  const kinds = async (options: Partial<Parameters<typeof defineScenario>[1]>) => {
    const scenario = defineScenario("it", { setup: () => undefined, ...options });
    const { failure } = await runScenario(scenario, { eventsMax: 1000 });
    return failure?.kind;
  };
  const setup = (world: Parameters<Parameters<typeof defineScenario>[1]["setup"]>[0]) =>
    world.node("a", {
      run: async (node) => {
        void Promise.reject(new Error("nobody looks"));
        await node.clock.sleep(1);
        await node.clock.sleep(1);
      },
    });
  assert.equal(await kinds({ setup }), "error");
  assert.equal(
    await kinds({
      always: { "time stands still": (_it, world) => world.elapsedMs < 1 },
      setup: (world) => world.node("a", { run: (node) => node.clock.sleep(5) }),
    }),
    "always",
  );
  assert.equal(await kinds({ eventually: { "it is done": () => false } }), "eventually");
  assert.equal(await kinds({ check: () => "it is not so" }), "check");
  assert.equal(
    await kinds({ setup: (world) => world.node("a", { run: () => new Promise(() => undefined) }) }),
    "stuck",
  );
  assert.equal(
    await kinds({
      setup: (world) =>
        world.node("a", {
          async run(node) {
            for (;;) await node.clock.sleep(1);
          },
        }),
    }),
    "endless",
  );
  assert.equal(await kinds({}), undefined);
});

const Shop = defineService("shop", {
  order: { request: json<{ pays: boolean }>(), reply: json<Record<string, never>>() },
  charge: { request: json<Record<string, never>>(), reply: json<Record<string, never>>() },
});

const shop = defineComponent(
  Shop,
  () => ({
    async order({ pays }, context) {
      if (pays) await context.client(Shop).charge({});
      await context.point("ordered");
      return {};
    },
    charge: async () => ({}),
  }),
  { instances: 2 },
);

const orders = (pays: boolean, isEnded: boolean) =>
  defineScenario("orders are charged", {
    flows: [
      defineFlowModel("order", ({ sequence, message, point }) =>
        sequence(message("shop.order"), message("shop.charge"), point("ordered")),
      ),
    ],
    setup(world) {
      world.node("shop", { components: [shop] });
      world.node("visitor", {
        async run(node) {
          const flow = node.life.beginFlow("order");
          await node.life.client(Shop).order({ pays }, { flow });
          if (isEnded) await flow.end("ok");
        },
      });
    },
  });

test("a flow that skips a step, and one that nobody ends, are failures that name them", async () => {
  assert.equal((await runScenario(orders(true, true))).failure, undefined);
  const { failure: skipped } = await runScenario(orders(false, true));
  assert.equal(skipped?.kind, "flow");
  assert.match(skipped.message, /charge/);
  const { failure: open } = await runScenario(orders(true, false));
  assert.equal(open?.kind, "leak");
  assert.match(open.message, /flow "order" \(visitor\/\d+\) was begun by node "visitor" at/);
});

test("sayFailure names an error by its place, or says it once", () => {
  const at = { kind: "error", atMs: 5, events: 3, cause: undefined } as const;
  const message = 'Cannot finish "a.b" at 17.5 ms';
  assert.equal(sayFailure({ ...at, name: "src/shop.ts:9", message }), `error "src/shop.ts:9": ${message} (at 5 ms)`);
  assert.equal(sayFailure({ ...at, name: 'Cannot finish "a.b" at N ms', message }), `error: ${message} (at 5 ms)`);
});

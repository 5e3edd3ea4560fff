import assert from "node:assert/strict";
import { test } from "node:test";
import { runScenario } from "../explore/run-scenario.ts";
import { defineScenario } from "../explore/scenario.ts";
import { lostUpdate } from "../testing/lost-update.ts";
import { cell, Till, till } from "../testing/shop.ts";
import { readTrace } from "../view/trace-file.ts";
import { ModelWorld } from "../world/model-world.ts";
import { type Session, type SessionOptions, startSession } from "./session.ts";

/** Two visitors pay, and nothing is checked: what the API does by hand must be all that happens. */
const visits = defineScenario("visits", {
  setup(world) {
    world.node("cell", { components: [cell] });
    world.node("till", { components: [till] });
    for (const name of ["ann", "bob"])
      world.node(name, {
        async run(node) {
          for (let amount = 1; amount <= 3; amount++) {
            await node.life
              .client(Till)
              .pay({ amount })
              .catch(() => undefined);
            await node.clock.sleep(7);
          }
        },
      });
  },
});

async function typeAll(session: Session, lines: readonly string[]): Promise<string> {
  const told: string[] = [];
  for (const line of lines) told.push(...(await session.type(line)));
  return told.join("\n");
}

async function withSession<T>(options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  await using session = await startSession(visits, options);
  return await work(session);
}

test("a session runs as the API does what it was told, to the same trace hash", async () => {
  const world = new ModelWorld({ seed: 5, rare: true });
  visits.setup(world);
  await world.start();
  const started = world.events;
  for (let count = 0; count < 9; count++) await world.step();
  const rule = world.messages({ from: "bob", to: "till", method: "till.pay" }, "hold");
  await world.run({ forMs: 12 });
  rule.remove();
  world.inject("crash till");
  await world.tick();
  world.at(40, "restart till");
  world.points({ at: "read" }, { delay: 3 });
  await world.run({ forMs: 50 - world.elapsedMs });
  await world.step();
  await world.finish();

  await withSession({ seed: 5 }, async (session) => {
    const lines = [`until event ${started}`, "step 9", "hold bob>till till.pay", "run 12 ms", "release"];
    const more = ["inject crash till", "tick", "inject at 40 ms: restart till", "point read delay 3 ms", "until 50 ms"];
    const told = await typeAll(session, [...lines, ...more, "step", "run", "seed"]);
    assert.deepEqual(session.ended, { failure: undefined });
    assert.equal(session.world.trace.hash, world.trace.hash);
    assert.equal(session.world.events, world.events);
    assert.match(told, new RegExp(`^seed 5, at \\S+ ms after ${world.events} events, trace ${world.trace.hash}$`, "m"));
  });
  assert.notEqual((await runScenario(visits, { seed: 5 })).hash, world.trace.hash);
});

test("a session that only steps runs a scenario with its own rules to where it always ends", async () => {
  const whole = await runScenario(lostUpdate, { seed: 3 });
  await using session = await startSession(lostUpdate, { seed: 3 });
  while (session.ended === undefined) await session.type("step 7");
  assert.equal(session.world.trace.hash, whole.hash);
  assert.equal(session.world.events, whole.events);
});

test("a session tells the failure that a run would end with", async () => {
  const seeds = Array.from({ length: 200 }, (_, index) => index + 1);
  for (const seed of seeds) {
    const { failure } = await runScenario(lostUpdate, { seed });
    if (failure === undefined) continue;
    await using session = await startSession(lostUpdate, { seed });
    const told = (await session.type("run")).join("\n");
    assert.equal(session.ended?.failure?.message, failure.message);
    assert.match(told, /^failed: check: \d+ was paid, \d+ is there \(at \S+ ms\)$/m);
    return;
  }
  assert.fail("no seed fails");
});

test("back runs anew to some events before, with all that was done until then", async () => {
  await withSession({ seed: 2 }, async (session) => {
    await typeAll(session, ["step 12", "inject crash till", "step 4"]);
    const { hash } = session.world.trace;
    await typeAll(session, ["step 6", "until 31 ms", "inject restart till", "step 2"]);
    const { hash: later } = session.world.trace;
    await typeAll(session, [`back ${session.world.events - 16}`]);
    assert.equal(session.world.trace.hash, hash);
    assert.equal(session.world.nodes.get("till")?.alive, false);
    await typeAll(session, ["step 6", "until 31 ms", "inject restart till", "step 2"]);
    assert.equal(session.world.trace.hash, later);
    await typeAll(session, ["undo", "undo"]);
    assert.equal(session.world.events, 12);
    assert.equal(session.world.nodes.get("till")?.alive, true);
  });
});

test("save writes lines that do the same again, and the trace", async () => {
  const saved = new Map<string, readonly string[]>();
  const onSave = (name: string, lines: Iterable<string>) => void saved.set(name, [...lines]);
  const lines = [
    "step 5",
    "drop ann>till till.pay nth=1",
    "until 17.5 ms",
    "inject slow cell 2 ms",
    "until point read",
  ];
  const hash = await withSession({ onSave }, async (session) => {
    await typeAll(session, [...lines, "save it.txt", "save it.trace"]);
    return session.world.trace.hash;
  });
  assert.equal(readTrace((saved.get("it.trace") ?? []).join("\n")).hash, hash);
  await withSession({}, async (session) => {
    await typeAll(session, saved.get("it.txt") ?? []);
    assert.equal(session.world.trace.hash, hash);
  });
});

test("until message stops before a message arrives, and goes past it the next time", async () => {
  await withSession({}, async (session) => {
    const told = await typeAll(session, ["until message cell.set"]);
    assert.match(told, /; next \S+ ms {2}till → cell: request \d+ cell\.set$/);
    const { events } = session.world;
    assert.match(await typeAll(session, ["until message cell"]), /next \S+ ms {2}till → cell: request \d+ cell\.\wet$/);
    assert.ok(session.world.events > events);
  });
});

test("look tells nodes, messages on their way, rules, and what comes next", async () => {
  await withSession({}, async (session) => {
    const lines = ["until message till.pay", "point read hold", "inject jump bob 250 ms", "inject pause cell", "look"];
    const told = await typeAll(session, lines);
    assert.match(told, /^ {2}till {2}up, till\.0, till\.1$/m);
    assert.match(told, /^ {2}bob {3}up, at work, clock 250 ms ahead$/m);
    assert.match(told, /^on their way\n {2}\S+ ms {2}\w+ → till: request 1 till\.pay$/m);
    assert.match(told, /^ {2}hold point read: met 0$/m);
    assert.match(
      await typeAll(session, ["inject resume cell", "run 3 ms", "look"]),
      /hold point read: met 2, holds 2$/m,
    );
    assert.match(
      await typeAll(session, ["look"]),
      /^ {2}till {2}up, till\.0 handles till\.pay of \w+, till\.1 handles till\.pay of \w+$/m,
    );
    assert.match(await typeAll(session, ["point read release", "inject crash till", "look"]), /^ {2}till {2}down$/m);
  });
});

test("complete offers commands, nodes, links, methods and points", async () => {
  await withSession({}, async (session) => {
    assert.deepEqual(session.complete("st"), ["step", "stack"]);
    assert.deepEqual(session.complete("inject crash t"), ["till"]);
    assert.deepEqual(session.complete("inject partition ann,b"), ["ann,bob"]);
    assert.deepEqual(session.complete("hold bob>"), ["bob>cell", "bob>till", "bob>ann"]);
    assert.deepEqual(session.complete("until message cell."), ["cell.get", "cell.set"]);
    assert.deepEqual(session.complete("point r"), []);
    await session.type("run");
    assert.deepEqual(session.complete("point r"), ["read"]);
  });
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ["stpe", /^Cannot do "stpe": there is no command "stpe", help lists those that there are$/],
  ["step x", /^Cannot do "step x": "x" is no number of times, write a whole number from 1$/],
  ["back 9", /^Cannot do "back 9": 0 events have run, and no more can be taken back$/],
  ["undo", /^Cannot do "undo": nothing was done to the run$/],
  ["until", /^Cannot do "until": write until 120 ms, /],
  ["until event soon", /write the number of an event/],
  ["until message cell.gte", /there is no method "cell\.gte", there are "cell", "cell\.get", "cell\.set", "till", /],
  ["run fast", /write run, or run and a time such as 120 ms or 2s$/],
  ["inject explode till", /^Cannot read fault "explode till": there is no verb "explode", write one of crash, /],
  ["inject crash tlil", /there is no node "tlil", there are "cell", "till", "ann", "bob"$/],
  ["inject at 5 ms: cut ann>bbo", /there is no node "bbo"/],
  ["inject clog ann>ann", /a link is between two nodes, and "ann" is one$/],
  ["inject partition ann | bob,cyy", /there is no node "cyy"/],
  ["hold ann", /write hold FROM>TO \[SERVICE\.METHOD\]/],
  ["hold ann>till till.pya", /there is no method "till\.pya"/],
  ["delay ann>till", /write delay FROM>TO \[SERVICE\.METHOD\] MS ms/],
  ["drop ann>till nht=2", /there is no "nht=", write nth=, flow=$/],
  ["release ann>till", /no rule is about that, there are none$/],
  [
    "point raed hold",
    /a run passes no point "raed", there are "read"; one that is passed only after a fault is written "raed\*"$/,
  ],
  ["point read explode", /write point NAME delay MS ms\|hold\|release/],
  ["save it", /this session has no place to save to$/],
];

test("a session refuses what cannot be done, and has done nothing then", async () => {
  await withSession({ seed: 4 }, async (session) => {
    for (const [line, message] of REFUSED)
      await assert.rejects(session.type(line), { code: "invalid_argument", message }, line);
    await session.type("run");
    await assert.rejects(session.type("step"), { message: 'Cannot do "step": the run has ended, go back, or quit' });
    assert.equal(session.world.trace.hash, (await runScenario(visits, { seed: 4 })).hash);
  });
});

test("interrupt stops a run that does not end", async () => {
  const endless = defineScenario("endless", {
    setup: (world) =>
      world.node("a", {
        async run(node) {
          for (let turn = 0; ; turn++) {
            if (turn === 5_000) queueMicrotask(() => stop());
            await node.clock.sleep(1);
          }
        },
      }),
  });
  await using session = await startSession(endless);
  const stop = () => session.interrupt();
  await session.type("run");
  assert.equal(session.ended, undefined);
  assert.ok(session.world.events < 6_000);
  await session.type("quit");
  assert.equal(session.isOver, true);
});

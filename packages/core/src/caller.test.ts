import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { Kind } from "./envelope.ts";
import { json } from "./json-body.ts";
import { CALLS_OPEN_MAX } from "./limits.ts";
import { createClient } from "./node.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createHandTransport, failureTo, type HandTransport, replyTo } from "./testing/hand-transport.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";

const Far = defineService("far", {
  ask: { request: json<number>(), reply: json<number>() },
  tell: { mode: "async", request: json<number>() },
  list: { mode: "stream", request: json<number>(), reply: json<number>() },
});

const BODY = new TextEncoder().encode("7");

function setUp() {
  const clock = createTestClock();
  const transport = createHandTransport();
  const directory = createTableDirectory({ far: ["hand://far"] });
  const node = createClient({ name: "here", clock, directory, transports: [transport], deadlineStepMs: 1 });
  return { clock, transport, node, link: transport.link("hand://far") };
}

async function errorOf(call: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
}

type Step =
  | { kind: "call"; timeoutMs: number; oneWay: boolean; leaves: boolean }
  | { kind: "leave" | "reply" | "refuse" | "cancel" | "stranger"; which: number }
  | { kind: "lose" }
  | { kind: "advance"; byMs: number };

const which = fc.nat({ max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("call" as const),
    timeoutMs: fc.integer({ min: 1, max: 50 }),
    oneWay: fc.boolean(),
    leaves: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom("leave", "reply", "refuse", "cancel", "stranger"), which }),
  fc.record({ kind: fc.constant("lose" as const) }),
  fc.record({ kind: fc.constant("advance" as const), byMs: fc.integer({ min: 0, max: 30 }) }),
);

/** What the test itself knows of a call: when it must end, and how it has ended, by the rules of the outcome table. */
interface Model {
  readonly id: number;
  readonly deadlineMs: number;
  left: boolean;
  expected: string | undefined;
  readonly give: AbortController;
  actual: string[];
}

function begin(world: ReturnType<typeof setUp>, call: Step & { kind: "call" }): Model {
  const { node, transport, clock } = world;
  transport.leaves = call.leaves;
  const give = new AbortController();
  const options = { timeoutMs: call.timeoutMs, signal: give.signal };
  const promise: Promise<unknown> = call.oneWay
    ? node.send(Far).tell(1, options).accepted
    : node.client(Far).ask(1, options);
  const id = transport.sent.at(-1)?.id ?? assert.fail("nothing was sent");
  const deadlineMs = clock.monotonic() + call.timeoutMs;
  const model: Model = { id, deadlineMs, left: call.leaves, expected: undefined, give, actual: [] };
  promise.then(
    () => model.actual.push("reply"),
    (error: OrreryError) => model.actual.push(`${error.reason} ${error.definite}`),
  );
  return model;
}

function end(model: Model, how: string): void {
  model.expected ??= how;
}

/** Lets one thing happen, in the world and in the model. */
async function happen(world: ReturnType<typeof setUp>, models: Model[], what: Step): Promise<void> {
  const { transport, clock, link } = world;
  switch (what.kind) {
    case "call":
      models.push(begin(world, what));
      return;
    case "advance":
      for (const model of models)
        if (model.deadlineMs <= clock.monotonic() + what.byMs)
          end(model, model.left ? "timeout false" : "not_connected true");
      return clock.advance(what.byMs);
    case "lose":
      for (const model of models) if (model.left) end(model, "connection_lost false");
      transport.lose(link);
      return;
    default:
  }
  const model = models[what.which];
  if (model === undefined) return;
  if (what.kind === "leave") leave(transport, model);
  else if (what.kind === "cancel") {
    end(model, model.left ? "cancelled false" : "withdrawn true");
    model.give.abort();
  } else if (what.kind === "stranger") transport.arrive(transport.link("hand://other"), replyTo(model.id, BODY));
  else {
    const refused = what.kind === "refuse";
    end(model, refused ? "overloaded true" : "reply");
    const failure = { kind: "bounced", code: "resource_exhausted", reason: "overloaded" } as const;
    transport.arrive(link, refused ? failureTo(model.id, failure) : replyTo(model.id, BODY));
  }
}

function leave(transport: HandTransport, model: Model): void {
  const envelope = transport.sent.find(({ id, kind }) => id === model.id && kind !== Kind.cancel);
  if (envelope === undefined || model.expected !== undefined) return;
  envelope.left = true;
  model.left = true;
}

test("createCaller ends each call exactly once, as the first thing that happens to it says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const world = setUp();
      const models: Model[] = [];
      for (const one of steps) await happen(world, models, one);
      await happen(world, models, { kind: "advance", byMs: 100 });
      await settle();
      assert.deepEqual(
        models.map(({ actual }) => actual),
        models.map(({ expected }) => [expected]),
      );
      await world.node.stop();
      assert.equal(world.clock.timers, 0);
    }),
    { numRuns: 300 },
  );
});

test("createCaller takes each id once", async () => {
  const { node, transport, clock } = setUp();
  const calls = Array.from({ length: 100 }, () => outcomeOf(node.client(Far).ask(1)));
  assert.equal(new Set(transport.sent.map(({ id }) => id)).size, 100);
  await clock.advance(60_000);
  await Promise.all(calls);
  await node.stop();
});

test("createCaller opens as many calls as are allowed, and refuses one past it", async () => {
  const { node, clock } = setUp();
  const calls = Array.from({ length: CALLS_OPEN_MAX }, () => outcomeOf(node.client(Far).ask(1)));
  const error = await errorOf(node.client(Far).ask(1));
  assert.deepEqual(
    [error.reason, error.definite, error.where, error.message],
    ["overloaded", true, "here", 'Cannot call "far.ask": 65536 calls are open, wait for some'],
  );
  await clock.advance(30_008);
  const kinds = new Set((await Promise.all(calls)).map(({ kind }) => kind));
  assert.deepEqual([...kinds], ["timeout"]);
  assert.equal(
    (await errorOf(node.client(Far).ask(1, { timeoutMs: 1, signal: AbortSignal.abort() }))).reason,
    "withdrawn",
  );
  await node.stop();
});

test("createCaller lets go of ten thousand calls that were answered", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { node, transport, link } = setUp();
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const round = async (answer: boolean) => {
    const calls = Array.from({ length: 10_000 }, () => node.client(Far).ask(1));
    const openBytes = used();
    if (answer) for (const { id } of transport.sent.splice(0)) transport.arrive(link, replyTo(id, BODY));
    await Promise.all(calls);
    return openBytes;
  };
  await round(true); // Warms up what is made once.
  const before = used();
  const open = await round(true);
  await settle();
  const after = used();
  t.diagnostic(`${Math.round((open - before) / 10_000)} bytes for each call in flight`);
  assert.ok((open - before) / 10_000 < 4000, "a call in flight takes more than 4 kB");
  assert.ok(after - before < 500_000, `${after - before} bytes are kept`);
  await node.stop();
});

const refusals = [
  {
    result: "overloaded",
    reason: "overloaded",
    text: 'Cannot call "far.ask": the queue to "hand://far" is full, slow down or wait',
  },
  {
    result: "too_large",
    reason: "too_large",
    text: 'Cannot call "far.ask": the message is larger than the carrier to "hand://far" takes',
  },
  {
    result: "closed",
    reason: "not_connected",
    text: 'Cannot call "far.ask": the connection to "hand://far" is closed',
  },
] as const;

for (const { result, reason, text } of refusals) {
  test(`createCaller ends a call definitely that its carrier refuses as ${result}`, async () => {
    const { node, transport, clock } = setUp();
    transport.result = result;
    const error = await errorOf(node.client(Far).ask(1));
    assert.deepEqual([error.reason, error.message, error.definite], [reason, text, true]);
    await node.stop();
    assert.equal(clock.timers, 0);
  });
}

test("createCaller cancels the calls of a message that is given up, and those of nobody else", async () => {
  const { node, transport, link } = setUp();
  const give = new AbortController();
  const mine = outcomeOf(node.client(Far).ask(1, { signal: give.signal }));
  const other = node.client(Far).ask(2);
  give.abort();
  assert.equal((await mine).kind, "cancelled");
  const cancels = transport.sent.filter(({ kind }) => kind === Kind.cancel);
  assert.deepEqual(
    cancels.map(({ id }) => id),
    [transport.sent[0]?.id],
  );
  transport.arrive(link, replyTo(transport.sent[1]?.id ?? 0, BODY));
  assert.equal(await other, 7);
  await node.stop();
});

test("createCaller withdraws a message that has not left, so that its carrier drops it", async () => {
  const { node, transport, clock } = setUp();
  transport.leaves = false;
  const give = new AbortController();
  const call = errorOf(node.client(Far).ask(1, { signal: give.signal }));
  give.abort();
  assert.deepEqual([(await call).reason, (await call).definite], ["withdrawn", true]);
  const [envelope] = transport.sent;
  assert.equal(transport.sent.length, 1); // No cancel is sent for it.
  assert.ok((envelope?.deadlineMs ?? 0) !== 0 && (envelope?.deadlineMs ?? 0) < clock.monotonic());
  await node.stop();
});

for (const [leaves, reason] of [
  [true, "timeout"],
  [false, "expired"],
] as const)
  test(`createCaller ends a call as ${reason} where its caller gave up because its own time was over`, async () => {
    const { node, transport } = setUp();
    transport.leaves = leaves;
    const give = new AbortController();
    const call = errorOf(node.client(Far).ask(1, { signal: give.signal }));
    give.abort(failure("expired", "Time is over"));
    assert.deepEqual([(await call).reason, (await call).code], [reason, "deadline_exceeded"]);
    assert.match((await call).message, /^Cannot finish "far\.ask": the time of its caller is over/);
    await node.stop();
  });

const closing: readonly [string, (world: ReturnType<typeof setUp>) => Promise<unknown>][] = [
  ["a call", ({ node }) => node.client(Far).ask(1)],
  ["a ticket", ({ node }) => node.send(Far).tell(1).accepted],
  ["a stream", ({ node }) => node.client(Far).list(1).next()],
];

for (const [what, start] of closing) {
  test(`createCaller ends ${what} when its node closes, and opens none afterwards`, async () => {
    const world = setUp();
    const open = errorOf(start(world));
    await world.node.stop();
    assert.equal((await open).reason, "closed");
    assert.match((await open).message, /^Cannot finish "far\.(ask|tell|list)": node "here" closed$/);
    const late = await errorOf(start(world));
    assert.deepEqual([late.reason, late.definite, world.clock.timers], ["withdrawn", true, 0]);
    assert.match(late.message, /^Cannot call "far\.(ask|tell|list)": node "here" is closed$/);
  });

  test(`createCaller withdraws ${what} that has not left when its node closes`, async () => {
    const world = setUp();
    world.transport.leaves = false;
    const open = errorOf(start(world));
    await settle();
    await world.node.stop();
    assert.deepEqual([(await open).reason, (await open).definite], ["withdrawn", true]);
    const [envelope] = world.transport.sent;
    const { deadlineMs = 0 } = envelope ?? {};
    assert.ok(deadlineMs !== 0 && deadlineMs < world.clock.monotonic(), "a carrier that holds it lets it go");
  });
}

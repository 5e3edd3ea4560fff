import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { createTableDirectory } from "./directory.ts";
import { describeOpenFlow, type Flow, type FlowEvent, type FlowOptions } from "./flow.ts";
import { FLOW_NAME_MAX, FLOW_TIMEOUT_MAX_MS, FLOWS_OPEN_MAX } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createNode } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { Any, anyService } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

type Work = (request: unknown, context: Context) => unknown;

async function setUp(work: Work = () => null, options: Parameters<typeof startTestNode>[1] = {}) {
  const events: FlowEvent[] = [];
  const onFlow = (event: FlowEvent) => void events.push(event);
  const component = defineComponent(Any, () => ({ call: async (request, context) => work(request, context) }));
  const made = await startTestNode([component], { onFlow, deadlineStepMs: 1, ...options });
  const ends = () =>
    events.flatMap((event) => (event.kind === "end" ? [`${event.flow.name} ${event.how} ${event.why}`] : []));
  return { ...made, events, ends };
}

const sleeper: Work = (ms, { clock, signal }) => clock.sleep(ms as number, signal).then(() => null);

test("beginFlow puts what is called through the flow, and what that leads to, into it", async () => {
  const seen: unknown[] = [];
  const { node } = await setUp(async (request, context) => {
    seen.push([context.flow.id, context.flow.name]);
    if (request === "first") await context.client(anyService("other")).call(null);
    return null;
  });
  const flow = node.beginFlow("checkout");
  await outcomeOf(flow.client(Any).call("first"));
  await node.client(Any).call("second", { flow });
  await node.client(Any).call("third");
  assert.deepEqual(seen.slice(0, 2), [
    [flow.id, "checkout"],
    [flow.id, "checkout"],
  ]);
  assert.notEqual((seen[2] as unknown[])[0], flow.id);
  await node.stop();
});

test("beginFlow tells who began it, when, and of what it is a part; its end tells how and why", async () => {
  const { node, clock, events } = await setUp(async (_, context) => {
    const part = context.beginFlow("part");
    await context.clock.sleep(5);
    await part.end("failed");
    return null;
  });
  const flow = node.beginFlow("whole");
  const call = flow.client(Any).call(null);
  await clock.advance(5);
  await call;
  await flow.end();
  const ref = { id: flow.id, node: "here", name: "whole", parentId: 0 };
  const [, begun] = events;
  if (begun?.kind !== "begin") assert.fail("no sub-flow began");
  const { flow: part, instance } = begun;
  assert.match(instance, /^any\.0-/);
  assert.deepEqual(events, [
    { kind: "begin", atMs: 1000, flow: ref, parent: undefined, instance: "" },
    { kind: "begin", atMs: 1000, flow: part, parent: ref, instance },
    { kind: "end", atMs: 1005, flow: part, how: "failed", why: "asked" },
    { kind: "end", atMs: 1005, flow: ref, how: "ok", why: "asked" },
  ]);
  assert.deepEqual({ ...part }, { id: part.id, node: "here", name: "part", parentId: flow.id });
});

test("end counts once, and refuses what would still be sent in the flow", async () => {
  const { node, ends } = await setUp();
  const flow = node.beginFlow("once");
  assert.equal(flow.ended, undefined);
  await flow.end("ok");
  await flow.end("failed");
  assert.deepEqual(ends(), ["once ok asked"]);
  assert.equal(flow.ended, "ok");
  for (const call of [flow.client(Any).call(null), node.client(Any).call(null, { flow })]) {
    await assert.rejects(call, {
      reason: "withdrawn",
      definite: true,
      message: 'Cannot call "any.call": its flow "once" has ended (ok)',
    });
  }
});

test("a flow whose time is over ends failed, and its calls with it, as timeouts", async () => {
  const { node, clock, ends } = await setUp(sleeper);
  const flow = node.beginFlow("slow", { timeoutMs: 100 });
  const long = outcomeOf(flow.client(Any).call(500, { timeoutMs: 10_000 }));
  const short = outcomeOf(flow.client(Any).call(500, { timeoutMs: 50 }));
  await clock.advance(50);
  assert.equal((await short).kind, "timeout");
  await clock.advance(49);
  assert.deepEqual(ends(), []);
  await clock.advance(1);
  assert.equal((await long).kind, "timeout");
  assert.deepEqual(ends(), ["slow failed expired"]);
  assert.equal(flow.signal.aborted, true);
  assert.match((flow.signal.reason as Error).message, /Flow "slow" has ended \(failed\)/);
  await flow.end("ok");
  assert.deepEqual(ends(), ["slow failed expired"]);
});

test("a flow's time is over for what its handlers at the same node call, too", async () => {
  const left: number[] = [];
  const { node, clock } = await setUp(async (_, context) => {
    left.push(context.deadline);
    return null;
  });
  const flow = node.beginFlow("short", { timeoutMs: 100 });
  await node.client(Any).call(null, { flow });
  await node.client(Any).call(null, { flow: { id: flow.id, node: "here", name: "short", parentId: 0 } });
  await node.client(Any).call(null, { flow: { id: flow.id, node: "there", name: "short", parentId: 0 } });
  assert.deepEqual(left, [1100, 1100, 31_000]);
  await flow.end();
  await clock.advance(200);
});

test("a flow that was begun and ended leaves no timer and no call behind", async () => {
  const { node, clock, ends } = await setUp();
  for (let at = 0; at < 100; at++) await node.beginFlow(`flow ${at}`, { timeoutMs: 1000 }).end();
  assert.deepEqual(node.openFlows(), []);
  await clock.advance(5000);
  assert.equal(ends().length, 100);
  assert.equal(clock.timers, 0);
});

const policies: readonly (readonly [policy: FlowOptions["onParentEnd"], before: string[], after: string[]])[] = [
  [undefined, [], ["part failed asked", "whole ok asked"]],
  ["wait", [], ["part failed asked", "whole ok asked"]],
  ["cancel", ["part abandoned parent", "whole ok asked"], ["part abandoned parent", "whole ok asked"]],
  ["detach", ["whole ok asked"], ["whole ok asked", "part failed asked"]],
];

for (const [onParentEnd, before, after] of policies) {
  test(`the end of a flow with a sub-flow whose onParentEnd is ${onParentEnd ?? "left out"}`, async () => {
    const { node, clock, ends } = await setUp(sleeper);
    const whole = node.beginFlow("whole");
    const part = whole.beginFlow("part", onParentEnd === undefined ? {} : { onParentEnd });
    const call = outcomeOf(part.client(Any).call(50));
    let ended = false;
    const end = whole.end("ok").then(() => {
      ended = true;
    });
    await settle();
    assert.deepEqual(ends(), before);
    assert.equal(ended, before.includes("whole ok asked"));
    assert.deepEqual(
      node.openFlows().map(({ flow, ending }) => [flow.name, ending]),
      {
        wait: [
          ["whole", true],
          ["part", false],
        ],
        cancel: [],
        detach: [["part", false]],
      }[onParentEnd ?? "wait"],
    );
    await clock.advance(50);
    assert.equal((await call).kind, onParentEnd === "cancel" ? "cancelled" : "reply");
    await part.end("failed");
    await end;
    assert.deepEqual(ends(), after);
  });
}

test("a sub-flow never outlives the time of the flow that waits for it", async () => {
  const { node, clock, ends } = await setUp(sleeper);
  const whole = node.beginFlow("whole", { timeoutMs: 100 });
  const part = whole.beginFlow("part", { timeoutMs: 5000 });
  whole.beginFlow("alone", { timeoutMs: 5000, onParentEnd: "detach" });
  const call = outcomeOf(part.client(Any).call(1000));
  const end = whole.end("ok");
  await clock.advance(100);
  await end;
  assert.equal((await call).kind, "timeout");
  assert.deepEqual(ends(), ["part failed expired", "whole failed expired"]);
  assert.deepEqual(
    node.openFlows().map(({ flow, deadlineMs }) => [flow.name, deadlineMs]),
    [["alone", 6000]],
  );
});

test("abandoned cancels the flow's calls, also at the other side, and those of its sub-flows, but for the detached", async () => {
  const given: unknown[] = [];
  const { node, clock, ends } = await setUp(async (name, { signal }) => {
    const gate = createGate();
    signal.addEventListener("abort", () => {
      given.push(name);
      gate.open();
    });
    await gate.passed;
    return null;
  });
  const whole = node.beginFlow("whole");
  const cancelled = whole.beginFlow("cancelled", { onParentEnd: "cancel" });
  const waited = cancelled.beginFlow("waited");
  const alone = cancelled.beginFlow("alone", { onParentEnd: "detach" });
  const calls = [waited, cancelled, whole, alone].map((flow) => outcomeOf(flow.client(Any).call(flow.name)));
  const outside = outcomeOf(node.client(Any).call("outside"));
  await whole.end("abandoned");
  const kinds = (await Promise.all(calls.slice(0, 3))).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["cancelled", "cancelled", "cancelled"]);
  assert.deepEqual(ends(), ["waited abandoned parent", "cancelled abandoned parent", "whole abandoned asked"]);
  await clock.advance(100);
  assert.deepEqual(given, ["waited"]); // The others waited for their turn, and never began; but for the one that is alone.
  await alone.end("abandoned");
  await clock.advance(100);
  assert.deepEqual(given, ["waited", "alone"]);
  const stopped = node.stop({ timeoutMs: 0 });
  await clock.advance(1);
  await stopped;
  assert.notEqual((await outside).kind, "reply");
});

test("a flow that ends in ok or failed leaves its calls alone", async () => {
  const { node, clock } = await setUp(sleeper);
  for (const how of ["ok", "failed"] as const) {
    const flow = node.beginFlow("early");
    const call = flow.client(Any).call(10);
    await flow.end(how);
    await clock.advance(10);
    assert.equal(await call, null);
  }
});

test("await using abandons a flow that was not ended, and leaves one alone that was", async () => {
  const { node, ends } = await setUp();
  {
    await using _ = node.beginFlow("lost");
    await using kept = node.beginFlow("kept");
    await kept.end("ok");
  }
  assert.deepEqual(ends(), ["kept ok asked", "lost abandoned asked"]);
});

test("a sub-flow that is to be cancelled ends when the message it was begun for is given up at another node", async () => {
  const clock = createTestClock();
  const hub = createMemoryHub();
  const ends: string[] = [];
  const worker = createNode({
    name: "worker",
    clock,
    transports: [hub.transport({ clock })],
    listen: ["memory://worker"],
    onFlow: (event) => event.kind === "end" && ends.push(`${event.flow.name} ${event.how} ${event.why}`),
    components: [
      defineComponent(Any, () => ({
        async call(_, context) {
          context.beginFlow("tied", { onParentEnd: "cancel" });
          context.beginFlow("own");
          await context.clock.sleep(1000, context.signal);
          return null;
        },
      })),
    ],
  });
  await worker.start();
  const directory = createTableDirectory({ any: ["memory://worker"] });
  const boss = createNode({ name: "boss", clock, components: [], directory, transports: [hub.transport({ clock })] });
  const flow = boss.beginFlow("order");
  const call = outcomeOf(flow.client(Any).call(null));
  await settle();
  assert.deepEqual(
    worker.openFlows().map((open) => [open.flow.name, open.flow.parentId, open.parent?.node, open.parent?.id]),
    [
      ["tied", 0, "boss", flow.id], // The wire names parents of the same node only.
      ["own", 0, "boss", flow.id],
    ],
  );
  await flow.end("abandoned");
  await settle();
  assert.equal((await call).kind, "cancelled");
  assert.deepEqual(ends, ["tied abandoned parent"]);
  await Promise.all([worker.stop(), boss.stop()]);
});

test("openFlows tells what leaked: who began it, when, when it was last active, what it waits for", async () => {
  const { node, clock } = await setUp(async (request, context) => {
    if (request === "begin") context.beginFlow("forgotten");
    else await context.clock.sleep(1000);
    return null;
  });
  await node.client(Any).call("begin");
  await clock.advance(5);
  const flow = node.beginFlow("stuck", { timeoutMs: 5000 });
  await clock.advance(5);
  const call = outcomeOf(flow.client(Any).call("wait"));
  const [forgotten, stuck, ...more] = node.openFlows();
  assert.deepEqual(more, []);
  assert.deepEqual(stuck, {
    flow: { id: flow.id, node: "here", name: "stuck", parentId: 0 },
    parent: undefined,
    instance: "",
    beganMs: 1005,
    activeMs: 1010,
    deadlineMs: 6005,
    ending: false,
    calls: ["any.call"],
  });
  assert.equal(
    describeOpenFlow(stuck),
    `flow "stuck" (here/${flow.id}) was begun by node "here" at 1005 ms, was last active at 1010 ms, waits for "any.call"`,
  );
  assert.match(
    describeOpenFlow(forgotten ?? assert.fail()),
    /^flow "forgotten" \(here\/\d+\) was begun by "any\.0-\w+" at 1000 ms, was last active at 1000 ms$/,
  );
  await clock.advance(2000);
  await call;
});

test("a node that stops abandons the flows that are open, and says so in its log", async () => {
  const { node, ends, lines } = await setUp();
  const flow = node.beginFlow("left");
  await node.stop();
  assert.deepEqual(ends(), ["left abandoned stopped"]);
  const { level, text, fields } = lines.find((line) => line.text === "flows left open") ?? assert.fail("no line");
  assert.deepEqual([level, text, fields["count"]], ["warn", "flows left open", 1]);
  assert.deepEqual(fields["flows"], [`left (here/${flow.id})`]);
});

test("an instance that crashes abandons the flows that it has begun, and whoever waits for them goes on", async () => {
  const events: FlowEvent[] = [];
  const component = defineComponent(Any, (instance) => ({
    async call(_, context) {
      context.beginFlow("orphan");
      instance.crash(new Error("the power went"));
      return null;
    },
  }));
  const { node } = await startTestNode([component], { onFlow: (event) => events.push(event) });
  const flow = node.beginFlow("whole");
  await outcomeOf(flow.client(Any).call(null));
  await flow.end("failed");
  const ends = events.flatMap((event) =>
    event.kind === "end" ? [`${event.flow.name} ${event.how} ${event.why}`] : [],
  );
  assert.deepEqual(ends, ["orphan abandoned stopped", "whole failed asked"]);
});

const refused: readonly (readonly [what: string, name: string, options: FlowOptions, message: RegExp])[] = [
  ["no name", "", {}, /^Cannot begin flow "": give it a name of 1 to 256 characters$/],
  ["too long a name", "x".repeat(FLOW_NAME_MAX + 1), {}, /give it a name of 1 to 256 characters$/],
  ["no time", "x", { timeoutMs: 0 }, /^Cannot begin flow "x": timeoutMs is 0, write a number from 1 to 604800000$/],
  ["time that is no number", "x", { timeoutMs: Number.NaN }, /timeoutMs is NaN/],
  ["too much time", "x", { timeoutMs: FLOW_TIMEOUT_MAX_MS + 1 }, /timeoutMs is 604800001/],
  ["an unknown policy", "x", { onParentEnd: "kill" as "wait" }, /onParentEnd is "kill", write wait, cancel or detach$/],
];

for (const [what, name, options, message] of refused) {
  test(`beginFlow refuses ${what}`, async () => {
    const { node } = await setUp();
    assert.throws(() => node.beginFlow(name, options), { code: "invalid_argument", message });
    assert.deepEqual(node.openFlows(), []);
  });
}

test("beginFlow opens as many flows as its bound says, and no more", async () => {
  const { node } = await setUp();
  const flows: Flow[] = [];
  for (let at = 0; at < FLOWS_OPEN_MAX; at++) flows.push(node.beginFlow("many"));
  let error: OrreryError | undefined;
  try {
    node.beginFlow("one more");
  } catch (thrown) {
    error = thrown as OrreryError;
  }
  assert.equal(error?.code, "resource_exhausted");
  assert.equal(error?.message, `Cannot begin flow "one more": ${FLOWS_OPEN_MAX} are open at node "here", end some`);
  await flows[0]?.end();
  node.beginFlow("one more");
});

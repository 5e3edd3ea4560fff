import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import type { InstanceHandle } from "./instance-handle.ts";
import { json } from "./json-body.ts";
import { HOOK_TIMEOUT_MS } from "./limits.ts";
import { createNode } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { Any } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

type Setup = (instance: InstanceHandle) => void;

/** A component that says which of its hooks ran, in which state, and which messages came between. */
function traced(trace: string[], setUp: Setup = () => undefined) {
  return defineComponent(Any, (instance) => {
    const note = (hook: string) => () => void trace.push(`${hook} in ${instance.state}`);
    trace.push("factory");
    instance.onStop(note("stop"));
    instance.onCrash(({ crashes, cause }) => void trace.push(`crash ${crashes} of ${cause} in ${instance.state}`));
    instance.onReady(note("ready"));
    instance.onDrain(note("drain"));
    instance.onStart(note("start"));
    setUp(instance);
    return {
      call: async (request) => {
        trace.push(`message in ${instance.state}`);
        if (request === "crash") instance.crash("broken");
        await settle();
        return request;
      },
    };
  });
}

async function errorOf(call: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
}

test("createInstance runs its hooks in order: factory, start, ready, messages, drain, stop", async () => {
  const trace: string[] = [];
  const { node } = await startTestNode([traced(trace)]);
  await node.client(Any).call(1);
  const last = node.client(Any).call(2);
  await node.stop();
  await last;
  assert.deepEqual(trace, [
    "factory",
    "start in starting",
    "ready in ready",
    "message in ready",
    "message in ready",
    "drain in draining",
    "stop in stopped",
  ]);
});

test("createInstance runs the crash hook when it crashes, and neither drain nor stop", async () => {
  const trace: string[] = [];
  const { node } = await startTestNode([traced(trace)]);
  assert.equal((await errorOf(node.client(Any).call("crash"))).reason, "instance_crashed");
  await settle();
  await node.stop();
  const fresh = ["factory", "start in starting", "ready in ready"];
  assert.deepEqual(trace, [
    ...fresh,
    "message in ready",
    "crash 1 of broken in failed",
    ...fresh,
    "drain in draining",
    "stop in stopped",
  ]);
});

test("createInstance runs the crash hook while it drains, and is not replaced", async () => {
  const trace: string[] = [];
  const gate = createGate();
  const { node } = await startTestNode([
    traced(trace, (instance) => void gate.passed.then(() => instance.crash("late"))),
  ]);
  const call = errorOf(node.client(Any).call(1));
  const stopped = node.stop();
  gate.open();
  await stopped;
  assert.equal((await call).reason, "instance_crashed");
  assert.deepEqual(trace.slice(3), ["message in ready", "drain in draining", "crash 1 of late in failed"]);
});

test("createInstance does not start with a start hook that throws", async () => {
  const trace: string[] = [];
  const component = traced(trace);
  const failing = defineComponent(
    defineService("bad", { call: { request: json<unknown>(), reply: json<unknown>() } }),
    (instance) => {
      instance.onStart(() => {
        throw new Error("no database");
      });
      return { call: (request) => request };
    },
  );
  await assert.rejects(startTestNode([component, failing]), new Error("no database"));
  assert.deepEqual(trace.slice(-2), ["drain in draining", "stop in stopped"]); // What ran beside it is stopped.
});

for (const hook of ["onStart", "onReady"] as const) {
  test(`createInstance does not start with an ${hook} hook that hangs`, async () => {
    const clock = createTestClock();
    const component = defineComponent(Any, (instance) => {
      instance[hook](() => new Promise(() => undefined));
      return { call: (request) => request };
    });
    const started = startTestNode([component], { clock });
    const refused = assert.rejects(started, (error: OrreryError) => {
      assert.match(error.message, /^Cannot go on with "any\.0-\w+": its (start|ready) hook took longer than 10000 ms$/);
      return error.code === "deadline_exceeded";
    });
    await clock.advance(HOOK_TIMEOUT_MS);
    await refused;
    assert.equal(clock.timers, 0);
  });
}

test("createInstance ends messages that came while a ready hook ran that then failed", async () => {
  const gate = createGate();
  const component = defineComponent(Any, (instance) => {
    instance.onReady(async () => {
      await gate.passed;
      throw new Error("not ready after all");
    });
    return { call: () => new Promise(() => undefined) };
  });
  const node = createNode({ components: [component], clock: createTestClock() });
  const started = assert.rejects(node.start(), new Error("not ready after all"));
  await settle();
  const calls = [1, 2].map((request) => errorOf(node.client(Any).call(request)));
  gate.open();
  await started;
  const reasons = await Promise.all(calls.map(async (call) => [(await call).reason, (await call).definite]));
  assert.deepEqual(reasons, [
    ["instance_crashed", false],
    ["not_ready", true],
  ]);
});

for (const hook of ["onDrain", "onStop"] as const) {
  test(`createInstance stops all the same when an ${hook} hook throws or hangs`, async () => {
    const throwing = await startTestNode([
      defineComponent(Any, (instance) => {
        instance[hook](() => {
          throw new Error("oh");
        });
        return { call: (request) => request };
      }),
    ]);
    await throwing.node.stop();
    const name = hook === "onDrain" ? "drain" : "stop";
    assert.deepEqual(
      throwing.lines.map(({ level, text }) => `${level} ${text}`),
      [`error ${name} hook failed`],
    );
    const hanging = await startTestNode([
      defineComponent(Any, (instance) => {
        instance[hook](() => new Promise(() => undefined));
        return { call: (request) => request };
      }),
    ]);
    const stopped = hanging.node.stop();
    await hanging.clock.advance(HOOK_TIMEOUT_MS);
    await stopped;
  });
}

test("createInstance refuses a hook that is set twice, and the component does not start", async () => {
  const component = defineComponent(Any, (instance) => {
    instance.onStart(() => undefined);
    instance.onStart(() => undefined);
    return { call: (request) => request };
  });
  await assert.rejects(startTestNode([component]), (error: OrreryError) => {
    assert.match(
      error.message,
      /^Cannot set the start hook of "any\.0-\w+": it has one, call the two from one function$/,
    );
    return error.code === "invalid_argument";
  });
});

test("createInstance keeps env across messages, and begins with none after a restart", async () => {
  const component = defineComponent(Any, (instance) => ({
    call: (request, context) => {
      if (request === "crash") instance.crash("broken");
      const seen = context.env["count"] ?? 0;
      instance.env["count"] = (seen as number) + 1;
      return seen as number;
    },
  }));
  const { node } = await startTestNode([component]);
  assert.deepEqual(
    [await node.client(Any).call(1), await node.client(Any).call(1), await node.client(Any).call(1)],
    [0, 1, 2],
  );
  await outcomeOf(node.client(Any).call("crash"));
  await settle();
  assert.equal(await node.client(Any).call(1), 0);
  await node.stop();
});

test("createInstance is given its identity, and a signal that aborts when it stops", async () => {
  let seen: InstanceHandle | undefined;
  const component = defineComponent(
    Any,
    (instance) => {
      seen = instance;
      return { call: (request) => request };
    },
    { version: "2.1.0" },
  );
  const { node } = await startTestNode([component]);
  const handle = seen ?? assert.fail("no handle");
  assert.match(handle.id, /^any\.0-\w{13}$/);
  assert.deepEqual([handle.component, handle.version, handle.node, handle.incarnation], ["any", "2.1.0", "here", 1]);
  assert.equal(handle.signal.aborted, false);
  await node.stop();
  assert.equal((handle.signal.reason as OrreryError).message, `Instance "${handle.id}" stopped`);
});

test("createInstance may call others from its start hook, in its own name", async () => {
  const Log = defineService("log", { add: { request: json<string>(), reply: json<string>() } });
  const log = defineComponent(Log, () => ({ add: (_, context) => context.source.instance }));
  let source: string | undefined;
  const component = defineComponent(Any, (instance) => {
    instance.onStart(async () => {
      source = await instance.client(Log).add("started");
    });
    return { call: () => instance.id };
  });
  const { node } = await startTestNode([log, component]);
  assert.equal(await node.client(Any).call(1), source);
  await node.stop();
});

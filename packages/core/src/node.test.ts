import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { defineComponent } from "./component.ts";
import { createTableDirectory } from "./directory.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode, type Node } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { Any, Shop } from "./testing/services.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const echo = defineComponent(Any, () => ({ call: (request) => request }));

test("createNode names itself when it is given no name, and never twice the same", async () => {
  const names = [createNode({ components: [] }).name, createClient().name];
  for (const name of names) assert.match(name, /^node-\w{13}$/);
  assert.notEqual(names[0], names[1]);
});

test("createNode does nothing before it is started", async () => {
  const hub = createMemoryHub();
  let made = 0;
  const component = defineComponent(Any, () => {
    made++;
    return { call: (request) => request };
  });
  const node = createNode({ components: [component], transports: [hub.transport()], listen: ["memory://here"] });
  assert.deepEqual([made, node.addresses], [0, []]);
  const outcome = await outcomeOf(node.client(Any).call(1));
  assert.equal(outcome.kind === "reply" ? "reply" : outcome.error.reason, "not_ready");
  await node.start();
  assert.deepEqual([made, node.addresses], [1, ["memory://here"]]);
  await node.stop();
});

test("createNode starts once, and not again after it was stopped", async () => {
  const { node } = await startTestNode([echo]);
  const again = new OrreryError("failed_precondition", 'Cannot start node "here": it was started before');
  await assert.rejects(node.start(), again);
  assert.equal(await node.client(Any).call(1), 1); // It runs on.
  await node.stop();
  const late = new OrreryError("failed_precondition", 'Cannot start node "here": it was stopped, make another');
  await assert.rejects(node.start(), late);
});

test("createNode runs nothing when an address cannot be opened", async () => {
  const hub = createMemoryHub();
  const first = await startTestNode([], { transports: [hub.transport()], listen: ["memory://here"] });
  const made: string[] = [];
  const component = defineComponent(Any, (instance) => {
    made.push(instance.id);
    return { call: (request) => request };
  });
  const node = createNode({
    name: "second",
    components: [component],
    transports: [hub.transport()],
    listen: ["memory://*", "memory://here"],
  });
  await assert.rejects(
    node.start(),
    new OrreryError("unavailable", 'Cannot listen at "memory://here": it is taken, choose another name'),
  );
  assert.deepEqual(made, []);
  await first.node.stop();
});

test("createNode ends its start when it is stopped in the middle", async () => {
  const gate = createGate();
  const started: string[] = [];
  const component = defineComponent(
    Any,
    (instance) => {
      instance.onStart(async () => {
        started.push(instance.id);
        await gate.passed;
      });
      return { call: (request) => request };
    },
    { instances: 3 },
  );
  const node = createNode({ name: "here", components: [component] });
  const start = assert.rejects(node.start(), (error: OrreryError) => {
    assert.match(error.message, /^Cannot start "any\.0-\w+": it was stopped while starting$/);
    return error.code === "aborted";
  });
  await settle();
  const stop = node.stop();
  gate.open();
  await Promise.all([start, stop]);
  assert.equal(started.length, 3);
  assert.deepEqual(
    node.components()[0]?.instances.map(({ state }) => state),
    ["stopped", "stopped", "stopped"],
  );
});

test("createNode stops once, however often it is asked to", async () => {
  let stops = 0;
  const component = defineComponent(Any, (instance) => {
    instance.onStop(() => void stops++);
    return { call: (request) => request };
  });
  const { node } = await startTestNode([component]);
  await Promise.all([node.stop(), node.stop({ timeoutMs: 0 }), node[Symbol.asyncDispose]()]);
  await node.stop();
  assert.equal(stops, 1);
});

test("createNode stops at the end of its block", async () => {
  let node: Node;
  {
    await using own = createNode({ components: [echo] });
    await own.start();
    node = own;
    assert.equal(await own.client(Any).call(1), 1);
  }
  assert.equal(node.components()[0]?.instances[0]?.state, "stopped");
});

test("createNode lets its calls be taken off it", async () => {
  const { node } = await startTestNode([echo]);
  const { client, send, publish, beginFlow } = node;
  assert.equal(await client(Any).call(1), 1);
  assert.deepEqual(
    [typeof send(Shop).note, typeof publish(Shop).close, beginFlow("x").name],
    ["function", "function", "x"],
  );
  await node.stop();
});

for (const deadlineStepMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`createNode refuses deadlines told apart by ${deadlineStepMs} ms`, () => {
    const text = `Cannot make node "here": deadlineStepMs is ${deadlineStepMs}, write a number above 0`;
    assert.throws(
      () => createNode({ name: "here", components: [], deadlineStepMs }),
      new OrreryError("invalid_argument", text),
    );
  });
}

test("createClient serves nothing, and says so to who asks", async () => {
  const hub = createMemoryHub();
  const caller = await startTestNode([echo], { transports: [hub.transport()], listen: ["memory://there"] });
  const client = createClient({
    name: "only a client",
    transports: [hub.transport()],
    directory: createTableDirectory({ any: ["memory://there"] }),
  });
  assert.equal(await client.client(Any).call(1), 1);
  assert.equal((await client.describe("memory://there")).components.length, 1);
  await client.stop();
  await caller.node.stop();
});

test("createNode opens no socket in memory mode", async () => {
  const program = `
    import { createClient, createMemoryHub, createNode, createTableDirectory, defineComponent, defineService, json } from "./index.ts";
    const Echo = defineService("echo", { call: { request: json(), reply: json() } });
    const hub = createMemoryHub();
    const node = createNode({
      components: [defineComponent(Echo, () => ({ call: (request) => request }))],
      transports: [hub.transport({ bodies: "bytes" })],
      listen: ["memory://here"],
    });
    await node.start();
    const directory = createTableDirectory({ echo: ["memory://here"] });
    const client = createClient({ transports: [hub.transport({ bodies: "bytes" })], directory });
    const calls = await Promise.all([1, 2, 3].map((request) => client.client(Echo).call(request)));
    const open = process.getActiveResourcesInfo();
    await client.stop();
    await node.stop();
    const left = process.getActiveResourcesInfo().filter((what) => what === "Timeout");
    process.stdout.write(JSON.stringify({ calls, open, left }));
  `;
  const args = ["--conditions=source", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  const { calls, open, left } = JSON.parse(stdout) as { calls: number[]; open: string[]; left: string[] };
  assert.deepEqual(calls, [1, 2, 3]);
  // The pipes to this test are all that is open, besides the timer of the deadlines.
  assert.deepEqual(
    open.filter((what) => !/^(PipeWrap|Timeout|.*Pipe.*)$/.test(what)),
    [],
  );
  assert.deepEqual(left, []); // And nothing keeps the process alive once its nodes have stopped.
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTableDirectory, defineComponent, defineService, json } from "@orrery/core";
import { OperateService } from "../gen/orrery/operate/v1/operate_pb.ts";
import { createMeshClient, createMeshNode } from "../mesh-node.ts";
import { OPERATE } from "./operate-component.ts";

const Adder = defineService("test.adder", {
  add: { request: json<{ a: number; b: number }>(), reply: json<{ sum: number }>() },
});
const adder = defineComponent(Adder, () => ({ add: ({ a, b }) => ({ sum: a + b }) }));

test("createMeshNode lets operators read usage, metrics and spans of a real node, and watch a flow", async (t) => {
  const node = await createMeshNode({ components: [adder], listen: ["tcp://127.0.0.1:0"], name: "n", operate: true });
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  const at = [node.addresses[0] as string];
  const directory = createTableDirectory({ [OPERATE]: at, "test.adder": at });
  const client = await createMeshClient({ directory, agent: "operator" });
  t.after(() => client.stop());
  const operate = client.client(OperateService);
  const { pid, memoryBytes, cpuMs } = await operate.status({});
  assert.equal(pid, process.pid);
  assert.ok(memoryBytes > 1_000_000n && cpuMs > 0);
  const { id, leftMs } = await operate.watch({ flow: "booking", forMs: 60_000 });
  assert.ok(leftMs > 0 && leftMs <= 60_000);
  await using flow = client.beginFlow("booking");
  assert.deepEqual(await flow.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
  const { spans } = await operate.spans({ flow: "booking" });
  assert.deepEqual(
    spans.map(({ side, node: at, component, method, outcome, flowName, watched }) => [
      ...[side, at, component, method],
      ...[outcome, flowName, watched],
    ]),
    [["receiver", "n", "test.adder", "add", "reply", "booking", true]],
  );
  assert.deepEqual((await operate.spans({ flow: "booking", failed: true })).spans, []);
  assert.deepEqual((await operate.spans({ sinceMs: (spans[0]?.startMs ?? 0) + 3_600_000 })).spans, []);
  assert.equal((await operate.unwatch({ id })).wasThere, true);
  assert.equal((await operate.unwatch({ id })).wasThere, false);
  assert.match(
    (await operate.metrics({})).text,
    /^orrery_handled_total\{component="test.adder",.*outcome="reply".*\} 1$/m,
  );
});

test("createMeshNode serves no operators without being asked", async (t) => {
  const node = await createMeshNode({ components: [adder], listen: ["tcp://127.0.0.1:0"] });
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  assert.deepEqual(
    node.components().map(({ name }) => name),
    ["test.adder"],
  );
});

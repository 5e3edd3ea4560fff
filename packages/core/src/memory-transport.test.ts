import assert from "node:assert/strict";
import { test } from "node:test";
import { testTransport } from "./conformance/index.ts";
import { createEnvelope, Kind } from "./envelope.ts";
import { MEMORY_WAITING_MAX } from "./limits.ts";
import { createMemoryHub, type MemoryTransportOptions } from "./memory-transport.ts";

function testMemory(name: string, options: MemoryTransportOptions): void {
  const hub = createMemoryHub();
  let names = 0;
  testTransport(name, {
    test,
    createTransport: () => hub.transport(options),
    freeAddress: () => `memory://place-${++names}`,
    badAddresses: ["", "memory:", "memory://", "memory://a b", "memory://a/b", "tcp://127.0.0.1:1"],
    severable: (address) => ({ address, sever: () => hub.sever(address) }),
  });
}

testMemory("createMemoryHub, values,", {});
testMemory("createMemoryHub, bytes,", { bodies: "bytes" });

test("createMemoryHub names a place by itself for memory://*", async () => {
  const hub = createMemoryHub();
  const transport = hub.transport();
  assert.equal(await transport.listen("memory://*"), "memory://node-1");
  assert.equal(await transport.listen("memory://*"), "memory://node-2");
  await transport.close();
});

test("createMemoryHub keeps hubs apart", async () => {
  const transport = createMemoryHub().transport();
  await transport.listen("memory://a");
  const stranger = createMemoryHub().transport();
  const link = stranger.connect("memory://a");
  await Promise.resolve();
  assert.equal(link.up, false);
  await Promise.all([transport.close(), stranger.close()]);
});

test(`createMemoryHub lets ${MEMORY_WAITING_MAX} messages wait on a link and no more`, async () => {
  const transport = createMemoryHub().transport();
  const link = transport.connect("memory://nobody");
  const results = new Set<string>();
  for (let id = 1; id <= MEMORY_WAITING_MAX; id++) results.add(transport.send(link, createEnvelope(Kind.reply, id)));
  assert.deepEqual([...results], ["accepted"]);
  assert.equal(transport.send(link, createEnvelope(Kind.reply, 0)), "overloaded");
  await transport.close();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { captureTransport } from "./capture-transport.ts";
import { defineComponent } from "./component.ts";
import { testTransport } from "./conformance/index.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { createSystemClock } from "./system-clock.ts";
import type { CapturedPacket } from "./wire/capture.ts";
import { createPacketInspector } from "./wire/inspect-packet.ts";

const clock = createSystemClock();
const Greeter = defineService("greeter", { greet: { request: json<string>(), reply: json<string>() } });

test("captureTransport shows a call and its answer, each way, as a client saw them", async () => {
  const hub = createMemoryHub();
  const node = createNode({
    name: "hall",
    components: [defineComponent(Greeter, () => ({ greet: (name) => `Hello, ${name}` }))],
    transports: [hub.transport({ bodies: "bytes" })],
    listen: ["memory://hall"],
  });
  await node.start();
  const captured: CapturedPacket[] = [];
  const client = createClient({
    name: "desk",
    transports: [
      captureTransport(hub.transport({ bodies: "bytes" }), { clock, sink: (packet) => captured.push(packet) }),
    ],
    directory: createTableDirectory({ greeter: ["memory://hall"] }),
  });
  await client.client(Greeter).greet("Anna");
  await assert.rejects(client.client(Greeter).greet("Anna", { version: "2.0.0" }));
  await Promise.all([client.stop(), node.stop()]);
  const inspector = createPacketInspector();
  const lines = captured.map(({ packet, direction }) => `${direction} ${inspector.inspect(packet, direction).join()}`);
  const shown = lines.map((line) =>
    line.replace(/incarnation \d+/, "incarnation N").replace(/within [\d.]+ m?s/, "within T"),
  );
  assert.deepEqual(
    shown.filter((line) => !line.includes("leave")),
    [
      "out request 1, greeter.greet, from desk, agent anonymous, within T, body 6 B application/json",
      "out hello, from desk, incarnation N, wire 1, orrery/0.1.0",
      "in hello, from hall, incarnation N, wire 1, orrery/0.1.0",
      "in reply 1, of greeter.greet, body 13 B",
      "out request 2, greeter.greet, version 2.0.0, from desk, agent anonymous, within T, body 6 B application/json",
      'in reply 2, of greeter.greet, bounced no_such_version (not_found, definite) at hall with "Cannot call \\"greeter@2.0.0\\": only version 0.0.0 is here" and details "{\\"versions\\":[\\"0.0.0\\"]}"',
    ],
  );
  assert.ok(captured.every(({ peer, link, timeMs }) => peer === "memory://hall" && link === 1 && timeMs > 0));
});

const hub = createMemoryHub();
let names = 0;
testTransport("captureTransport over createMemoryHub", {
  test,
  createTransport: () => captureTransport(hub.transport(), { clock, sink: () => undefined }),
  freeAddress: () => `memory://captured-${++names}`,
  badAddresses: ["memory:"],
  severable: (address) => ({ address, sever: () => hub.sever(address) }),
});

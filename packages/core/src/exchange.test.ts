import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { contractOf } from "./contract.ts";
import { createEnvelope, type Head, Kind } from "./envelope.ts";
import { createClient, createNode } from "./node.ts";
import { createHandTransport, replyTo } from "./testing/hand-transport.ts";
import { Any } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";

const method = contractOf(Any).methods.get("call") ?? assert.fail("no method");

const head: Head = {
  component: "any",
  method: "call",
  version: "",
  fingerprint: method.fingerprint,
  mode: "sync",
  contentType: "application/json",
  instance: "",
  source: { node: "peer", instance: "", incarnation: 1 },
  agent: "ada",
  horizon: undefined,
  resource: "",
};

function request(id: number, kind: Kind = Kind.request) {
  const envelope = createEnvelope(kind, id, head);
  envelope.bytes = new TextEncoder().encode("1");
  return envelope;
}

test("createExchange refuses what is asked of a client, by the kind of the message", () => {
  const transport = createHandTransport();
  createClient({ name: "asker", transports: [transport], clock: createTestClock() });
  const link = transport.comeIn("hand://peer");
  for (const kind of [Kind.request, Kind.oneWay, Kind.streamOpen, Kind.broadcast])
    transport.arrive(link, request(kind, kind));
  transport.arrive(link, createEnvelope(Kind.cancel, 99));
  const text = 'Cannot call component "any": "asker" is a client and serves none';
  assert.deepEqual(
    transport.sent.map(({ id, kind, failure }) => [id, kind, failure?.reason, failure?.message]),
    [
      [Kind.request, Kind.reply, "no_such_component", text],
      [Kind.oneWay, Kind.reply, "no_such_component", text],
      [Kind.streamOpen, Kind.streamEnd, "no_such_component", text],
    ],
  );
});

test("createExchange lets a connection speak only for the agents that it may speak for", async () => {
  const transport = createHandTransport();
  const node = createNode({
    components: [defineComponent(Any, () => ({ call: (_, { agent }) => agent }))],
    transports: [transport],
    clock: createTestClock(),
  });
  await node.start();
  const [may, mayNot] = [transport.comeIn("hand://may"), transport.comeIn("hand://may-not")];
  may.agents = new Set(["ada"]);
  mayNot.agents = new Set(["bob"]);
  transport.arrive(may, request(1));
  transport.arrive(mayNot, request(2));
  await settle();
  assert.deepEqual(
    transport.sent.map(({ id, bytes, failure }) => [id, failure?.reason ?? new TextDecoder().decode(bytes)]),
    [
      [1, '"ada"'],
      [2, "agent_refused"],
    ],
  );
  await node.stop();
});

test("createExchange drops answers that nobody waits for, and those of another connection", async () => {
  const transport = createHandTransport();
  const directory = { resolve: () => ["hand://far"], components: () => ["any"] };
  const node = createClient({ transports: [transport], directory, clock: createTestClock() });
  const call = node.client(Any).call(1);
  const { id } = transport.sent[0] ?? assert.fail("nothing was sent");
  transport.arrive(transport.link("hand://far"), replyTo(id + 1, new TextEncoder().encode("2")));
  transport.arrive(transport.comeIn("hand://liar"), replyTo(id, new TextEncoder().encode("3")));
  transport.arrive(transport.link("hand://far"), replyTo(id, new TextEncoder().encode("4")));
  transport.arrive(transport.link("hand://far"), replyTo(id, new TextEncoder().encode("5")));
  assert.equal(await call, 4);
  await node.stop();
});

test("createExchange takes a cancel and a credit only from the connection that the message came over", async () => {
  const transport = createHandTransport();
  const signals: AbortSignal[] = [];
  const node = createNode({
    components: [
      defineComponent(Any, () => ({
        call: (_, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      })),
    ],
    transports: [transport],
    clock: createTestClock(),
  });
  await node.start();
  const [owner, stranger] = [transport.comeIn("hand://owner"), transport.comeIn("hand://stranger")];
  transport.arrive(owner, request(5));
  transport.arrive(stranger, createEnvelope(Kind.cancel, 5));
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false],
  );
  transport.arrive(owner, createEnvelope(Kind.streamCredit, 5)); // Of no stream: nothing happens.
  transport.arrive(owner, createEnvelope(Kind.cancel, 5));
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

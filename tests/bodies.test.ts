import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ClientNode,
  type Component,
  type Context,
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  type SendOptions,
  type Transport,
} from "@orrery/core";
import { contractOf, type Envelope } from "@orrery/core/internal";
import { createHttpDoor } from "@orrery/http";
import { createZmqTransport } from "@orrery/zmq";
import { BODY_FORMS, type BodyForm, type Data } from "./testing/body-forms.ts";
import { spyTransport } from "./testing/spy-transport.ts";

const NUMBERS = [0, 1, 127, 128, 255];
const TRACEPARENT = "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01";
const OPTIONS: SendOptions = {
  timeoutMs: 20_000,
  idempotencyKey: "once",
  attempt: 2,
  shardKey: "a",
  agent: "guest",
  horizon: "network",
  flow: { id: 77, node: "desk", name: "booking", parentId: 76 },
  trace: { traceId: new Uint8Array(16).fill(3), spanId: new Uint8Array(8).fill(4), flags: 1, state: "" },
};

/** A component that runs somewhere, and what calls it. */
interface Scene extends AsyncDisposable {
  readonly caller: ClientNode;
  /** Envelopes that the caller sent; none where nothing is sent. */
  readonly sent: readonly Envelope[];
}

type Carrier = (component: Component, service: string) => Promise<Scene>;

function within(local: "copy" | "encode"): Carrier {
  return async (component) => {
    const node = createNode({ name: "desk", components: [component], local });
    await node.start();
    return { caller: node, sent: [], [Symbol.asyncDispose]: () => node.stop() };
  };
}

function between(address: string, createTransport: () => Transport): Carrier {
  return async (component, service) => {
    const sent: Envelope[] = [];
    const node = createNode({ components: [component], transports: [createTransport()], listen: [address] });
    await node.start();
    const caller = createClient({
      name: "desk",
      transports: [spyTransport(createTransport(), sent)],
      directory: createTableDirectory({ [service]: node.addresses }),
    });
    const stop = async () => {
      await caller.stop();
      await node.stop();
    };
    return { caller, sent, [Symbol.asyncDispose]: stop };
  };
}

const values = createMemoryHub();
const encoded = createMemoryHub();

const CARRIERS: readonly (readonly [what: string, open: Carrier])[] = [
  ["within a node, copied,", within("copy")],
  ["within a node, encoded,", within("encode")],
  ["over memory, values,", between("memory://*", () => values.transport())],
  ["over memory, bytes,", between("memory://*", () => encoded.transport({ bodies: "bytes" }))],
  ["over ZeroMQ", between("tcp://127.0.0.1:0", () => createZmqTransport())],
];

/** What a handler is told beside the body, without what differs from call to call. */
function factsOf({ agent, attempt, deadline, flow, idempotencyKey, source, trace }: Context) {
  const { incarnation: _, ...from } = source;
  return { agent, attempt, hasDeadline: deadline > 0, flow: { ...flow, id: 0 }, idempotencyKey, from, trace };
}

/** All of an envelope but what its body and contract are, and what differs from call to call. */
function surroundings({ head, bytes: _, value: __, id: ___, deadlineMs, ...rest }: Envelope) {
  assert.ok(head !== undefined);
  const { component: _c, method: _m, fingerprint: _f, contentType: _t, source, ...others } = head;
  return { ...rest, ...others, node: source.node, hasDeadline: deadlineMs > 0 };
}

/** Echoes numbers in one form over one carrier; gives what the handler was told and what surrounded the body. */
async function echo(form: BodyForm, open: Carrier) {
  const facts: ReturnType<typeof factsOf>[] = [];
  const component = form.component((_data, context) => facts.push(factsOf(context)));
  await using scene = await open(component, contractOf(form.service).name);
  assert.deepEqual([...(await form.echo(scene.caller, form.dataOf(NUMBERS), OPTIONS))], NUMBERS);
  const [sent] = scene.sent;
  if (sent !== undefined) assert.equal(sent.head?.contentType, form.contentType);
  return { facts, around: sent === undefined ? undefined : surroundings(sent) };
}

for (const [what, open] of CARRIERS) {
  test(`bodies ${what} of protobuf, JSON and raw bytes travel in the same envelope`, async () => {
    const [first, ...others] = await Promise.all(BODY_FORMS.map((form) => echo(form, open)));
    assert.equal(first?.facts[0]?.agent, "guest");
    for (const other of others) assert.deepEqual(other, first);
  });

  for (const form of BODY_FORMS) {
    test(`bodies ${what} of ${form.what} are shared by nobody`, async () => {
      const received: Data[] = [];
      await using scene = await open(
        form.component((data) => received.push(data)),
        contractOf(form.service).name,
      );
      const mine = form.dataOf(NUMBERS);
      const call = form.echo(scene.caller, mine);
      mine[0] = 9; // After it was sent.
      const reply = await call;
      assert.deepEqual([...reply], NUMBERS);
      reply[1] = 8; // After it was received.
      assert.deepEqual([...(received[0] ?? [])], NUMBERS);
      (received[0] ?? [])[2] = 7; // After it was answered.
      assert.deepEqual([mine[2], reply[2]], [NUMBERS[2], NUMBERS[2]]);
    });
  }
}

test("bodies over HTTP of protobuf, JSON and raw bytes travel in the same envelope", async () => {
  const facts: ReturnType<typeof factsOf>[] = [];
  const components = BODY_FORMS.map((form) => form.component((_data, context) => facts.push(factsOf(context))));
  await using node = createNode({ name: "desk", components });
  await node.start();
  const services = BODY_FORMS.map(({ service }) => service);
  await using door = createHttpDoor({ node, services, authenticate: () => "guest" });
  const url = await door.listen();
  const headers = { traceparent: TRACEPARENT, "idempotency-key": "once", "connect-timeout-ms": "20000" };
  for (const { http } of BODY_FORMS) {
    const body = http.write(NUMBERS);
    const response = await fetch(`${url}/${http.path}`, {
      method: "POST",
      body,
      headers: { ...headers, "content-type": http.type },
    });
    assert.deepEqual(http.read(new Uint8Array(await response.arrayBuffer())), NUMBERS);
    assert.equal(response.headers.get("content-type"), http.type);
  }
  assert.deepEqual([facts[0]?.agent, facts[0]?.idempotencyKey, facts[0]?.hasDeadline], ["guest", "once", true]);
  assert.equal(facts[0]?.trace?.flags, 1);
  assert.deepEqual(facts, [facts[0], facts[0], facts[0]]);
});

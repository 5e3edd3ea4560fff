import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { defineComponent } from "./component.ts";
import { createControlPlane } from "./control-plane.ts";
import { ControlSchema } from "./gen/orrery/control/v1/control_pb.ts";
import { PINGS_OPEN_MAX } from "./limits.ts";
import { createLog, discardLog } from "./log.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { createHandTransport } from "./testing/hand-transport.ts";
import { Any } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";
import { isControl, type Message } from "./transport.ts";

type Said = MessageInitShape<typeof ControlSchema>["message"] & {};

/** A control plane whose peer is the test. */
function setUp() {
  const clock = createTestClock();
  const transport = createHandTransport();
  const link = transport.link("hand://peer");
  const said: ReturnType<typeof fromBinary<typeof ControlSchema>>["message"][] = [];
  const watched = {
    ...transport,
    send: (_: unknown, message: Message) => {
      if (isControl(message)) said.push(fromBinary(ControlSchema, message.bytes).message);
      return transport.result;
    },
  };
  const gossip: (string | number)[][] = [];
  const control = createControlPlane({
    node: "here",
    incarnation: 7,
    clock,
    log: createLog({ sink: discardLog, now: () => 0 }),
    describe: async () => ({ node: "here", incarnation: 7n, components: [] }),
    onGossip: (from, message) => gossip.push([from.remote, ...message]),
  });
  const hear = (message: Said) =>
    control.receive(watched, link, toBinary(ControlSchema, create(ControlSchema, { message })));
  return { clock, control, transport, link, watched, said, hear, gossip };
}

test("createControlPlane greets, and knows who greets back", () => {
  const { control, watched, link, said, hear } = setUp();
  control.greet(watched, link);
  assert.equal(said[0]?.case, "hello");
  assert.equal(control.peer(link), undefined);
  hear({ case: "hello", value: { node: "peer", incarnation: 3n, wire: 1, software: "other/2" } });
  const { node, incarnation, wire, software, leaving } = control.peer(link) ?? assert.fail("no peer");
  assert.deepEqual(
    { node, incarnation, wire, software, leaving },
    { node: "peer", incarnation: 3, wire: 1, software: "other/2", leaving: false },
  );
  hear({ case: "leave", value: { reason: "stopping" } });
  assert.equal(control.peer(link)?.leaving, true);
  control.linkLost(link);
  assert.equal(control.peer(link), undefined);
});

test("createControlPlane carries what directories say, unread", () => {
  const { control, watched, link, said, hear, gossip } = setUp();
  assert.equal(control.gossip(watched, link, new Uint8Array([1, 2])), "accepted");
  assert.ok(said[0]?.case === "gossip");
  assert.deepEqual([...said[0].value.message], [1, 2]);
  hear({ case: "gossip", value: { message: new Uint8Array([3, 4]) } });
  assert.deepEqual(gossip, [["hand://peer", 3, 4]]);
});

test("createControlPlane answers a ping with its own time, and measures its own", async () => {
  const { control, watched, link, said, hear, clock } = setUp();
  hear({ case: "ping", value: { id: 5n, sentUs: 12n } });
  const [pong] = said;
  assert.ok(pong?.case === "pong");
  assert.deepEqual([pong.value.id, pong.value.sentUs, pong.value.answeredUs], [5n, 12n, 1_000_000n]);
  const ping = control.ping(watched, link, 1000);
  await clock.advance(20);
  hear({ case: "pong", value: { id: 1n, sentUs: 0n, answeredUs: 2_500_000n, wallUs: 1_767_225_603_000_000n } });
  const sent = { sentMs: 1000, sentWallMs: 1_767_225_600_000 };
  assert.deepEqual(await ping, { roundTripMs: 20, peerMs: 2500, peerWallMs: 1_767_225_603_000, ...sent });
  assert.equal(clock.timers, 0);
});

test("createControlPlane asks as many questions of a link as are allowed, and refuses one past it", async () => {
  const { control, watched, link, clock } = setUp();
  const pings = Array.from({ length: PINGS_OPEN_MAX }, () => control.ping(watched, link, 1000));
  await assert.rejects(control.ping(watched, link, 1000), (error: OrreryError) => {
    assert.equal(error.message, 'Cannot ask "hand://peer": 16 questions are open');
    return error.reason === "overloaded";
  });
  const ends = Promise.allSettled(pings);
  await clock.advance(1000);
  for (const end of await ends) {
    const error = end.status === "rejected" ? (end.reason as OrreryError) : assert.fail("answered");
    assert.deepEqual([error.reason, error.message], ["timeout", 'Cannot ask "hand://peer": no answer within 1000 ms']);
  }
  assert.equal(clock.timers, 0);
});

const ends: readonly {
  readonly what: string;
  readonly end: (world: ReturnType<typeof setUp>) => void;
  readonly reason: string;
  readonly text: string;
}[] = [
  {
    what: "its link is lost",
    end: ({ control, link }) => control.linkLost(link),
    reason: "connection_lost",
    text: 'Cannot ask "hand://peer": the connection was lost',
  },
  {
    what: "its node closes",
    end: ({ control }) => control.close(),
    reason: "closed",
    text: 'Cannot ask "hand://peer": node "here" closed',
  },
];

for (const { what, end, reason, text } of ends) {
  test(`createControlPlane ends a question when ${what}`, async () => {
    const world = setUp();
    const asked = assert.rejects(world.control.describe(world.watched, world.link, 1000), (error: OrreryError) => {
      assert.deepEqual([error.reason, error.message], [reason, text]);
      return true;
    });
    end(world);
    await asked;
    assert.equal(world.clock.timers, 0);
  });
}

for (const { result, reason, text } of [
  { result: "overloaded", reason: "overloaded", text: 'Cannot ask "hand://peer": the queue to it is full, wait' },
  { result: "closed", reason: "not_connected", text: 'Cannot ask "hand://peer": the connection is closed (closed)' },
] as const) {
  test(`createControlPlane ends a question at once that its carrier refuses as ${result}`, async () => {
    const { control, watched, link, transport, clock } = setUp();
    transport.result = result;
    await assert.rejects(control.ping(watched, link, 1000), (error: OrreryError) => {
      assert.deepEqual([error.reason, error.message], [reason, text]);
      return true;
    });
    assert.equal(clock.timers, 0);
  });
}

test("createControlPlane counts rubbish, and answers nothing to it", () => {
  const { control, watched, link, said, hear } = setUp();
  for (const bytes of [new Uint8Array([255, 255, 255]), new Uint8Array([10, 200, 1])])
    control.receive(watched, link, bytes);
  hear({ case: "pong", value: { id: 99n, sentUs: 0n, answeredUs: 0n } }); // Nobody asked.
  control.receive(watched, link, new Uint8Array(0)); // What a newer peer says is no rubbish.
  assert.deepEqual([control.rubbish, said], [2, []]);
});

test("createControlPlane takes an answer only from the link that was asked", async () => {
  const { control, watched, transport, link, hear, clock } = setUp();
  const ping = control.ping(watched, link, 1000);
  const pong = toBinary(ControlSchema, create(ControlSchema, { message: { case: "pong", value: { id: 1n } } }));
  control.receive(watched, transport.link("hand://stranger"), pong);
  await clock.advance(10);
  hear({ case: "pong", value: { id: 1n, sentUs: 0n, answeredUs: 0n } });
  assert.equal((await ping).roundTripMs, 10);
});

test("createControlPlane describes the node and what it serves, and tells of leaving", async () => {
  const hub = createMemoryHub();
  const component = defineComponent(Any, () => ({ call: (request) => request }), { version: "1.0.0" });
  const { node } = await startTestNode([component], { transports: [hub.transport()], listen: ["memory://here"] });
  const client = createClient({ name: "asker", transports: [hub.transport()] });
  const description = await client.describe("memory://here");
  assert.deepEqual(
    [description.node, description.components.map(({ name, version }) => `${name}@${version}`)],
    ["here", ["any@1.0.0"]],
  );
  assert.deepEqual(
    description.components[0]?.methods.map(({ name, mode }) => [name, mode]),
    [["call", "sync"]],
  );
  assert.equal((await client.ping("memory://here")).peerMs, 1000);
  assert.deepEqual(
    node.peers().map(({ node: peer, leaving }) => [peer, leaving]),
    [["asker", false]],
  );
  const stopped = client.stop();
  await settle();
  await stopped;
  await node.stop();
});

test("createControlPlane refuses an address that no transport takes", async () => {
  const client = createClient({ name: "asker", transports: [createMemoryHub().transport()] });
  const text = 'Cannot use address "tcp://1.2.3.4:5": this node has no transport for it, only memory://';
  await assert.rejects(client.ping("tcp://1.2.3.4:5"), new OrreryError("invalid_argument", text));
  await assert.rejects(client.describe("nonsense"), (error: OrreryError) =>
    error.message.startsWith('Cannot use address "nonsense"'),
  );
  await client.stop();
});

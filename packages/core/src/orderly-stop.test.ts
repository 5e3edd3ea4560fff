import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import { decodeControl, encodeControl } from "./control-codec.ts";
import { createTableDirectory } from "./directory.ts";
import { createEnvelope, Kind } from "./envelope.ts";
import type { Control } from "./gen/orrery/control/v1/control_pb.ts";
import { json } from "./json-body.ts";
import { PART_TIMEOUT_MS } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createHandTransport, type HandLink, replyTo } from "./testing/hand-transport.ts";
import { Any } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { isControl, type Link, type Message } from "./transport.ts";

type Said = Control["message"];

const any = defineComponent(Any, () => ({ call: (request) => request }));

const All = defineService("all", {
  ask: { request: json<number>(), reply: json<number>() },
  tell: { mode: "async", request: json<number>() },
  list: { mode: "stream", request: json<number>(), reply: json<number>() },
  shout: { mode: "broadcast", request: json<number>() },
});

/** A transport whose peers, played by the test, answer nothing by themselves; and what was said to each. */
function silent() {
  const hand = createHandTransport();
  const said: (readonly [link: Link, message: Said])[] = [];
  const transport = {
    ...hand,
    send(link: Link, message: Message) {
      if (!isControl(message)) return hand.send(link, message);
      said.push([link, decodeControl(message.bytes).message]);
      return hand.result;
    },
  };
  const say = (link: HandLink, message: Parameters<typeof encodeControl>[0]) =>
    hand.arrive(link, { plane: "control", bytes: encodeControl(message) });
  const hello = (link: HandLink) =>
    say(link, { case: "hello", value: { node: "peer", incarnation: 1n, wire: 1, software: "" } });
  const toldTo = (link: Link) => said.filter(([to]) => to === link).map(([, message]) => message);
  return { hand, transport, say, hello, toldTo };
}

/** A node whose peers are played by the test. */
async function startSilent() {
  const clock = createTestClock();
  const world = silent();
  const node = createNode({ name: "here", components: [any], transports: [world.transport], clock });
  await node.start();
  return { ...world, clock, node };
}

/** The number that a peer is to answer with; undefined where it was not asked. */
function askedBy(messages: readonly Said[]): bigint | undefined {
  const last = messages.find((message) => message.case === "leave" && message.value.id > 0n);
  return last?.case === "leave" ? last.value.id : undefined;
}

function isOver(promise: Promise<void>): () => boolean {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  return () => over;
}

test("Node.stop stays for what is on its way, and refuses it, until each peer has nothing open there", async () => {
  const { node, hand, say, hello, toldTo, clock } = await startSilent();
  const peers = [hand.comeIn("hand://a"), hand.comeIn("hand://b")];
  for (const peer of peers) hello(peer);
  const over = isOver(node.stop());
  await settle();
  const [a, b] = peers as [HandLink, HandLink];
  const late = createEnvelope(Kind.request, 7, headOfAny());
  late.bytes = new TextEncoder().encode("1");
  hand.arrive(a, late);
  await settle();
  const [refused] = hand.sent;
  assert.deepEqual([refused?.id, refused?.failure?.reason, refused?.failure?.definite], [7, "draining", true]);
  say(a, { case: "settled", value: { id: askedBy(toldTo(a)) ?? 0n } });
  await settle();
  assert.equal(over(), false);
  say(b, { case: "settled", value: { id: askedBy(toldTo(b)) ?? 0n } });
  await settle();
  assert.deepEqual([over(), clock.timers], [true, 0]);
});

test(`Node.stop waits ${PART_TIMEOUT_MS} ms for a peer that does not answer, and no longer`, async () => {
  const { node, hand, hello, clock } = await startSilent();
  hello(hand.comeIn("hand://deaf"));
  const over = isOver(node.stop());
  await clock.advance(PART_TIMEOUT_MS - 1);
  assert.equal(over(), false);
  await clock.advance(1);
  assert.deepEqual([over(), clock.timers], [true, 0]);
});

test("Node.stop waits for nobody who is gone, who speaks no control, or with a time of 0", async () => {
  const gone = await startSilent();
  const link = gone.hand.comeIn("hand://gone");
  gone.hello(link);
  const stopped = gone.node.stop();
  await settle();
  gone.hand.lose(link);
  await stopped;

  const foreign = await startSilent();
  const stranger = foreign.hand.comeIn("hand://stranger");
  await foreign.clock.advance(PART_TIMEOUT_MS);
  await foreign.node.stop();
  assert.equal(askedBy(foreign.toldTo(stranger)), undefined);

  const forced = await startSilent();
  const peer = forced.hand.comeIn("hand://peer");
  forced.hello(peer);
  await forced.node.stop({ timeoutMs: 0 });
  assert.equal(askedBy(forced.toldTo(peer)), undefined);
});

test("Node.stop also parts from peers that come while it stops, within the same time", async () => {
  const { node, hand, hello, say, toldTo, clock } = await startSilent();
  const before = hand.comeIn("hand://just-came"); // It has not said who it is yet.
  const over = isOver(node.stop());
  await clock.advance(PART_TIMEOUT_MS / 2);
  const meanwhile = hand.comeIn("hand://meanwhile");
  await settle();
  for (const link of [before, meanwhile]) {
    hello(link);
    say(link, { case: "settled", value: { id: askedBy(toldTo(link)) ?? 0n } });
  }
  const last = hand.comeIn("hand://last");
  await clock.advance(PART_TIMEOUT_MS / 2 - 1);
  assert.deepEqual([over(), askedBy(toldTo(last)) !== undefined], [false, true]);
  await clock.advance(1);
  assert.deepEqual([over(), clock.timers], [true, 0]);
});

/** A client of a peer that is played by the test. */
function startCaller() {
  const clock = createTestClock();
  const world = silent();
  const directory = createTableDirectory({ all: ["hand://far"], any: ["hand://far"] });
  const node = createClient({ name: "here", transports: [world.transport], clock, directory });
  const link = world.hand.link("hand://far");
  world.hand.raise(link);
  world.hello(link);
  const settled = () => world.toldTo(link).filter((message) => message.case === "settled");
  const leave = (id: bigint) => world.say(link, { case: "leave", value: { reason: "", id } });
  return { ...world, clock, node, link, settled, leave };
}

const MODES: Readonly<Record<string, (node: ReturnType<typeof startCaller>["node"]) => Promise<unknown>>> = {
  "a call": (node) => node.client(All).ask(1),
  "a one-way message": (node) => node.send(All).tell(1).accepted,
  "a stream": (node) => node.client(All).list(1).next(),
};

for (const [what, begin] of Object.entries(MODES)) {
  test(`createExchange refuses ${what} for a peer that has stopped, for certain, and sends nothing`, async () => {
    const { node, hand, leave } = startCaller();
    leave(1n);
    const outcome = await outcomeOf(begin(node));
    const error: OrreryError = outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
    assert.deepEqual([error.reason, error.kind, error.definite, hand.sent.length], ["draining", "bounced", true, 0]);
    assert.match(error.message, /^Cannot call "all\.(ask|tell|list)": the node at "hand:\/\/far" is shutting down$/);
    await node.stop();
  });

  test(`createExchange tells a peer that has stopped when ${what} has ended there`, async () => {
    const { node, hand, leave, settled, link } = startCaller();
    const open = outcomeOf(begin(node));
    await settle();
    leave(5n);
    assert.deepEqual(settled(), []);
    const { id, kind } = hand.sent[0] ?? assert.fail("nothing was sent");
    const isStream = kind === Kind.streamOpen;
    hand.arrive(link, isStream ? createEnvelope(Kind.streamEnd, id) : replyTo(id, new TextEncoder().encode("1")));
    await open;
    assert.deepEqual(
      settled().map(({ value }) => value?.id),
      [5n],
    );
    await node.stop();
  });
}

test("createExchange lets go of broadcasts for a peer that has stopped", async () => {
  const { node, hand, leave } = startCaller();
  node.publish(All).shout(1);
  leave(1n);
  node.publish(All).shout(2);
  assert.equal(hand.sent.length, 1);
  await node.stop();
});

test("createExchange still asks a peer that is stopping, which lets in what its own work leads to", async () => {
  const { node, hand, leave, settled } = startCaller();
  leave(0n);
  const call = outcomeOf(node.client(Any).call(1));
  assert.deepEqual([hand.sent.length, settled()], [1, []]);
  await node.stop();
  await call;
});

test("createExchange tells a peer at once that nothing is open there, though others have much to do", async () => {
  const clock = createTestClock();
  const { hand, transport, hello, say, toldTo } = silent();
  const directory = createTableDirectory({ any: ["hand://busy"] });
  const node = createClient({ name: "here", transports: [transport], clock, directory });
  const [busy, idle] = [hand.link("hand://busy"), hand.comeIn("hand://idle")];
  hand.raise(busy);
  for (const link of [busy, idle]) hello(link);
  const call = outcomeOf(node.client(Any).call(1));
  say(idle, { case: "leave", value: { reason: "", id: 3n } });
  assert.equal(toldTo(idle).at(-1)?.case, "settled");
  await node.stop();
  await call;
});

test("createExchange takes the next node at an address for one that stays", async () => {
  const { node, hand, leave, link } = startCaller();
  leave(1n);
  hand.lose(link);
  const waiting = outcomeOf(node.client(Any).call(1));
  assert.equal(hand.sent.length, 1, "what waits goes to whoever comes");
  hand.raise(link);
  hand.arrive(link, replyTo(hand.sent[0]?.id ?? 0, new TextEncoder().encode("2")));
  assert.equal((await waiting).kind, "reply");
  await node.stop();
});

test("Node.stop ends well when all nodes stop at once, each with calls open at the other", async () => {
  const hub = createMemoryHub();
  const clock = createTestClock();
  const names = ["a", "b"] as const;
  const services = { a: defineService("a", shape()), b: defineService("b", shape()) };
  const directory = createTableDirectory({ a: ["memory://a"], b: ["memory://b"] });
  const nodes = names.map((name) => {
    const component = defineComponent(services[name], () => ({ call: (request) => request }));
    const transports = [hub.transport({ clock })];
    return createNode({ name, components: [component], transports, listen: [`memory://${name}`], clock, directory });
  });
  await Promise.all(nodes.map((node) => node.start()));
  await Promise.all(nodes.map((node, index) => node.client(services[names[1 - index] ?? "a"]).call(1)));
  const open = nodes.map((node, index) => outcomeOf(node.client(services[names[1 - index] ?? "a"]).call(2)));
  await Promise.all(nodes.map((node) => node.stop()));
  assert.equal((await Promise.all(open)).length, 2);
  assert.equal(clock.timers, 0);
});

function shape() {
  return { call: { request: json<number>(), reply: json<number>() } };
}

function headOfAny() {
  return {
    component: "any",
    method: "call",
    version: "",
    fingerprint: "",
    mode: "sync",
    contentType: "application/json",
    instance: "",
    source: { node: "peer", instance: "", incarnation: 1 },
    agent: "ada",
    horizon: undefined,
    resource: "",
  } as const;
}

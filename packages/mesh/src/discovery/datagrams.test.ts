import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { type TestContext, test } from "node:test";
import { createSystemClock, createTableDirectory, defineComponent, defineService, json } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { addressWithKey, type CurveOptions, createCurveKeyPair, encodeHex, type KnownPeer } from "@orrery/zmq";
import { createMeshNode, type MeshNodeOptions } from "../mesh-node.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { DATAGRAM_BYTES_MAX, type DatagramCarrier } from "./datagram-carrier.ts";
import { createGossipDirectory } from "./gossip-directory.ts";
import { sealDatagrams } from "./sealed-datagrams.ts";
import { createUdpCarrier } from "./system-datagrams.ts";
import { makeGossipWorld, nodeName, seedsOf } from "./testing/gossip-world.ts";
import { createDatagramNet } from "./testing/memory-datagrams.ts";

const Who = defineService("who", { ask: { request: json<null>(), reply: json<string>() } });
const who = defineComponent(Who, () => ({ ask: () => "me" }));
const ANY = "tcp://127.0.0.1:0";

async function start(t: TestContext, options: Partial<MeshNodeOptions>) {
  const node = await createMeshNode({ components: [who], listen: [ANY], ...options });
  t.after(() => node.stop({ timeoutMs: 0 }));
  await node.start();
  return node;
}

/** Opens a carrier and keeps what it hears. */
async function hearing(t: TestContext, carrier: DatagramCarrier, opened = [ANY]) {
  const heard: { readonly from: string; readonly text: string }[] = [];
  const [address = ""] = await carrier.open({
    opened,
    clock: createSystemClock(),
    onDatagram: (from, bytes) => heard.push({ from, text: Buffer.from(bytes).toString() }),
  });
  t.after(() => carrier.close());
  return { address, heard, carrier };
}

/** Sends bytes as a stranger does. */
async function sendRaw(address: string, bytes: Uint8Array): Promise<void> {
  const socket = createSocket("udp4");
  const { hostname, port } = new URL(address.replace("udp:", "http:"));
  await new Promise((resolve) => socket.send(bytes, Number(port), hostname, resolve));
  socket.close();
}

test("createUdpCarrier carries datagrams both ways, at the port that TCP has", async (t) => {
  const a = await hearing(t, createUdpCarrier(), ["tcp://127.0.0.1:0", "ipc:///run/x", "sim://b"]);
  const b = await hearing(t, createUdpCarrier());
  assert.match(a.address, /^udp:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(a.carrier.send(b.address, Buffer.from("there")), true);
  await waitUntil(() => b.heard.length > 0);
  assert.deepEqual(b.heard, [{ from: a.address, text: "there" }]);
  assert.equal(b.carrier.send(b.heard[0]?.from ?? "", Buffer.from("back")), true);
  await waitUntil(() => a.heard.length > 0);
  assert.equal(a.carrier.send("udp://[::1]:9", Buffer.from("x")), false, "no socket of that family");
  assert.equal(a.carrier.send("tcp", Buffer.from("x")), false, "no address");
  const same = await hearing(t, createUdpCarrier(), [a.address.replace("udp:", "tcp:")]);
  assert.notEqual(same.address, a.address, "a port that is taken");
});

test("sealDatagrams lets those speak whom it is told now", async (t) => {
  const [server, guest] = [createCurveKeyPair(), createCurveKeyPair()];
  let peers: readonly KnownPeer[] = [];
  const listening = await hearing(t, sealDatagrams(createUdpCarrier(), { keyPair: server, peers: () => peers }));
  const sending = await hearing(t, sealDatagrams(createUdpCarrier(), { keyPair: guest }));
  const place = `${listening.address}?key=${encodeHex(server.publicKey)}`;
  sending.carrier.send(place, Buffer.from("early"));
  await waitUntil(() => listening.carrier.refused === 1);
  peers = [{ publicKey: guest.publicKey, agents: ["*"] }];
  sending.carrier.send(place, Buffer.from("in time"));
  await waitUntil(() => listening.heard.length > 0);
  assert.deepEqual(
    listening.heard.map(({ text }) => text),
    ["in time"],
  );
});

test("sealDatagrams lets only known keys speak, and nobody read", async (t) => {
  const [server, known, stranger] = [createCurveKeyPair(), createCurveKeyPair(), createCurveKeyPair()];
  const peers: CurveOptions["peers"] = [{ publicKey: known.publicKey, agents: ["*"] }];
  const listening = await hearing(t, sealDatagrams(createUdpCarrier(), { keyPair: server, peers }));
  const friend = await hearing(t, sealDatagrams(createUdpCarrier(), { keyPair: known }));
  const other = await hearing(t, sealDatagrams(createUdpCarrier(), { keyPair: stranger }));
  const place = `${listening.address}?key=${encodeHex(server.publicKey)}`;
  other.carrier.send(place, Buffer.from("stranger"));
  await sendRaw(listening.address, Buffer.from("plain"));
  await waitUntil(() => listening.carrier.refused === 2);
  assert.equal(friend.carrier.send(listening.address, Buffer.from("no key")), false);
  assert.equal(friend.carrier.send(`${listening.address}?key=ab`, Buffer.from("no key")), false);
  friend.carrier.send(place, Buffer.from("friend"));
  await waitUntil(() => listening.heard.length > 0);
  const from = `${friend.address}?key=${encodeHex(known.publicKey)}`;
  assert.deepEqual(listening.heard, [{ from, text: "friend" }]);
  // The friend does not know the server's key as a peer, but has sent to it.
  listening.carrier.send(from, Buffer.from("answer"));
  await waitUntil(() => friend.heard.length > 0);
  assert.equal(friend.heard[0]?.text, "answer");
  assert.ok(friend.carrier.bytesMax < DATAGRAM_BYTES_MAX);
});

test("createMeshNode gossips by datagrams when it is asked to, sealed where it has keys", async (t) => {
  for (const isCurve of [false, true]) {
    const keys = [createCurveKeyPair(), createCurveKeyPair()] as const;
    const peers = keys.map(({ publicKey }) => ({ publicKey, agents: ["*"] }));
    const ours: CurveOptions = { keyPair: keys[0], peers };
    const theirs: CurveOptions = { keyPair: keys[1], peers };
    const first = await start(t, { name: "first", gossip: "udp", seeds: [], ...(isCurve && { curve: theirs }) });
    const withKey = (address: string, { keyPair }: CurveOptions) =>
      isCurve ? addressWithKey(address, keyPair.publicKey) : address;
    const directory = createGossipDirectory({
      seeds: [withKey(first.addresses[0] ?? "", theirs)],
      advertise: (opened) => opened.map((address) => withKey(address, ours)),
      datagrams: isCurve ? sealDatagrams(createUdpCarrier(), ours) : createUdpCarrier(),
      timing: { probeMs: 100, probeTimeoutMs: 50 },
    });
    const second = await start(t, { name: "second", directory, ...(isCurve && { curve: ours }) });
    assert.equal(await second.client(Who).ask(null), "me");
    const told = () => directory.members().find(({ node }) => node === "first")?.addresses ?? [];
    await waitUntil(() =>
      told().some((address) => address.startsWith("udp://") && address.includes("?key=") === isCurve),
    );
    // An answer to a datagram tells how far the other is, and nothing came that was not sealed.
    await waitUntil(() => directory.stats().datagrams > 0 && directory.distances().length > 0);
    assert.equal(directory.stats().rubbish, 0);
  }
});

for (const [options, why] of [
  [{ gossip: "carrier pigeon" as "udp", seeds: [] }, "write udp or tcp"],
  [{ gossip: "udp" as const }, "it finds nodes without gossip, give it seeds"],
  [{ gossip: "udp" as const, directory: createTableDirectory({}) }, "it finds nodes without gossip, give it seeds"],
] as const)
  test(`createMeshNode refuses gossip "${options.gossip}": ${why}`, async () => {
    const message = `Cannot make a node with gossip "${options.gossip}": ${why}`;
    await assert.rejects(createMeshNode({ components: [], ...options }), { code: "invalid_argument", message });
  });

test("createGossipDirectory counts and drops datagrams that are rubbish", async (t) => {
  const directory = createGossipDirectory({ datagrams: createUdpCarrier() });
  const node = await start(t, { name: "alone", directory });
  const udpOf = () => directory.members()[0]?.addresses.find((address) => address.startsWith("udp:"));
  await waitUntil(() => udpOf() !== undefined);
  for (const bytes of [Buffer.alloc(0), Buffer.from("rubbish"), Buffer.alloc(1400, 255)])
    await sendRaw(udpOf() ?? "", bytes);
  await waitUntil(() => directory.stats().rubbish >= 2);
  assert.equal(await node.client(Who).ask(null), "me");
});

test("createGossipDirectory takes nobody for dead where all datagrams are lost, since links are asked, too", async () => {
  const deaths: string[] = [];
  const net = createDatagramNet({ random: createSeededRandom(1) });
  const onMember = ({ node, status }: { node: string; status: string }) => status === "dead" && deaths.push(node);
  const gossip = makeGossipWorld({}, { seeds: seedsOf(2), onMember }, net.carrier);
  for (let index = 0; index < 8; index++) gossip.add(nodeName(index));
  await gossip.world.start();
  await gossip.world.run({ forMs: 10_000 });
  assert.ok(gossip.isAgreed() && net.sent > 0 && net.lost === 0);
  net.block();
  await gossip.world.run({ forMs: 300_000 });
  assert.ok(net.lost > 1000, `${net.lost} lost`);
  assert.deepEqual(deaths, []);
  assert.ok(gossip.isAgreed());
});

test("createGossipDirectory sends no datagram over 1,400 bytes, whatever there is to tell", async () => {
  const sizes: number[] = [];
  const net = createDatagramNet({ random: createSeededRandom(1), loss: 0.1 });
  const measured = (node: string): DatagramCarrier => {
    const carrier = net.carrier(node);
    const send = (address: string, bytes: Uint8Array) => {
      sizes.push(bytes.length);
      return carrier.send(address, bytes);
    };
    return { ...carrier, send };
  };
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3) }, measured);
  for (let index = 0; index < 40; index++) gossip.add(`${nodeName(index)}-${"x".repeat(180)}`, { seeds: [] });
  for (let index = 0; index < 10; index++) gossip.add(nodeName(index));
  await gossip.world.start();
  await gossip.world.run({ forMs: 5_000 });
  for (let index = 0; index < 40; index++) gossip.directory(`${nodeName(index)}-${"x".repeat(180)}`).join("sim://n0");
  await gossip.world.run({ forMs: 30_000 });
  assert.ok(gossip.isAgreed());
  assert.ok(sizes.length > 1_000 && Math.max(...sizes) > 900, `${sizes.length}, at most ${Math.max(...sizes)}`);
  assert.ok(Math.max(...sizes) <= DATAGRAM_BYTES_MAX, `${Math.max(...sizes)}`);
});

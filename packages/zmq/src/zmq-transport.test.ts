import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type TransportHarness, testTransport } from "@orrery/core/conformance";
import { createCurveKeyPair } from "./curve-key.ts";
import { freePort } from "./testing/free-port.ts";
import { openRaw } from "./testing/open-raw.ts";
import { createTcpWay, type TcpWay } from "./testing/tcp-way.ts";
import { addressWithKey, createZmqTransport } from "./zmq-transport.ts";

const timing = { reconnectMinMs: 2, reconnectMaxMs: 20, lingerMs: 200 };
const ways: TcpWay[] = [];
after(() => {
  for (const way of ways) way.close();
});

const base = {
  test,
  freeAddress: async () => `tcp://127.0.0.1:${await freePort()}`,
  badAddresses: [
    "",
    "tcp:",
    "tcp://",
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:",
    "tcp://127.0.0.1:65536",
    "tcp://127.0.0.1:x",
    "tcp://127.0.0.1:1/path",
    "memory://a",
    "127.0.0.1:4000",
  ],
  bodyBytesTooLarge: 64 * 1024 * 1024 + 1,
} as const;

async function wayTo(address: string): Promise<TcpWay> {
  const way = await createTcpWay(Number(/:(\d+)$/.exec(address)?.[1]));
  ways.push(way);
  return way;
}

const plain: TransportHarness = {
  ...base,
  createTransport: () => createZmqTransport({ timing }),
  async severable(address) {
    const way = await wayTo(address);
    return { address: `tcp://127.0.0.1:${way.port}`, sever: way.sever };
  },
  openRaw: (address) => openRaw(address, { kind: "null" }),
};

const ours = createCurveKeyPair();
const guest = createCurveKeyPair();
const peers = [
  { publicKey: ours.publicKey, agents: ["*"] },
  { publicKey: guest.publicKey, agents: ["guest"] },
];

const curve: TransportHarness = {
  ...base,
  createTransport: () => createZmqTransport({ timing, curve: { keyPair: ours, peers } }),
  createGuest: () => createZmqTransport({ timing, curve: { keyPair: guest } }),
  connectAddress: (address) => addressWithKey(address, ours.publicKey),
  async severable(address) {
    const way = await wayTo(address);
    return { address: addressWithKey(`tcp://127.0.0.1:${way.port}`, ours.publicKey), sever: way.sever };
  },
  openRaw: (address) => openRaw(address, { kind: "curve", keyPair: ours, serverKey: ours.publicKey }),
};

testTransport("createZmqTransport, NULL,", plain);
testTransport("createZmqTransport, CURVE,", curve);

test("createZmqTransport gives up a link on demand that is not up, and makes another when it is asked again", async () => {
  const transport = createZmqTransport({ timing });
  const news: string[] = [];
  transport.onLink(({ kind }) => news.push(kind));
  const lost = transport.connect("tcp://127.0.0.1:9");
  assert.equal(lost.forget?.(), true);
  assert.equal(lost.forget?.(), false);
  assert.equal(transport.send(lost, { plane: "control", bytes: new Uint8Array() }), "closed");
  assert.notEqual(transport.connect("tcp://127.0.0.1:9"), lost);
  const listener = createZmqTransport({ timing });
  const address = await listener.listen("tcp://127.0.0.1:0");
  const isUp = Promise.withResolvers<void>();
  transport.onLink(() => isUp.resolve());
  const up = transport.connect(address);
  await isUp.promise;
  assert.equal(up.forget?.(), false);
  assert.equal(transport.connect(address), up);
  assert.deepEqual(news, []);
  await Promise.all([transport.close(), listener.close()]);
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { type TransportHarness, testTransport } from "@orrery/core/conformance";
import { createCurveKeyPair } from "./curve-key.ts";
import { createListener } from "./listener.ts";
import { createIpcWay, createSocketFolder, type IpcWay } from "./testing/ipc-way.ts";
import { openRaw } from "./testing/open-raw.ts";
import { addressWithKey, createIpcTransport } from "./zmq-transport.ts";

const timing = { reconnectMinMs: 2, reconnectMaxMs: 20, lingerMs: 200 };
const folder = createSocketFolder();
const ways: IpcWay[] = [];
after(() => {
  for (const way of ways) way.close();
  folder.remove();
});

const base = {
  test,
  freeAddress: () => `ipc://${folder.next()}`,
  badAddresses: [
    "",
    "ipc:",
    "ipc://",
    "ipc:///run/",
    "ipc://@abstract",
    "ipc://*",
    `ipc:///${"x".repeat(107)}`,
    "tcp://127.0.0.1:4000",
    "/run/x.sock",
  ],
  bodyBytesTooLarge: 64 * 1024 * 1024 + 1,
} as const;

async function wayTo(address: string): Promise<IpcWay> {
  const way = await createIpcWay(folder.next(), address.slice("ipc://".length));
  ways.push(way);
  return way;
}

const plain: TransportHarness = {
  ...base,
  createTransport: () => createIpcTransport({ timing }),
  async severable(address) {
    const way = await wayTo(address);
    return { address: `ipc://${way.path}`, sever: way.sever };
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
  createTransport: () => createIpcTransport({ timing, curve: { keyPair: ours, peers } }),
  createGuest: () => createIpcTransport({ timing, curve: { keyPair: guest } }),
  connectAddress: (address) => addressWithKey(address, ours.publicKey),
  async severable(address) {
    const way = await wayTo(address);
    return { address: addressWithKey(`ipc://${way.path}`, ours.publicKey), sever: way.sever };
  },
  openRaw: (address) => openRaw(address, { kind: "curve", keyPair: ours, serverKey: ours.publicKey }),
};

testTransport("createIpcTransport, NULL,", plain);
testTransport("createIpcTransport, CURVE,", curve);

test("createIpcTransport listens at a file for its user alone, in a folder that it makes, and takes the file away", async () => {
  const transport = createIpcTransport({ timing });
  const path = join(folder.path, "new", "deep", "a.sock");
  assert.equal(await transport.listen(`ipc://${path}`), `ipc://${path}`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  assert.equal(transport.connect(`ipc://${path}`).sameHost, true);
  await transport.close();
  assert.equal(existsSync(path), false);
});

test("createIpcTransport takes away the file of a process that was killed", async () => {
  const path = folder.next();
  const program = `require("node:net").createServer().listen(process.argv[1], () => console.log("open"))`;
  const child = spawn(process.execPath, ["-e", program, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(existsSync(path), true);
  const transport = createIpcTransport({ timing });
  await transport.listen(`ipc://${path}`);
  await transport.close();
});

test("createIpcTransport leaves a socket alone at which somebody listens, and says so", async () => {
  const path = folder.next();
  const first = await createListener({
    address: `ipc://${path}`,
    onConnection: () => ({ onMessage: () => undefined }),
  });
  const second = createIpcTransport({ timing });
  await assert.rejects(second.listen(`ipc://${path}`), {
    code: "unavailable",
    message: `Cannot bind "ipc://${path}": it is taken, somebody listens at "${path}"; choose another path or end it`,
  });
  assert.equal(existsSync(path), true);
  await Promise.all([first.close(), second.close()]);
});

test("createIpcTransport leaves alone what is no socket, and a folder that cannot be", async () => {
  const path = folder.next();
  writeFileSync(path, "precious");
  const transport = createIpcTransport({ timing });
  await assert.rejects(transport.listen(`ipc://${path}`), {
    message: /"[^"]+" is there and is no socket, choose another path$/,
  });
  await assert.rejects(transport.listen(`ipc://${path}/below`), { code: "unavailable" });
  mkdirSync(`${path}.d`);
  await assert.rejects(transport.listen(`ipc://${path}.d`), { message: /is there and is no socket/ });
  await transport.close();
});

test("createIpcTransport says at once that there is no socket, and connects when there is one", async () => {
  const address = `ipc://${folder.next()}`;
  const near = createIpcTransport({ timing });
  const link = near.connect(address);
  assert.equal(link.trouble, `there is no socket at "${address}"`);
  const up = Promise.withResolvers<void>();
  near.onLink(() => up.resolve());
  const far = createIpcTransport({ timing });
  await far.listen(address);
  await up.promise;
  assert.equal(link.trouble, "");
  await Promise.all([near.close(), far.close()]);
});

test("createIpcTransport gives back what has not left, in order, when a link is dropped", async () => {
  const transport = createIpcTransport({ timing });
  const address = `ipc://${folder.next()}`;
  const link = transport.connect(address);
  const told = Promise.withResolvers<string>();
  link.watch?.(told.resolve);
  const messages = [1, 2, 3].map((number) => ({ plane: "control", bytes: Uint8Array.of(number) }) as const);
  for (const message of messages) assert.equal(transport.send(link, message), "accepted");
  assert.match(await told.promise, /there is no socket/);
  assert.deepEqual(link.drop?.(), messages);
  assert.deepEqual(link.drop?.(), []);
  assert.equal(transport.send(link, messages[0] as (typeof messages)[number]), "closed");
  assert.notEqual(transport.connect(address), link);
  await transport.close();
});

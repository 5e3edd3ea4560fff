import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTableDirectory, defineComponent, defineService, json, type Node, outcomeOf } from "@orrery/core";
import { addressWithKey, createCurveKeyPair } from "@orrery/zmq";
import { createDistances } from "../horizon/distances.ts";
import { createLimits } from "../limits/node-limits.ts";
import { createMeshNode, type MeshNodeOptions } from "../mesh-node.ts";
import { type MeshCarrier, meshCarriers } from "./mesh-carriers.ts";
import { socketFolder } from "./system-socket-folder.ts";

const Adder = defineService("adder", {
  add: { request: json<{ a: number; b: number }>(), reply: json<{ sum: number }>() },
  count: { mode: "stream", request: json<{ upTo: number }>(), reply: json<{ at: number }>() },
});

const adder = defineComponent(Adder, () => ({
  add({ a, b }) {
    if (a < 0) throw new Error("negative");
    return { sum: a + b };
  },
  async *count({ upTo }) {
    for (let at = 1; at <= upTo; at++) yield { at };
  },
}));

const ANY = "tcp://127.0.0.1:0";
const timing = { reconnectMinMs: 5, reconnectMaxMs: 50, lingerMs: 100 };

async function serve(t: TestContext, options: Partial<MeshNodeOptions> = {}) {
  const node = await createMeshNode({ components: [adder], listen: [ANY], timing, ...options });
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  return { node, address: node.addresses[0] ?? "" };
}

/** A node that serves nothing, so that it shows its peers. */
async function callFrom(t: TestContext, address: string, options: Partial<MeshNodeOptions> = {}) {
  const directory = createTableDirectory({ adder: [address] });
  const node = await createMeshNode({ components: [], timing, directory, ...options });
  t.after(() => node.stop({ timeoutMs: 0 }));
  return node;
}

function carriersOf(node: Node): readonly string[] {
  return node.peers().map(({ carrier }) => carrier);
}

function socketOf(address: string): string {
  const folder = socketFolder();
  assert.ok(folder.kind === "folder");
  return join(folder.path, `${address.slice("tcp://".length).replace(":", "-")}.sock`);
}

function mkdtempFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-carriers-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Leaves a socket's file at which nobody listens, as a killed process does. */
async function leaveStaleSocket(path: string): Promise<void> {
  const program = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", program, path]), "exit");
  assert.equal(existsSync(path), true);
}

test("createMeshNode talks over a Unix socket with nodes of its host without being asked, and takes the socket away", async (t) => {
  const { node, address } = await serve(t);
  const here = await callFrom(t, address);
  assert.deepEqual(await here.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
  assert.deepEqual(carriersOf(here), ["ipc"]);
  assert.deepEqual(carriersOf(node), ["ipc"]);
  const path = socketOf(address);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  await node.stop();
  assert.equal(existsSync(path), false);
});

test("createMeshNode takes the Unix socket of a node that listens everywhere, by any address of the host", async (t) => {
  const { address } = await serve(t, { listen: ["tcp://0.0.0.0:0"] });
  const here = await callFrom(t, address.replace("0.0.0.0", "localhost"));
  await here.client(Adder).add({ a: 1, b: 2 });
  assert.deepEqual(carriersOf(here), ["ipc"]);
});

for (const [serving, calling] of [
  [["tcp"], ["unix", "tcp"]],
  [["unix", "tcp"], ["tcp"]],
] as const) {
  test(`createMeshNode goes by TCP when a server has ${serving.join(" and ")} and a caller ${calling.join(" and ")}`, async (t) => {
    const { address } = await serve(t, { carriers: serving });
    const here = await callFrom(t, address, { carriers: calling });
    assert.deepEqual(await here.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
    assert.deepEqual(carriersOf(here), ["tcp"]);
    const reasons = here.peers().flatMap(({ punted }) => punted.map(({ reason }) => reason));
    assert.equal(reasons.length, calling.length === 2 ? 2 : 0);
    for (const reason of reasons) assert.match(reason, /^there is no socket at "ipc:.*\.sock"$/);
  });
}

test("createMeshNode gives the same outcomes whichever of its carriers are switched off", async (t) => {
  const outcomes: unknown[] = [];
  const used: string[] = [];
  for (const carriers of [["unix", "tcp"], ["tcp"], ["unix"]] satisfies MeshCarrier[][]) {
    const listen = carriers.includes("tcp") ? ANY : `ipc://${join(mkdtempFor(t), "a.sock")}`;
    const { address } = await serve(t, { carriers, listen: [listen] });
    const here = await callFrom(t, address, { carriers });
    const client = here.client(Adder);
    const items: number[] = [];
    for await (const { at } of client.count({ upTo: 100 })) items.push(at);
    const bad = await outcomeOf(client.add({ a: -1, b: 0 }));
    const late = await outcomeOf(client.add({ a: 1, b: 1 }, { timeoutMs: 10_000 }));
    outcomes.push([items, bad.kind, bad.kind === "reply" ? "" : bad.error.reason, bad.definite, late]);
    used.push(...carriersOf(here));
  }
  assert.deepEqual(used, ["ipc", "tcp", "ipc"]);
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
});

test("createMeshNode goes on by TCP when the Unix socket fails, and says why", async (t) => {
  const { node, address } = await serve(t);
  const path = socketOf(address);
  await node.stop();
  // What a killed process leaves behind: a socket's file at which nobody listens.
  await leaveStaleSocket(path);
  const tcpOnly = await serve(t, { listen: [address], carriers: ["tcp"] });
  const here = await callFrom(t, tcpOnly.address);
  assert.deepEqual(await here.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
  const [peer] = here.peers();
  assert.equal(peer?.carrier, "tcp");
  assert.match(peer?.punted[0]?.reason ?? "", /nothing listens there/);
  rmSync(path, { force: true });
});

test("createMeshNode finds its way back to the Unix socket when its peer starts again", async (t) => {
  const first = await serve(t);
  const here = await callFrom(t, first.address);
  await here.client(Adder).add({ a: 1, b: 2 });
  await first.node.stop();
  const waiting = here.client(Adder).add({ a: 2, b: 2 });
  const again = await serve(t, { listen: [first.address] });
  assert.deepEqual(await waiting, { sum: 4 });
  assert.deepEqual(carriersOf(here), ["ipc"]);
  assert.equal(again.node.peers().length, 1);
});

test("createMeshNode uses its keys over Unix sockets, too", async (t) => {
  const server = createCurveKeyPair();
  const known = createCurveKeyPair();
  const peers = [{ publicKey: known.publicKey, agents: ["*"] }];
  const { address } = await serve(t, { curve: { keyPair: server, peers } });
  const place = addressWithKey(address, server.publicKey);
  const here = await callFrom(t, place, { curve: { keyPair: known } });
  assert.deepEqual(await here.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
  assert.deepEqual(carriersOf(here), ["ipc"]);
  const stranger = await callFrom(t, place, { curve: { keyPair: createCurveKeyPair() } });
  const outcome = await outcomeOf(stranger.client(Adder).add({ a: 1, b: 2 }, { timeoutMs: 200 }));
  assert.equal(outcome.kind === "reply" ? "" : outcome.error.reason, "not_connected");
});

test("createMeshNode that gossips tells of both addresses, and is one place", async (t) => {
  const { createGossipDirectory } = await import("../discovery/gossip-directory.ts");
  const { address } = await serve(t, { name: "server", seeds: [] });
  const directory = createGossipDirectory({ seeds: [address] });
  const here = await createMeshNode({ name: "here", components: [], listen: [ANY], directory, timing });
  t.after(() => here.stop({ timeoutMs: 0 }));
  await here.start();
  assert.deepEqual(await here.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
  const told = directory.members().find(({ node }) => node === "server")?.addresses ?? [];
  assert.deepEqual(told, [address, `ipc://${socketOf(address)}`]);
  const { candidates, text } = directory.explain("adder");
  assert.deepEqual(
    candidates.map(({ carrier }) => carrier),
    ["ipc"],
  );
  assert.match(text, /^server \S+ \(host by ipc\): may be chosen/);
  assert.deepEqual([...new Set(carriersOf(here))], ["ipc"]);
});

test("createMeshNode calls a place by its address in breakers and distances, whichever carrier leads there", async (t) => {
  const { address } = await serve(t);
  const distances = createDistances();
  const limits = createLimits({ distances });
  const here = await callFrom(t, address, { limits });
  await here.client(Adder).add({ a: 1, b: 2 });
  assert.deepEqual(
    limits.circuits().map(({ place }) => place),
    [address],
  );
  distances.add(address, await here.ping(address));
  const outcome = await outcomeOf(here.client(Adder).add({ a: 1, b: 2 }, { horizon: { distanceMs: 0.000_001 } }));
  assert.equal(outcome.kind === "reply" ? "" : outcome.error.reason, "horizon_exceeded");
  assert.deepEqual(carriersOf(here), ["ipc"]);
});

test("meshCarriers refuses no carriers, and those that are unknown", () => {
  const message = (text: string) => `Cannot make a node with carriers "${text}": write some of unix, tcp`;
  assert.throws(() => meshCarriers([]), { code: "invalid_argument", message: message("") });
  assert.throws(() => meshCarriers(["udp" as MeshCarrier]), { code: "invalid_argument", message: message("udp") });
});

test("socketFolder uses the user's runtime folder, and no folder that is open to others", (t) => {
  const runtime = mkdtempFor(t);
  const before = process.env["XDG_RUNTIME_DIR"];
  t.after(() => {
    if (before === undefined) delete process.env["XDG_RUNTIME_DIR"];
    else process.env["XDG_RUNTIME_DIR"] = before;
  });
  process.env["XDG_RUNTIME_DIR"] = runtime;
  const folder = socketFolder();
  assert.ok(folder.kind === "folder" && folder.path.startsWith(`${runtime}/orrery/net-`), JSON.stringify(folder));
  chmodSync(join(runtime, "orrery"), 0o770);
  assert.deepEqual(socketFolder(), {
    kind: "none",
    why: `"${runtime}/orrery" is open to others, take their rights from it`,
  });
  chmodSync(join(runtime, "orrery"), 0o700);
  rmSync(folder.path, { recursive: true });
  writeFileSync(folder.path, "");
  assert.equal(socketFolder().kind, "none");
});

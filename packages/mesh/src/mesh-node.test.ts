import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTableDirectory, defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { addressWithKey, createCurveKeyPair } from "@orrery/zmq";
import { createMeshClient, createMeshNode, type MeshClientOptions, type MeshNodeOptions } from "./mesh-node.ts";

const Adder = defineService("adder", {
  add: { request: json<{ a: number; b: number }>(), reply: json<{ sum: number }>() },
});
const Doubler = defineService("doubler", {
  double: { request: json<{ a: number }>(), reply: json<{ sum: number }>() },
});
const adder = defineComponent(Adder, () => ({ add: ({ a, b }) => ({ sum: a + b }) }));
const doubler = defineComponent(Doubler, () => ({
  double: ({ a }, context) => context.client(Adder).add({ a, b: a }),
}));

const ANY = "tcp://127.0.0.1:0";

async function startNode(t: TestContext, options: MeshNodeOptions) {
  const node = await createMeshNode(options);
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  return { node, address: node.addresses[0] as string };
}

async function makeClient(t: TestContext, options: MeshClientOptions) {
  const client = await createMeshClient(options);
  t.after(() => client.stop());
  return client;
}

test("createMeshNode reads a static directory from a file, and three nodes find one another", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-mesh-"));
  t.after(() => rm(folder, { recursive: true }));
  const { address: adderAt } = await startNode(t, { components: [adder], listen: [ANY] });
  const file = join(folder, "network.txt");
  await writeFile(file, `adder ${adderAt}\n`);
  const { address: doublerAt } = await startNode(t, { components: [doubler], listen: [ANY], directory: file });
  await writeFile(file, `adder ${adderAt}\ndoubler ${doublerAt}\n`);
  const client = await makeClient(t, { directory: file });
  assert.deepEqual(await client.client(Doubler).double({ a: 21 }), { sum: 42 });
  assert.deepEqual(await client.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
});

test("createMeshNode tells file and line of a bad directory", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-mesh-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "network.txt");
  await writeFile(file, "adder tcp://127.0.0.1:1\nweather\n");
  await assert.rejects(createMeshClient({ directory: file }), (error) => {
    assert.ok(error instanceof OrreryError);
    assert.equal(
      error.message,
      `${file}:2: Cannot read component "weather": it has no address, write one such as tcp://127.0.0.1:7101`,
    );
    return true;
  });
});

test("createMeshClient tells that a directory is not there", async () => {
  await assert.rejects(createMeshClient({ directory: "no-such-file.txt" }), {
    code: "not_found",
    message: 'Cannot read directory "no-such-file.txt": there is no such file',
  });
});

test("createMeshNode tells that a port is taken, and leaves nothing running", async (t) => {
  const { address } = await startNode(t, { components: [adder], listen: [ANY] });
  const second = await createMeshNode({ components: [doubler], listen: [address] });
  await assert.rejects(second.start(), (error) => {
    assert.ok(error instanceof OrreryError);
    assert.equal(error.code, "unavailable");
    assert.match(error.message, new RegExp(`^Cannot .*"${address}".*(taken|in use)`));
    return true;
  });
  assert.deepEqual(
    second.components().flatMap(({ instances }) => instances.map(({ state }) => state)),
    ["stopped"],
  );
});

test("createMeshClient calls a node that starts later", async (t) => {
  const probe = await startNode(t, { components: [adder], listen: [ANY] });
  await probe.node.stop({ timeoutMs: 0 });
  const client = await makeClient(t, { directory: createTableDirectory({ adder: [probe.address] }) });
  const call = client.client(Adder).add({ a: 2, b: 3 });
  await startNode(t, { components: [adder], listen: [probe.address] });
  assert.deepEqual(await call, { sum: 5 });
});

test("createMeshClient goes on with the others when one of three nodes is gone", async (t) => {
  const nodes = [];
  for (let i = 0; i < 3; i++) nodes.push(await startNode(t, { components: [adder], listen: [ANY] }));
  const client = await makeClient(t, {
    directory: createTableDirectory({ adder: nodes.map(({ address }) => address) }),
  });
  const { add } = { add: (a: number) => client.client(Adder).add({ a, b: 0 }) };
  for (let a = 0; a < 6; a++) assert.deepEqual(await add(a), { sum: a });
  await nodes[1]?.node.stop({ timeoutMs: 0 });
  const outcomes = await Promise.all(Array.from({ length: 9 }, (_, a) => outcomeOf(add(a))));
  assert.deepEqual([...new Set(outcomes.map(({ kind }) => kind))], ["reply"]);
});

test("createMeshClient stops asking a place that fails again and again, without being told to", async (t) => {
  let asked = 0;
  const broken = defineComponent(Adder, () => ({
    add() {
      asked++;
      throw new TypeError("broken");
    },
  }));
  const { address } = await startNode(t, { components: [broken], listen: [ANY] });
  const client = await makeClient(t, { directory: createTableDirectory({ adder: [address] }) });
  const reasons: string[] = [];
  for (let call = 0; call < 8; call++) {
    const outcome = await outcomeOf(client.client(Adder).add({ a: 1, b: 2 }));
    reasons.push(outcome.kind === "reply" ? "reply" : (outcome.error.reason ?? ""));
  }
  assert.deepEqual(reasons.slice(-3), ["circuit_open", "circuit_open", "circuit_open"]);
  assert.equal(asked, 5);
});

test("createMeshNode with CURVE lets in known keys for their agents, and nobody else", async (t) => {
  const server = createCurveKeyPair();
  const known = createCurveKeyPair();
  const { address } = await startNode(t, {
    components: [adder],
    listen: [ANY],
    curve: { keyPair: server, peers: [{ publicKey: known.publicKey, agents: ["alice"] }] },
  });
  const directory = createTableDirectory({ adder: [addressWithKey(address, server.publicKey)] });
  const friend = await makeClient(t, { directory, agent: "alice", curve: { keyPair: known } });
  assert.deepEqual(await friend.client(Adder).add({ a: 1, b: 1 }), { sum: 2 });

  const posing = await outcomeOf(friend.client(Adder).add({ a: 1, b: 1 }, { agent: "root" }));
  assert.ok(posing.kind === "bounced" && posing.error.reason === "agent_refused");
  assert.match(
    posing.error.message,
    /^Cannot accept a message for agent "root": the connection from "ipc:\/\/.*-\d+\.sock" may not speak for it$/,
  );

  const stranger = await makeClient(t, { directory, agent: "alice", curve: { keyPair: createCurveKeyPair() } });
  const refused = await outcomeOf(stranger.client(Adder).add({ a: 1, b: 1 }, { timeoutMs: 300 }));
  assert.ok(refused.kind === "unreachable" && refused.definite);
  assert.match(refused.error.message, /nothing could be sent within 300 ms; .*public key is not allowed there$/);

  const plain = await makeClient(t, { directory: createTableDirectory({ adder: [address] }), agent: "alice" });
  const unencrypted = await outcomeOf(plain.client(Adder).add({ a: 1, b: 1 }, { timeoutMs: 300 }));
  assert.ok(unencrypted.kind === "unreachable" && unencrypted.definite);
  assert.match(unencrypted.error.message, /it uses security "CURVE" and this side "NULL", give both the same$/);
});

test("createMeshClient tells that keys and addresses do not go together", async (t) => {
  const { publicKey } = createCurveKeyPair();
  const withKey = createTableDirectory({ adder: [addressWithKey("tcp://127.0.0.1:9", publicKey)] });
  const client = await makeClient(t, { directory: withKey });
  await assert.rejects(client.client(Adder).add({ a: 1, b: 1 }), {
    code: "invalid_argument",
    message: 'Cannot connect to "tcp://127.0.0.1:9": the address has a key and this node has none, give it a key pair',
  });
});

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import {
  type ClientNode,
  createClient,
  createMemoryHub,
  createNode,
  createSystemClock,
  createTableDirectory,
  defineComponent,
  defineService,
  json,
  type NodeOptions,
  OrreryError,
  outcomeOf,
  type SealOptions,
  type Transport,
} from "@orrery/core";
import { captureTransport } from "@orrery/core/internal";
import { createGateway } from "@orrery/mesh";
import { createWorld } from "@orrery/sim";
import { addressWithKey, createCurveKeyPair, createKeySeal, createSealKey, createZmqTransport } from "@orrery/zmq";

const MARKER = "Zaphod Beeblebrox";
const clock = createSystemClock();

const Vault = defineService("vault", {
  put: { request: json<{ text: string }>(), reply: json<{ text: string }>() },
  note: { mode: "async", request: json<{ text: string }>() },
  list: { mode: "stream", request: json<{ text: string }>(), reply: json<{ at: number; text: string }>() },
  tell: { mode: "broadcast", request: json<{ text: string }>() },
});

/** Serves every mode, and counts what it was told. */
function createVault() {
  const taken: string[] = [];
  const component = defineComponent(Vault, () => ({
    put({ text }) {
      taken.push(text);
      if (text.startsWith("no ")) throw new OrreryError("not_found", text, { details: { text } });
      return { text };
    },
    note: ({ text }) => void taken.push(text),
    async *list({ text }) {
      for (let at = 0; at < 200; at++) yield { at, text };
    },
    tell: ({ text }) => void taken.push(text),
  }));
  return { component, taken };
}

const keys = [createSealKey()];
/** Options of one side; each side has a seal of its own, made of the same keys. */
const team = (): SealOptions => ({
  known: [createKeySeal({ name: "team", keys })],
  use: { vault: "team" },
  insist: { vault: "team" },
});

/** Sends the marker in every mode; it comes back in replies, items and errors. */
async function workload(client: Pick<ClientNode, "client" | "send" | "publish">, network?: string): Promise<void> {
  const secret = { text: MARKER };
  const where = network === undefined ? {} : { network };
  const vault = client.client(Vault);
  for (let count = 0; count < 20; count++) assert.deepEqual(await vault.put(secret, where), secret);
  let items = 0;
  for await (const { at, text } of vault.list(secret, { credit: 16, ...where })) {
    assert.deepEqual([at, text], [items, MARKER]);
    items++;
  }
  assert.equal(items, 200);
  await client.send(Vault).note(secret, where).accepted;
  client.publish(Vault).tell(secret, where);
  const outcome = await outcomeOf(vault.put({ text: `no ${MARKER}` }, where));
  assert.ok(outcome.kind === "error" && outcome.error.code === "not_found" && outcome.error.reason === undefined);
  assert.equal(outcome.error.message, `no ${MARKER}`);
  assert.deepEqual(outcome.error.details, { text: `no ${MARKER}` });
}

/** Where nodes meet: a transport for each side, the address to open, and how a client finds what was opened. */
interface Carrier {
  readonly server: () => Transport;
  readonly client: () => Transport;
  readonly listen: string;
  readonly named?: (address: string) => string;
}

function carriers(): Record<"memory" | "ZeroMQ" | "ZeroMQ with CURVE", () => Carrier> {
  const zmq = (curve: boolean) => () => {
    const [keyPair, desk] = [createCurveKeyPair(), createCurveKeyPair()];
    const own = { peers: [{ publicKey: desk.publicKey, agents: ["*"] }] };
    return {
      server: () => createZmqTransport(curve ? { curve: { keyPair, ...own } } : {}),
      client: () => createZmqTransport(curve ? { curve: { keyPair: desk } } : {}),
      listen: "tcp://127.0.0.1:0",
      named: (address: string) => (curve ? addressWithKey(address, keyPair.publicKey) : address),
    };
  };
  return {
    memory: () => {
      const hub = createMemoryHub();
      const transport = () => hub.transport({ bodies: "bytes" });
      return { server: transport, client: transport, listen: "memory://hall" };
    },
    ZeroMQ: zmq(false),
    "ZeroMQ with CURVE": zmq(true),
  };
}

/** All bytes that pass a port of this machine, both ways. */
async function sniff(address: string) {
  const { port: target } = new URL(address);
  const seen: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: Number(target) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes: Buffer) => seen.push(bytes));
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as { port: number };
  return {
    address: `tcp://127.0.0.1:${port}`,
    text: () => Buffer.concat(seen).toString("latin1"),
    close: () => void server.close(),
  };
}

/** Runs the workload; gives what was captured at both nodes, what passed the wire where there is one, and their logs. */
async function runOver(make: () => Carrier, seals: () => SealOptions | undefined) {
  const { server, client, listen, named = String } = make();
  const captured: Uint8Array[] = [];
  const lines: string[] = [];
  const capture = (transport: Transport) =>
    captureTransport(transport, { clock, sink: ({ packet }) => captured.push(packet) });
  const { component, taken } = createVault();
  const told = (name: string): Partial<NodeOptions> => {
    const options = seals();
    return { name, log: (line) => lines.push(JSON.stringify(line)), ...(options && { seals: options }) };
  };
  const node = createNode({
    ...told("hall"),
    components: [component],
    transports: [capture(server())],
    listen: [listen],
  });
  await node.start();
  const [opened = ""] = node.addresses;
  const wire = opened.startsWith("tcp:") ? await sniff(opened) : undefined;
  const desk = createClient({
    ...told("desk"),
    transports: [capture(client())],
    directory: createTableDirectory({ vault: [named(wire?.address ?? opened)] }),
  });
  await workload(desk);
  await desk.client(Vault).put({ text: "last" }); // It comes after the broadcast.
  assert.equal(taken.filter((text) => text.includes(MARKER)).length, 23);
  await Promise.all([desk.stop(), node.stop({ timeoutMs: 0 })]);
  wire?.close();
  const text = captured.map((packet) => Buffer.from(packet).toString("latin1")).join("");
  return { captured: text, wire: wire?.text() ?? "", lines: lines.join("\n") };
}

for (const [name, make] of Object.entries(carriers())) {
  test(`a capture of a sealed workload over ${name} holds nothing of its bodies, and one that is not sealed all`, async () => {
    const sealed = await runOver(make, team);
    assert.ok(sealed.captured.length > 20_000 && sealed.captured.includes("vault"));
    for (const where of [sealed.captured, sealed.wire, sealed.lines]) assert.ok(!where.includes(MARKER));
    const open = await runOver(make, () => undefined);
    assert.ok(open.captured.includes(MARKER));
    assert.equal(open.wire.includes(MARKER), name === "ZeroMQ");
    if (name !== "memory") assert.ok(open.wire.length > 8_000, `${open.wire.length} bytes on the wire`);
  });
}

const LINK = { latency: 5 };
/** A world in which chance is decided by a seed; seals of it too. */
const modelled = (seed: number): SealOptions => {
  let drawn = seed;
  const randomBytes = (size: number) => Uint8Array.from({ length: size }, () => (drawn = (drawn * 73 + 41) & 0xffff));
  const seal = createKeySeal({ name: "team", keys, system: { randomBytes } });
  return { known: [seal], use: { vault: "team" }, insist: { vault: "team" } };
};

test("a sealed workload runs in a modelled world, to the same trace from the same seed", async () => {
  const hashes = [];
  for (let run = 0; run < 2; run++) {
    await using world = createWorld({ link: LINK, seed: 7 });
    const { component, taken } = createVault();
    world.node("hall", { components: [component], seals: modelled(1) });
    const desk = world.node("desk", { seals: modelled(2) });
    await world.start();
    await world.settle(workload(desk.life));
    await world.run({ forMs: 1000 });
    assert.equal(taken.length, 23);
    hashes.push(world.trace.hash);
  }
  assert.equal(hashes[0], hashes[1]);
});

test("links that change bits give a sealed call no wrong value; without a seal they do", async () => {
  const wrong = { sealed: 0, open: 0 };
  const kinds = new Set<string>();
  for (const how of ["sealed", "open"] as const) {
    await using world = createWorld({ link: { latency: 1, corrupt: 0.1 }, seed: 3 });
    const { component, taken } = createVault();
    const seals = (seed: number) => (how === "sealed" ? { seals: modelled(seed) } : {});
    world.node("hall", { components: [component], ...seals(1) });
    const desk = world.node("desk", seals(2));
    await world.start();
    const long = { text: MARKER.repeat(20) };
    for (let count = 0; count < 400; count++) {
      const outcome = await world.settle(outcomeOf(desk.life.client(Vault).put(long, { timeoutMs: 100 })));
      if (outcome.kind !== "reply") kinds.add(`${how} ${outcome.error.reason} ${outcome.definite}`);
      else if (outcome.value.text !== long.text) wrong[how]++;
    }
    wrong[how] += taken.filter((text) => text !== long.text).length;
  }
  assert.equal(wrong.sealed, 0);
  assert.ok(wrong.open > 0);
  assert.ok(kinds.has("sealed bad_seal true") && kinds.has("sealed bad_seal_reply false"), [...kinds].join());
});

test("a sealed workload stays closed at a gateway, which has no key, and comes through it whole", async () => {
  const hub = createMemoryHub();
  const captured: Uint8Array[] = [];
  const transport = () =>
    captureTransport(hub.transport({ bodies: "bytes" }), { clock, sink: ({ packet }) => captured.push(packet) });
  const gateway = createGateway({
    networks: [
      { network: "eu", imports: ["*"] },
      { network: "us", exports: ["*"] },
    ],
  });
  const { component, taken } = createVault();
  const footOf = (network: string, directory: Record<string, readonly string[]>) =>
    createNode({
      name: `gw.${network}`,
      components: [],
      transports: [transport()],
      listen: [`memory://gw.${network}`],
      directory: createTableDirectory(directory),
      relay: gateway.relay(network),
    });
  const nodes = [
    footOf("eu", {}),
    footOf("us", { vault: ["memory://hall"] }),
    createNode({
      name: "hall",
      components: [component],
      transports: [transport()],
      listen: ["memory://hall"],
      seals: team(),
    }),
  ];
  for (const node of nodes) await node.start();
  const eu = { ...createTableDirectory({ "vault@us": ["memory://gw.eu"] }), network: "eu" };
  const desk = createClient({ name: "desk", transports: [transport()], directory: eu, seals: team() });
  await workload(desk, "us");
  await desk.client(Vault).put({ text: "last" }, { network: "us" });
  assert.equal(taken.length, 24);
  const text = captured.map((packet) => Buffer.from(packet).toString("latin1")).join("");
  assert.ok(text.includes("vault") && !text.includes(MARKER));
  const stranger = createClient({ name: "stranger", transports: [transport()], directory: eu });
  const outcome = await outcomeOf(stranger.client(Vault).put({ text: "x" }, { network: "us" }));
  assert.ok(outcome.kind === "bounced" && outcome.error.reason === "unsealed");
  await Promise.all([...nodes, desk, stranger].map((node) => node.stop()));
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type ClientNode, type Component, defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { addressWithKey, createCurveKeyPair } from "@orrery/zmq";
import { createMeshClient, createMeshNode, type MeshNodeOptions } from "../mesh-node.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createMeshGateway, type MeshGatewayNetwork } from "./mesh-gateway.ts";

const Stock = defineService("stock", {
  count: { request: json<{ item: string }>(), reply: json<{ item: string; network: string }>() },
  moved: { request: json<{ item: string }>(), mode: "async" },
  watch: { request: json<{ items: number }>(), reply: json<{ at: number }>(), mode: "stream" },
});
const ANY = "tcp://127.0.0.1:0";

function stock(network: string, moved: string[] = []): Component {
  return defineComponent(
    Stock,
    () => ({
      count: ({ item }) => ({ item, network }),
      moved: ({ item }) => void moved.push(item),
      async *watch({ items }) {
        for (let at = 0; at < items; at++) yield { at };
      },
    }),
    { instances: 2 },
  );
}

async function start(t: TestContext, options: Partial<MeshNodeOptions>): Promise<string> {
  const node = await createMeshNode({ components: [], listen: [ANY], seeds: [], ...options });
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  return node.addresses[0] ?? assert.fail("no address");
}

async function join(t: TestContext, ...networks: readonly MeshGatewayNetwork[]) {
  const gateway = await createMeshGateway({ name: "gw", networks });
  await gateway.start();
  t.after(() => gateway.stop({ timeoutMs: 0 }));
  return gateway;
}

/** Calls until one is answered: what a gateway offers has to be heard of first. */
async function answered(client: ClientNode, network: string): Promise<string> {
  let by = "";
  await waitUntil(async () => {
    const outcome = await outcomeOf(client.client(Stock).count({ item: "gear" }, { network, timeoutMs: 500 }));
    if (outcome.kind === "reply") by = outcome.value.network;
    return by !== "";
  });
  return by;
}

test("createMeshGateway joins two networks over TCP, each with keys of its own, and passes calls, streams and messages on", async (t) => {
  const keys = { eu: createCurveKeyPair(), us: createCurveKeyPair(), "gw-eu": createCurveKeyPair() };
  const [caller, gatewayToUs] = [createCurveKeyPair(), createCurveKeyPair()];
  const trust = (...pairs: readonly { readonly publicKey: Uint8Array }[]) =>
    pairs.map(({ publicKey }) => ({ publicKey, agents: ["*"] }));
  const moved: string[] = [];
  const inEu = trust(keys.eu, keys["gw-eu"], caller);
  const inUs = trust(keys.us, gatewayToUs);
  const eu = await start(t, { network: "eu-1", curve: { keyPair: keys.eu, peers: inEu } });
  const components = [stock("us-1", moved)];
  const us = await start(t, { network: "us-1", components, curve: { keyPair: keys.us, peers: inUs } });
  const gateway = await join(
    t,
    {
      network: "eu-1",
      imports: ["*"],
      listen: [ANY],
      seeds: [addressWithKey(eu, keys.eu.publicKey)],
      curve: { keyPair: keys["gw-eu"], peers: inEu },
    },
    {
      network: "us-1",
      exports: ["stock"],
      listen: [ANY],
      seeds: [addressWithKey(us, keys.us.publicKey)],
      curve: { keyPair: gatewayToUs, peers: inUs },
    },
  );
  const client = await createMeshClient({
    seeds: [addressWithKey(eu, keys.eu.publicKey)],
    curve: { keyPair: caller, peers: inEu },
  });
  t.after(() => client.stop());
  assert.equal(await answered(client, "us-1"), "us-1");
  assert.equal((await client.client(Stock).count({ item: "wheel" })).network, "us-1", "nobody nearer has it");
  await client.send(Stock).moved({ item: "wheel" }, { network: "us-1" }).accepted;
  const items: number[] = [];
  for await (const { at } of client.client(Stock).watch({ items: 500 }, { network: "us-1" })) items.push(at);
  assert.deepEqual(items, [...Array(500).keys()]);
  assert.deepEqual(moved, ["wheel"]);
  assert.deepEqual(
    [...gateway.nodes.values()].map(({ name }) => name),
    ["gw.eu-1", "gw.us-1"],
  );
  await waitUntil(() => gateway.offers("eu-1")[0]?.freeSlots === 2); // Once it has told that it rests again.
  const [offer] = gateway.offers("eu-1");
  assert.deepEqual([offer?.name, offer?.network, offer?.instances], ["stock", "us-1", 2]);
  assert.deepEqual(gateway.offers("us-1"), []);
});

test("createMeshGateway lets what is on its way end when it stops, and another takes what comes after", async (t) => {
  const Slow = defineService("slow", { go: { request: json<object>(), reply: json<object>() } });
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slow = defineComponent(Slow, () => ({
    async go() {
      begun.resolve();
      await go.promise;
      return {};
    },
  }));
  const eu = await start(t, { network: "eu-1" });
  const us = await start(t, { network: "us-1", components: [stock("us-1"), slow] });
  const networks: readonly MeshGatewayNetwork[] = [
    { network: "eu-1", imports: ["*"], listen: [ANY], seeds: [eu] },
    { network: "us-1", exports: ["*"], listen: [ANY], seeds: [us] },
  ];
  const first = await join(t, ...networks);
  const client = await createMeshClient({ seeds: [eu], network: "eu-1" });
  t.after(() => client.stop());
  await answered(client, "us-1");
  const call = client.client(Slow).go({}, { network: "us-1" });
  await begun.promise;
  const second = await createMeshGateway({ name: "gx", networks });
  await second.start();
  t.after(() => second.stop({ timeoutMs: 0 }));
  const stopped = first.stop();
  go.resolve();
  assert.deepEqual(await call, {});
  await stopped;
  assert.equal(await answered(client, "us-1"), "us-1");
  assert.ok((second.counts()[0]?.passed ?? 0) > 0);
});

test("createMeshGateway is in no network when it cannot be in all", async (t) => {
  const taken = await start(t, { network: "us-1" });
  const gateway = await createMeshGateway({
    networks: [
      { network: "eu-1", listen: [ANY] },
      { network: "us-1", listen: [taken] },
    ],
  });
  await assert.rejects(gateway.start(), { code: "unavailable" });
  for (const node of gateway.nodes.values()) await assert.rejects(node.start(), { code: "failed_precondition" });
});

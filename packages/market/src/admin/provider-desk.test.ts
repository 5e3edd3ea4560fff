import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "../testing/chain/chain-harness.ts";
import { ProviderScene } from "../testing/provider/provider-scene.ts";
import { createProviderDesk } from "./provider-desk.ts";

const POD = `name: shop
containers:
  web:
    image: ./web
    cpu: 500m
    ports: [{ port: 80, host: shop.test }]
    env: { GREETING: a-private-greeting }
    secrets: { token: /run/token }
secrets: { token: ./token.txt }
`;

test("createProviderDesk tells what a provider has and for whom, nothing of pods' own, and takes no pods while it is paused", async (context) => {
  const scene = await ProviderScene.open();
  context.after(() => scene.stop());
  const { provider, capacity } = scene;
  const chain = scene.chain.connect(addressOf("provider"));
  const about = { runtime: "process", evidence: "none", gateway: "", token: { symbol: "TEST", decimals: 6 } };
  const desk = createProviderDesk({ provider, chain, capacity, about });
  const { lease, quote } = await scene.deploy(await scene.pod(POD));

  const seen = await desk.overview();
  assert.deepEqual(seen.capacity[0], { resource: "cpu", unit: "millicores", total: 4_000n, free: 3_500n });
  assert.deepEqual(
    seen.pods.map(({ name, publisher, state, stage, copies }) => [name, publisher, state, stage, copies]),
    [["shop", addressOf("publisher"), "running", "Active", 1]],
  );
  assert.equal(seen.pods[0]?.lease, lease);
  assert.equal(seen.stake?.locked, quote.terms.bond);
  assert.deepEqual([seen.closed, seen.alerts], ["", []]);
  const all = JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? String(value) : value));
  for (const own of ["a-private-greeting", "hunter2", "/run/token"]) assert.ok(!all.includes(own), own);

  await desk.pause();
  assert.equal((await desk.overview()).closed, "paused by its operator");
  await assert.rejects(scene.quote(await scene.pod(POD.replaceAll("shop", "other"))), /Cannot take new pods: paused/);
  await desk.resume();
  await scene.quote(await scene.pod(POD.replaceAll("shop", "other")));
  await desk.drain();
  await scene.clock.pass(5_000);
  const { intake, closed, pods } = await desk.overview();
  assert.deepEqual([intake, closed, pods[0]?.stage], ["draining", "it is being drained", "Closing"]);
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { addressOf } from "../testing/chain/chain-harness.ts";
import { openScenes } from "../testing/provider/provider-scene.ts";
import { openLeaseFolders } from "./system-lease-folders.ts";

const POD = `name: shop
containers:
  web:
    image: ./web
    ports: [{ port: 80, host: shop.test }, { port: 9000 }]
    volumes: { data: /data }
    secrets: { token: /run/token }
volumes: { data: 1GiB }
secrets: { token: ./token.txt }
`;

describe("a provider that starts anew", () => {
  const { open, stop } = openScenes();
  after(stop);

  it("runs its pods again, with their volumes, addresses, secrets and money", async () => {
    const scene = await open();
    const { lease, status } = await scene.deploy(await scene.pod(POD));
    await scene.clock.pass(60_000);
    const me = () => scene.as("publisher");
    const total = BigInt((await me().getPod({ lease })).pod?.total ?? 0);
    assert.ok(total > 0n);
    await scene.stop();
    await scene.start();
    const { pod } = await me().getPod({ lease });
    assert.deepEqual([pod?.state, pod?.manifest], ["running", status?.manifest]);
    assert.deepEqual(
      pod?.addresses.map(({ address }) => address),
      status?.addresses.map(({ address }) => address),
    );
    assert.equal(scene.disk.volumes.values().next().value?.["data"]?.get("starts"), "xx");
    await scene.clock.pass(60_000);
    assert.ok(BigInt((await me().getPod({ lease })).pod?.total ?? 0) > total);
    assert.equal(scene.provider.view.free()["cpu"], 3_900n);
  });

  it("remembers what became of its pods and what they used", async () => {
    const scene = await open();
    const { lease } = await scene.deploy(await scene.pod(POD));
    await scene.clock.pass(30_000);
    const me = () => scene.as("publisher");
    const { points } = await me().getMetrics({ lease });
    const { events } = await me().listEvents({ lease });
    assert.deepEqual([points.length >= 3, events.map(({ kind }) => kind)], [true, ["deploying", "running"]]);
    await scene.stop();
    await scene.start();
    const again = await me().listEvents({ lease });
    assert.deepEqual(again.events.slice(0, 2), events);
    assert.deepEqual(
      again.events.slice(2).map(({ kind }) => kind),
      ["recovered"],
    );
    assert.deepEqual((await me().getMetrics({ lease })).points.slice(0, points.length), points);
  });

  it("takes nothing away while the chain is unknown, and forgets a lease that is over once a block that stays says so", async () => {
    const scene = await open();
    const { lease, quote } = await scene.deploy(await scene.pod(POD));
    await scene.stop();
    scene.chain.cut("the node cannot be reached");
    await scene.start();
    await scene.clock.pass(3_600_000);
    assert.equal(scene.provider.view.tenants()[0]?.record.state, "running");
    assert.ok(scene.folders.files.has(lease));
    scene.chain.cut(undefined);
    await scene.as("publisher").delete({ lease });
    const publisher = scene.chain.connect(addressOf("publisher"));
    assert.equal((await publisher.send({ kind: "close", terms: quote.terms })).kind, "mined");
    await scene.clock.pass((quote.terms.publisherNotice + 60) * 1_000);
    scene.chain.mine();
    await scene.clock.pass(60_000);
    for (let blocks = 0; blocks < 3; blocks++) scene.chain.mine();
    await scene.clock.pass(60_000);
    const reading = await publisher.read({ leases: [lease] }, "latest");
    assert.equal(reading.kind === "known" && reading.state.leases[0]?.stage, "Settled");
    assert.equal(scene.folders.files.has(lease), false);
    assert.deepEqual(scene.provider.view.tenants(), []);
  });

  it("goes on with a lease of which the chain did not say in time that it began", async () => {
    const scene = await open();
    const pod = await scene.pod(POD);
    const chain = scene.chain.connect(addressOf("provider"));
    await scene.stop();
    let lost = 0;
    const send: typeof chain.send = async (call) => {
      if (call.kind !== "start" || lost++ > 5) return await chain.send(call);
      return { kind: "unknown", transaction: `0x${"0".repeat(64)}`, message: "nobody knows" };
    };
    await scene.start({ chain: { ...chain, send } });
    const { lease, status } = await scene.clock.settle(scene.deploy(pod));
    assert.deepEqual([status?.state, status?.why], ["deploying", "the chain has not said yet that the lease began"]);
    for (let looks = 0; looks < 40 && scene.provider.view.tenants()[0]?.record.state !== "running"; looks++)
      await scene.clock.pass(5_000);
    assert.equal((await scene.as("publisher").getPod({ lease })).pod?.state, "running");
  });

  it("takes no pod away of a lease that began, where the disk fails then, and keeps it at a later look", async () => {
    const scene = await open();
    const pod = await scene.pod(POD);
    const { of } = scene.folders;
    let failures = 3;
    scene.folders.of = (lease) => {
      const folder = of.call(scene.folders, lease);
      const write: typeof folder.write = async (name, bytes) => {
        const isBegun = new TextDecoder().decode(bytes).includes('"isStarted": true');
        if (isBegun && failures-- > 0) throw new Error("the disk is full");
        await folder.write(name, bytes);
      };
      return { ...folder, write };
    };
    const { lease, status } = await scene.clock.settle(scene.deploy(pod));
    assert.deepEqual([status?.state, status?.leaseStage], ["deploying", "Active"]);
    for (let looks = 0; looks < 20 && scene.provider.view.tenants()[0]?.record.state !== "running"; looks++)
      await scene.clock.pass(5_000);
    await scene.clock.pass(60_000);
    const { pod: kept } = await scene.as("publisher").getPod({ lease });
    assert.equal(kept?.state, "running");
    assert.ok(BigInt(kept?.total ?? 0) > 0n);
  });

  it("tells of a folder that it cannot read, and leaves it as it is", async () => {
    const scene = await open();
    const { lease } = await scene.deploy(await scene.pod(POD));
    await scene.stop();
    const files = scene.folders.files.get(lease) ?? assert.fail();
    const good = files.get("record.json") ?? assert.fail();
    files.set("record.json", new TextEncoder().encode("{"));
    await scene.start();
    assert.deepEqual(scene.provider.view.lost, [lease]);
    await scene.clock.pass(60_000);
    assert.ok(scene.disk.volumes.size > 0);
    await scene.stop();
    files.set("record.json", good);
    await scene.start();
    assert.equal(scene.provider.view.tenants()[0]?.record.state, "running");
  });

  it("suspends what is used up, keeps its host, and runs it again when it is funded", async () => {
    const scene = await open();
    const { lease, quote } = await scene.deploy(await scene.pod(POD), "publisher", 20n);
    const me = scene.as("publisher");
    const stands = async (state: string) => {
      for (let looks = 0; looks < 40; looks++) {
        await scene.clock.pass(10_000);
        scene.chain.mine();
        const { pod } = await me.getPod({ lease });
        if (pod?.state === state) return pod;
      }
      assert.fail(`it never was ${state}`);
    };
    const pod = await stands("suspended");
    assert.equal(pod.leaseStage, "Overdrawn");
    assert.match(pod.why, /the deposit is used up/);
    assert.deepEqual(scene.ways.placesOf("shop.test"), []);
    await assert.rejects(scene.quote(await scene.pod(POD.replace("name: shop", "name: other"))), /host taken/);
    const publisher = scene.chain.connect(addressOf("publisher"));
    const funded = await publisher.send({ kind: "fund", terms: quote.terms, amount: 1_000_000n });
    assert.equal(funded.kind, "mined");
    await stands("running");
    assert.equal(scene.ways.placesOf("shop.test").length, 2);
    assert.equal(scene.disk.volumes.values().next().value?.["data"]?.get("starts"), "xx");
  });
});

describe("openLeaseFolders", () => {
  it("keeps files that only their user reads, each as a whole, and takes all away", async () => {
    const path = await mkdtemp(join(tmpdir(), "orrery-leases-"));
    try {
      const folders = await openLeaseFolders(join(path, "leases"));
      const lease = `0x${"7".repeat(64)}` as const;
      const folder = folders.of(lease);
      assert.equal(await folder.read("record.json"), undefined);
      await folder.write("record.json", new TextEncoder().encode("one"));
      await folder.write("record.json", new TextEncoder().encode("two"));
      await writeFile(join(path, "leases", "notes.txt"), "not a lease");
      assert.deepEqual(await folders.list(), [lease]);
      const at = join(path, "leases", lease);
      assert.equal(await readFile(join(at, "record.json"), "utf8"), "two");
      assert.deepEqual(await readdir(at), ["record.json"]);
      assert.equal((await stat(join(at, "record.json"))).mode & 0o777, 0o600);
      assert.equal((await stat(at)).mode & 0o777, 0o700);
      assert.equal(await folder.ledger(), await folders.of(lease).ledger());
      await folder.remove();
      assert.deepEqual(await folders.list(), []);
      const ledger = await folder.ledger();
      await folders[Symbol.asyncDispose]();
      await assert.rejects(ledger.read(), "its file is closed, and not left to be found open");
      await using again = await openLeaseFolders(join(path, "leases"));
      assert.deepEqual(await (await again.of(lease).ledger()).read(), []);
    } finally {
      await rm(path, { recursive: true });
    }
  });
});

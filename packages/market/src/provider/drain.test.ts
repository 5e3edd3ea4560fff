import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { sayTime } from "../say-time.ts";
import { addressOf } from "../testing/chain/chain-harness.ts";
import { openScenes } from "../testing/provider/provider-scene.ts";

const pod = (name: string) =>
  `name: ${name}\ncontainers:\n  web:\n    image: ./web\n    ports: [{ port: 80, host: ${name}.test }]\n    volumes: { data: /data }\nvolumes: { data: 1GiB }\n`;

describe("a provider that is drained", () => {
  const { open, stop } = openScenes();
  after(stop);

  it("gives notice to all that runs, serves and is paid to its end, and gives back the rest", async () => {
    const scene = await open();
    const own = scene.chain.connect(addressOf("publisher"));
    const balance = async () => {
      const reading = await own.read({ accounts: [addressOf("publisher")] }, "latest");
      return reading.kind === "known" ? (reading.state.accounts[0]?.balance ?? 0n) : assert.fail();
    };
    const before = await balance();
    const { lease } = await scene.deploy(await scene.pod(pod("shop")));
    const { lease: other } = await scene.deploy(await scene.pod(pod("store")), "stranger");
    const me = scene.as("publisher");
    await scene.provider.take("draining");
    await scene.clock.pass(1_000);
    await assert.rejects(scene.quote(await scene.pod(pod("late"))), /Cannot take new pods: it is being drained/);
    const { pod: noticed } = await me.getPod({ lease });
    assert.deepEqual([noticed?.state, noticed?.leaseStage], ["running", "Closing"]);
    const endsAt = Number(noticed?.endsAt);
    const { events } = await me.listEvents({ lease });
    const notices = events.filter(({ kind }) => kind === "notice");
    assert.equal(notices.length, 1);
    const said = `its provider ends the lease: the pod runs until ${sayTime(endsAt)}; until then fetch`;
    assert.ok(notices[0]?.text.startsWith(said), String(notices[0]?.text));
    const passTo = async (atS: number) => {
      while (scene.clock.now() < atS * 1_000) {
        await scene.clock.pass(5_000);
        scene.chain.mine();
      }
    };
    await passTo(endsAt - 10);
    assert.deepEqual(
      scene.provider.view.tenants().map(({ record }) => record.state),
      ["warned", "warned"],
    );
    await passTo(endsAt + 20);
    assert.deepEqual(
      scene.provider.view.tenants().map(({ record }) => record.state),
      ["suspended", "suspended"],
    );
    assert.equal(scene.disk.volumes.size, 2, "volumes are kept");
    await passTo(endsAt + 240);
    const final = await own.read({ leases: [lease, other] }, "finalized");
    const [state, second] = final.kind === "known" ? final.state.leases : [];
    assert.deepEqual([state?.stage, second?.stage], ["Settled", "Settled"]);
    const served = BigInt((await me.getPod({ lease })).pod?.total ?? 0);
    assert.ok(served > 0n);
    assert.equal(state?.paid, served, "what was metered until the end of service, and nothing behind it");
    assert.equal(await balance(), before - served);
    assert.equal((await me.getPod({ lease })).pod?.state, "kept");
  });

  it("says so while the chain is not known, gives it then, and goes on over its restart", async () => {
    const scene = await open();
    const { lease } = await scene.deploy(await scene.pod(pod("shop")));
    scene.chain.cut("the node is behind");
    await scene.provider.take("draining");
    await scene.clock.pass(6_000);
    assert.match(scene.provider.view.noticeFault(lease) ?? "", /the node is behind/);
    await scene.stop();
    await scene.start();
    assert.equal(scene.provider.view.intake(), "draining");
    scene.chain.cut(undefined);
    await scene.clock.pass(40_000);
    assert.equal(scene.provider.view.noticeFault(lease), undefined);
    assert.equal((await scene.as("publisher").getPod({ lease })).pod?.leaseStage, "Closing");
    await assert.rejects(scene.quote(await scene.pod(pod("late"))), /it is being drained/);
  });

  it("takes pods again when it is told so, over a restart too, and gives no more notice", async () => {
    const scene = await open();
    await scene.provider.take("draining");
    await scene.provider.take("open");
    const { lease } = await scene.deploy(await scene.pod(pod("shop")));
    await scene.clock.pass(20_000);
    await scene.stop();
    await scene.start();
    await scene.clock.pass(20_000);
    assert.equal(scene.provider.view.closed(), "");
    assert.equal((await scene.as("publisher").getPod({ lease })).pod?.leaseStage, "Active");
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { writeSealedPod } from "../pod/sealed-pod-json.ts";
import { verifyQuote } from "../quote/verify-quote.ts";
import { addressOf } from "../testing/chain/chain-harness.ts";
import { ProviderScene } from "../testing/provider/provider-scene.ts";
import { PROVIDER_RULES } from "./provider-rules.ts";

const file = (name: string, { host = `${name}.test`, more = "", cpu = "500m", rest = "" } = {}) => `name: ${name}
containers:
  web:
    image: ./web
    cpu: ${cpu}
    ports: [{ port: 80, host: ${host} }, { port: 9000 }, { port: 53, protocol: udp }]${more}
${rest}`;
const WITH_ALL = {
  more: "\n    volumes: { data: /data }\n    secrets: { token: /run/token }\n    env: { GREETING: hi }",
  rest: "volumes: { data: 1GiB }\nsecrets: { token: ./token.txt }\n",
};

describe("ProviderService", () => {
  let scene: ProviderScene;
  before(async () => {
    scene = await ProviderScene.open();
  });
  after(() => scene.stop());

  it("says who it is, what it asks for and what it has", async () => {
    const said = await scene.as("nobody").describe({});
    assert.equal(said.account, addressOf("provider"));
    assert.equal(said.prices["cpu"], "1000000");
    assert.deepEqual([said.capacity["cpu"], said.free["cpu"]], [4_000n, 4_000n]);
    assert.deepEqual([said.runtime, said.evidence, said.gateway], ["process", "none", "http://gateway.test:8080"]);
    assert.equal(said.stake, "100000000");
  });

  it("quotes by its prices, with evidence of the keys that the pod will have, and holds nothing", async () => {
    const pod = await scene.pod(file("quoted"));
    const { quote, evidence } = await scene.quote(pod);
    const expected = {
      ...{
        publisher: addressOf("publisher"),
        manifest: pod.sealed.digest,
        policy: quote.terms.policy,
        domain: scene.chain.domain,
      },
      ...{ reserved: quote.reserved, usedAtMost: quote.usedAtMost, nowS: scene.clock.now() / 1_000 },
    };
    const faults = (await verifyQuote(quote, expected)).filter(({ fault }) => fault !== undefined);
    assert.deepEqual(faults, []);
    assert.equal(quote.terms.rate, 500n * 1_000_000n + 128n * 1_000_000n);
    assert.equal(evidence.claims.nonce, "n1");
    assert.equal(evidence.claims.manifest, pod.sealed.digest);
    assert.match(evidence.claims.sealTo, /^[0-9a-f]{64}$/);
    assert.equal(scene.provider.view.free()["cpu"], 4_000n);
  });

  it("says what is short of a pod that does not fit, before any money moves", async () => {
    const pod = await scene.pod(file("big", { cpu: "5" }));
    await assert.rejects(scene.quote(pod), {
      code: "resource_exhausted",
      message: /insufficient capacity: cpu \(5000 asked for, 4000 free\)/,
    });
  });

  it("runs a pod by the lease that its quote opened, once, and says how it stands", async () => {
    const { lease, request, status } = await scene.deploy(await scene.pod(file("shop", WITH_ALL)));
    assert.deepEqual(
      [status?.name, status?.state, status?.leaseStage, status?.healthy],
      ["shop", "running", "Active", true],
    );
    assert.deepEqual(
      status?.addresses.map(({ protocol, address }) => [protocol, address.replace(/:2\d{4}$/, ":port")]),
      [
        ["http", "http://shop.test:8080"],
        ["tcp", "provider.test:port"],
        ["udp", "provider.test:port"],
      ],
    );
    assert.equal(scene.provider.view.free()["cpu"], 3_500n);
    const again = await scene.as("publisher").deploy(request);
    assert.equal(again.pod?.lease, lease);
    assert.equal(scene.runtime.asked.filter((one) => one === "apply shop").length, 1);
    const lines = [];
    for await (const line of scene.as("publisher").readLog({ lease })) lines.push(line.text);
    assert.deepEqual(lines, ["hello from hi with a secret of 7"]);
  });

  it("keeps secrets in plain nowhere", async () => {
    const files = [...scene.folders.files.values()].flatMap((own) => [...own.values()]);
    for (const bytes of files) assert.equal(Buffer.from(bytes).includes("hunter2"), false);
    assert.equal(JSON.stringify(scene.log).includes("hunter2"), false);
  });

  it("gives a host to whoever came first", async () => {
    const other = await scene.pod(file("thief", { host: "shop.test" }));
    await assert.rejects(scene.quote(other, "stranger"), { code: "already_exists", message: /host taken/ });
  });

  it("refuses what does not fit the lease, and leaves nothing of it", async () => {
    const pod = await scene.pod(file("fits"));
    const { quote, text, evidence } = await scene.quote(pod);
    const request = {
      quote: text,
      pod: writeSealedPod(pod.sealed),
      keys: await scene.keysFor(pod, evidence.claims.sealTo),
    };
    const me = scene.as("publisher");
    await assert.rejects(me.deploy(request), {
      code: "failed_precondition",
      message: /it was not opened; open it by the quote/,
    });
    await scene.lease(quote);
    const other = await scene.pod(file("fits", { cpu: "100m" }));
    await assert.rejects(me.deploy({ ...request, pod: writeSealedPod(other.sealed) }), {
      message: /the quote is of pod 0x/,
    });
    await assert.rejects(scene.as("stranger").deploy(request), {
      code: "permission_denied",
      message: /it is not of wallet/,
    });
    await assert.rejects(me.deploy({ ...request, keys: [] }), { message: /there is no key of image "sha256/ });
    const wrong = await scene.keysFor(pod, "1".repeat(64).replace(/^1/, "2"));
    await assert.rejects(me.deploy({ ...request, keys: wrong }), { code: "permission_denied" });
    assert.equal(
      scene.provider.view.tenants().some(({ sealed }) => sealed.pod.name === "fits"),
      false,
    );
    assert.equal(scene.provider.view.free()["cpu"], 3_500n);
    const { pod: status } = await me.deploy(request);
    assert.equal(status?.state, "running");
  });

  it("frees all where a pod does not start, and its lease can be cancelled", async () => {
    const pod = await scene.pod(file("bad"), { web: "broken" });
    const free = scene.provider.view.free()["cpu"];
    const { quote, text, evidence } = await scene.quote(pod);
    const lease = await scene.lease(quote);
    const request = {
      quote: text,
      pod: writeSealedPod(pod.sealed),
      keys: await scene.keysFor(pod, evidence.claims.sealTo),
    };
    await assert.rejects(scene.as("publisher").deploy(request), { message: /Cannot start container "web": exit 1/ });
    assert.equal(scene.provider.view.free()["cpu"], free);
    assert.equal(scene.folders.files.has(lease), false);
    const sent = await scene.chain.connect(addressOf("publisher")).send({ kind: "cancel", terms: quote.terms });
    assert.equal(sent.kind, "mined");
  });

  it("fetches artifacts from no store that it does not name itself", async () => {
    const pod = await scene.pod(file("far"));
    for (const { digest } of pod.artifacts) scene.blobs.delete(digest);
    const { quote, text, evidence } = await scene.quote(pod);
    await scene.lease(quote);
    const keys = (await scene.keysFor(pod, evidence.claims.sealTo)).map((key) => ({
      ...key,
      stores: ["http://169.254.169.254"],
    }));
    await assert.rejects(scene.as("publisher").deploy({ quote: text, pod: writeSealedPod(pod.sealed), keys }), {
      code: "permission_denied",
      message: /from http:\/\/169\.254\.169\.254: it fetches from none; upload it here/,
    });
  });

  it("plans an update, does it, and takes back one that fails", async () => {
    const first = await scene.pod(file("site", WITH_ALL), { web: "one" });
    const { lease, evidence } = await scene.deploy(first);
    const me = scene.as("publisher");
    const next = await scene.pod(file("site", { ...WITH_ALL, more: WITH_ALL.more.replace("hi", "hello") }), {
      web: "two",
    });
    const keys = await scene.keysFor(next, evidence.claims.sealTo);
    const asked = { lease, pod: writeSealedPod(next.sealed), keys };
    const plan = await me.update({ ...asked, dryRun: true });
    assert.deepEqual(
      plan.changes.map(({ what, needsRestart }) => [what, needsRestart]),
      [
        ["containers.web.image", true],
        ["containers.web.env.GREETING", true],
      ],
    );
    assert.equal(plan.pod?.manifest, first.sealed.digest);
    assert.equal((await me.update(asked)).pod?.manifest, next.sealed.digest);
    const broken = await scene.pod(file("site", WITH_ALL), { web: "broken" });
    const bad = {
      lease,
      pod: writeSealedPod(broken.sealed),
      keys: await scene.keysFor(broken, evidence.claims.sealTo),
    };
    await assert.rejects(me.update(bad), { message: /Cannot start container/ });
    const { pod: status } = await me.getPod({ lease });
    assert.deepEqual([status?.manifest, status?.state], [next.sealed.digest, "running"]);
    const noVolume = await scene.pod(
      file("site", { more: "\n    secrets: { token: /run/token }", rest: "secrets: { token: ./token.txt }\n" }),
      { web: "two" },
    );
    const dropping = {
      lease,
      pod: writeSealedPod(noVolume.sealed),
      keys: await scene.keysFor(noVolume, evidence.claims.sealTo),
    };
    await assert.rejects(me.update(dropping), {
      code: "failed_precondition",
      message: /the content of volume "data" would go/,
    });
    const more = await scene.pod(file("site", { ...WITH_ALL, cpu: "2" }), { web: "two" });
    await assert.rejects(me.update({ ...asked, pod: writeSealedPod(more.sealed) }), {
      code: "resource_exhausted",
      message: /more than its lease pays for: cpu 2000 \(the lease has 500\)/,
    });
    await assert.rejects(me.update({ ...asked, deleteVolumes: ["date"] }), { message: /Cannot delete volume "date"/ });
    const volumesOf = () =>
      Object.keys([...scene.disk.volumes].find(([name]) => lease.startsWith(name.replace("pod-", "0x")))?.[1] ?? {});
    assert.deepEqual(volumesOf(), ["data"]);
    await me.update({ ...dropping, deleteVolumes: ["data"] });
    assert.deepEqual(volumesOf(), []);
    const events = (await me.listEvents({ lease })).events.map(({ kind }) => kind);
    assert.deepEqual(
      events.filter((kind) => /update/.test(kind)),
      ["updated", "update failed", "updated"],
    );
  });

  it("meters, takes vouchers, and tells its ledger", async () => {
    const { lease } = await scene.deploy(await scene.pod(file("paid")));
    await scene.clock.pass(60_000);
    const me = scene.as("publisher");
    const { lines, beat } = await me.readLedger({ lease });
    assert.ok(lines.length > 1);
    assert.match(beat, /"covered":/);
    const { pod: status } = await me.getPod({ lease });
    assert.ok(BigInt(status?.total ?? 0) > 0n);
    assert.ok((status?.fundsUntil ?? 0n) > 2_000_000_000n);
    await assert.rejects(me.vouch({ lease, total: "5", upTo: 0n, signature: `0x${"1".repeat(130)}` }), {
      code: "permission_denied",
    });
    const { points } = await me.getMetrics({ lease });
    assert.ok(points.length > 3);
  });

  it("lets who may, and nobody else, ask each method", async () => {
    const [first] = scene.provider.view.tenants();
    const lease = first?.lease ?? assert.fail();
    assert.deepEqual(Object.keys(PROVIDER_RULES).sort(), Object.keys(ProviderService.method).sort());
    for (const [name, rule] of Object.entries(PROVIDER_RULES)) {
      const ask = async (party: "nobody" | "stranger", request: object) => {
        const method = scene.as(party)[name as "describe"] as unknown as (request: object) => unknown;
        const answer = method(request);
        if (name !== "readLog") return await answer;
        for await (const _ of answer as AsyncIterable<unknown>) return undefined;
        return undefined;
      };
      if (rule === "anybody") continue;
      await assert.rejects(ask("nobody", { lease }), { code: "unauthenticated" }, name);
      if (rule !== "publisher") continue;
      await assert.rejects(
        ask("stranger", { lease }),
        { code: "permission_denied", message: /it is not of wallet 0x/ },
        name,
      );
      await assert.rejects(ask("stranger", { lease: `0x${"9".repeat(64)}` }), { code: "not_found" }, name);
    }
    assert.deepEqual((await scene.as("stranger").listPods({})).pods, []);
    assert.ok((await scene.as("publisher").listPods({})).pods.length > 2);
  });

  it("ends a pod for its publisher, who pays nothing more for it", async () => {
    const { lease } = await scene.deploy(await scene.pod(file("gone")));
    const me = scene.as("publisher");
    await me.delete({ lease });
    await me.delete({ lease });
    const { pod: status } = await me.getPod({ lease });
    assert.deepEqual([status?.state, status?.addresses.length], ["deleted", 0]);
    await assert.rejects(me.restart({ lease }), { code: "failed_precondition", message: /it was deleted/ });
    await scene.clock.pass(30_000);
    const total = (await me.getPod({ lease })).pod?.total;
    await scene.clock.pass(120_000);
    assert.equal((await me.getPod({ lease })).pod?.total, total);
  });
});

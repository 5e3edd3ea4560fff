import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createHttpClient } from "@orrery/http";
import { type Evidence, type KeptArtifact, type KeyCalls, KeyService, writeEvidence } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { openTestMarket, type TestMarket } from "../testing/market.ts";
import { PROGRAM } from "../testing/pods.ts";
import { type MarketContext, marketCommand } from "./open-market.ts";
import { preparedPod } from "./provider-words.ts";

const SECRET = "swordfish of the seven seas";
const PLAIN = [SECRET, "createTcp"] as const; // Of the secret, and of the image.
const POD = `name: shop
containers:
  web:
    image: ./shop
    ports: [{ port: 8080, host: shop.test }]
    health: { path: /, every: 200ms }
    secrets: { token: /run/token }
secrets: { token: token.txt }
`;

/** Files below a folder: their digests by their paths, and all that they hold. */
function filesBelow(folder: string) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort();
  const sumOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  return {
    digests: Object.fromEntries(files.map((file) => [file, sumOf(file)])),
    text: files.map((file) => readFileSync(file, "latin1")).join("\n"),
  };
}

describe("keys of a pod on a bench", { timeout: 100_000 }, () => {
  let market: TestMarket;
  let service: KeyCalls;
  let close = () => {};
  before(async () => {
    market = await openTestMarket(4);
    market.write("shop/server.js", PROGRAM);
    market.write("token.txt", SECRET);
    market.write("pod.yaml", POD);
    const client = createHttpClient({ url: market.bench.status().keyService });
    close = () => client.close();
    service = client.client(KeyService);
  });
  after(async () => {
    close();
    await market?.[Symbol.asyncDispose]();
  });
  const url = (number: number) => market.bench.status().providers[number - 1]?.url ?? "";
  const stored = () => filesBelow(join(market.cwd, ".orrery/dev/store/blobs")).digests;
  const artifacts = async () =>
    (await market.json<{ readonly artifacts: readonly (KeptArtifact & { state: string })[] }>("key ls")).artifacts;
  const leaseAt = async (number: number) =>
    (await market.json<{ readonly lease: string }>(`lease status shop --provider=${url(number)}`)).lease;
  const release = (artifact: string, evidence: Evidence) =>
    service.release({ artifact, evidence: writeEvidence(evidence) });
  const nonce = async () => (await service.challenge({})).nonce;

  /** Does something as the wallet of the bench, beyond what commands do. */
  const asPublisher = (work: (context: MarketContext) => Promise<void>) => {
    const input = { words: [], text: () => undefined, texts: () => [], has: () => false };
    const terminal = { cwd: market.cwd, env: { HOME: market.cwd }, progress: () => undefined };
    const command = marketCommand(async (context) => void (await work(context)));
    return command(input as unknown as CommandInput, terminal as unknown as Terminal);
  };

  /** Evidence of the pod that runs by a lease. */
  async function evidenceOf(lease: string): Promise<Evidence> {
    let found: Evidence | undefined;
    await asPublisher(async ({ publisher }) => {
      using door = await publisher.openFor(await publisher.find(lease));
      found = JSON.parse((await door.calls.attest({ lease, nonce: await nonce() })).evidence) as Evidence;
    });
    return found ?? assert.fail();
  }

  it("are uploaded once and wrapped for each provider; nothing stored changes, or shows what it is", async () => {
    const said = await market.done("pod upload");
    assert.match(said, /^Sent 2 of 2 artifacts to /);
    assert.match(said, /^Keys of 2 are kept at http:/m);
    const [before, kept] = [stored(), await artifacts()];
    assert.ok(Object.keys(before).length >= 2);
    assert.deepEqual(
      kept.map(({ grants }) => grants.map(({ purpose, who }) => [purpose, who])),
      [1, 2].map(() => [["keep", market.bench.status().keyService]]),
    );
    assert.equal((await market.json<{ readonly kept: readonly string[] }>("pod upload")).kept.length, 0);
    for (const number of [1, 2]) await market.done(`pod deploy --provider=provider-${number}`);
    assert.deepEqual(stored(), before);
    const after = await artifacts();
    for (const [at, { grants }] of after.entries()) {
      assert.deepEqual(grants.slice(0, 1), kept[at]?.grants);
      assert.deepEqual(
        grants.slice(1).map(({ purpose, who }) => [purpose, who]),
        [1, 2].map((number) => ["run", url(number)]),
      );
    }
    for (const provider of [0, 1])
      assert.equal((await market.ask("shop.test", { path: "/secret", provider })).body, SECRET);
    const [own, bench] = [filesBelow(market.cwd).text, filesBelow(join(market.cwd, ".orrery/dev")).text];
    for (const plain of PLAIN) assert.deepEqual([own.includes(plain), bench.includes(plain)], [true, false], plain);
    assert.match(await market.done("dev status"), /^their keys are kept at +http:/m);
  });

  it("are given to pods that they were granted to, and to no other, by whatever evidence", async () => {
    const [running, fresh] = [
      await evidenceOf(await leaseAt(1)),
      await market.json<{ readonly evidence: Evidence }>(`quote --provider=provider-3 --nonce=${await nonce()}`),
    ];
    const all = await artifacts();
    const { artifact = "" } = all.find(({ about }) => about.kind === "secret") ?? {};
    assert.equal(JSON.parse((await release(artifact, running)).wrap).to, running.claims.sealTo);
    for (const one of all)
      await assert.rejects(release(one.artifact, fresh.evidence), {
        code: "permission_denied",
        message: new RegExp(`its owner did not grant it to ${fresh.evidence.claims.sealTo}`),
      });
    const { out } = await market.orrery("key audit shop/token");
    assert.match(out, /Z {2}refused .*\n.*Z {2}released .*\n.*Z {2}put +policy alone/);
  });

  it("are given no more to a pod that is deleted, at once, and to its neighbour of the same name still", async () => {
    const [gone, stays] = [await evidenceOf(await leaseAt(2)), await evidenceOf(await leaseAt(1))];
    await market.done(`pod delete shop --provider=${url(2)}`);
    const all = await artifacts();
    const [first] = all;
    for (const { artifact } of all)
      await assert.rejects(release(artifact, gone), {
        code: "permission_denied",
        message: new RegExp(`its owner did not grant it to ${gone.claims.sealTo}`),
      });
    assert.equal(JSON.parse((await release(first?.artifact ?? "", stays)).wrap).to, stays.claims.sealTo);
    await market.done("pod deploy --provider=provider-4");
    await assert.rejects(release(first?.artifact ?? "", gone), { code: "permission_denied" }, "nor by the next one");
  });

  it("open nothing for a provider that has all but a wrap to its pod", async () => {
    const lease = await leaseAt(1);
    const record = readFileSync(join(market.cwd, `.orrery/dev/provider-1/leases/${lease}/record.json`), "utf8");
    const { keys } = JSON.parse(record) as { readonly keys: readonly { artifact: string; wrap: string }[] };
    await asPublisher(async (context) => {
      const { publisher, market: found } = context;
      const { prepared } = await preparedPod(context);
      using door = await publisher.open(url(3));
      const asked = await publisher.quote(prepared, door);
      const opened = await publisher.openLease(prepared, { asked, door, amount: 1_000_000n });
      const theirs = keys.map((key) => ({ ...key, stores: [found.store?.url ?? ""] }));
      const deploying = door.calls.deploy({ quote: opened.quote, pod: opened.sealed, keys: theirs });
      await assert.rejects(deploying, { code: "permission_denied" });
      assert.equal(await publisher.end(opened), 0);
    });
    assert.equal((await market.ask("shop.test", { provider: 2 })).status, 404);
  });

  it("are given to nobody once they are revoked, until they are renewed", async () => {
    const held = await evidenceOf(await leaseAt(1));
    const before = await artifacts();
    const said = await market.done("key revoke shop");
    assert.match(said, new RegExp(`^${market.bench.status().keyService} gives it to nobody$`, "m"));
    for (const { artifact } of before) await assert.rejects(release(artifact, held), /its owner has revoked it/);
    const { wallet } = await market.json<{ readonly wallet: string }>("balance");
    const { exit, err } = await market.orrery("pod deploy --provider=provider-3");
    assert.equal(exit, 1);
    assert.match(err, /Cannot give away the key of .* was revoked at .*"orrery key renew sha256:/s);
    assert.equal((await market.json<{ readonly wallet: string }>("balance")).wallet, wallet);
    await market.done("key renew shop");
    const files = Object.keys(stored()).length;
    await market.done("pod deploy --provider=provider-3");
    assert.equal((await market.ask("shop.test", { path: "/secret", provider: 2 })).body, SECRET);
    assert.ok(Object.keys(stored()).length > files);
    assert.deepEqual(
      (await artifacts()).map(({ state }) => state),
      ["renewed", "renewed", "good", "good"],
    );
  });
});

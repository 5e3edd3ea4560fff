import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createNode, createSystemClock, createSystemRandom } from "@orrery/core";
import { createHttpClient, createHttpDoor } from "@orrery/http";
import { openArtifactRecord } from "../artifact/system-artifact-record.ts";
import type { AttestPolicy, EvidenceClaims, Measurement } from "../attest/evidence.ts";
import { writeEvidence } from "../attest/evidence-json.ts";
import { createPlainAttester } from "../attest/plain-attester.ts";
import { openPlainSealer } from "../attest/system-plain-sealer.ts";
import { createSignatureChecks } from "../attest/system-signatures.ts";
import { KeyService } from "../gen/rpc/orrery/market/v1/keys_pb.ts";
import { createSealKey } from "../keys/system-seal-key.ts";
import type { Account } from "../lease/terms.ts";
import { walletAgent } from "../wallet/wallet-door.ts";
import { askKey, changeKeyPolicy, keepKey } from "./key-client.ts";
import { type KeyPolicy, readKeyPolicy, whyNotFor, writeKeyPolicy } from "./key-policy.ts";
import { createKeyService } from "./key-service.ts";
import { NONCE_MS } from "./limits.ts";
import { createNonces } from "./system-nonces.ts";

const system = createSystemClock();
const random = createSystemRandom();
const ANN: Account = `0x${"a".repeat(40)}`;
const BOB: Account = `0x${"b".repeat(40)}`;
const MANIFEST = `0x${"7".repeat(64)}` as const;
const IMAGE = `sha256:${"1".repeat(64)}`;
const ABOUT = { kind: "secret", app: "shop", name: "token" } as const;
const BASE: readonly Measurement[] = [{ kind: "base", name: "orrery", digest: "1".repeat(64) }];
const ATTEST: AttestPolicy = { kinds: ["none"], issuers: [], base: { orrery: ["1".repeat(64)] }, maxAgeS: 60 };
const POLICY: KeyPolicy = { manifests: [MANIFEST], images: [IMAGE], attest: ATTEST };

/** A service behind a door whose callers say which wallet they are. */
async function openService(folder: string, clock: { now(): number; monotonic(): number } = system) {
  const sealer = await openPlainSealer({ folder: join(folder, "sealer") });
  const keeper = await createKeyService({
    ...{ folder, sealer, account: BOB, clock, signatures: createSignatureChecks() },
  });
  const node = createNode({ components: [keeper.component] });
  await node.start();
  const door = createHttpDoor({
    node,
    services: [KeyService],
    authenticate: (headers) => headers.get("authorization") ?? "anonymous",
  });
  const url = await door.listen();
  const clients: { close(): void }[] = [];
  return {
    keeper,
    callsOf: (account?: Account) => {
      const client = createHttpClient({ url, authorization: async () => account && walletAgent(account) });
      clients.push(client);
      return client.client(KeyService);
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close();
      await door.close();
      await node.stop();
      await keeper[Symbol.asyncDispose]();
    },
  };
}

describe("createKeyService", () => {
  let folder: string;
  let count = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "orrery-key-service-"));
  });
  after(() => rm(folder, { recursive: true }));

  const own = createSealKey();
  const openRecord = () =>
    openArtifactRecord({ path: join(folder, "artifacts.json"), key: own, clock: system, random });
  /** Who runs a pod, and proves it. */
  const podOf = (part: Partial<EvidenceClaims> = {}, base = BASE) => {
    const key = createSealKey();
    const attester = createPlainAttester({ base, random });
    const claims = { session: ANN, sealTo: key.sealTo, manifest: MANIFEST, images: [IMAGE] };
    const attest = (nonce: string) =>
      attester.attest({ ...claims, madeAt: Math.floor(system.now() / 1_000), nonce, ...part });
    return { key, attest };
  };
  const secretOf = async (text: string) => {
    const record = openRecord();
    const { kept, read } = await record.seal(ABOUT, async () => Buffer.from(text));
    return { record, artifact: kept.artifact, read };
  };

  it("gives a key to who proves that it runs what the owner allows, over a restart, until it is revoked", async () => {
    const at = join(folder, String(count++));
    const { record, artifact } = await secretOf("hunter2");
    const ask = (pod: ReturnType<typeof podOf>) => ({ artifact, about: ABOUT, ...pod });
    let given: Uint8Array;
    {
      await using service = await openService(at);
      await keepKey(service.callsOf(ANN), { record, artifact, policy: POLICY, who: "http://keys.test" });
      given = await askKey(service.callsOf(), ask(podOf()));
      assert.equal(given.length, 32);
      await assert.rejects(askKey(service.callsOf(), ask(podOf({ manifest: `0x${"8".repeat(64)}` }))), {
        code: "permission_denied",
        message: /its policy does not name pod 0x8/,
      });
    }
    await appendFile(join(at, "keys.jsonl"), '{"kind":"revo'); // As a fall leaves it.
    {
      await using service = await openService(at);
      assert.deepEqual(await askKey(service.callsOf(), ask(podOf())), given, "to another pod, the same key");
      await assert.rejects(service.callsOf(BOB).revoke({ artifact }), { code: "permission_denied" });
      await assert.rejects(service.callsOf().revoke({ artifact }), { code: "unauthenticated" });
      assert.equal((await service.callsOf(ANN).revoke({ artifact })).epoch, 1n);
      await assert.rejects(askKey(service.callsOf(), ask(podOf())), /its owner has revoked it/);
    }
    await using service = await openService(at);
    await assert.rejects(askKey(service.callsOf(), ask(podOf())), /its owner has revoked it/, "after a restart, too");
    await assert.rejects(service.callsOf(BOB).listAudit({ artifact }), { code: "permission_denied" });
    const { entries } = await service.callsOf(ANN).listAudit({ artifact });
    const kinds = ["refused", "refused", "revoked", "released", "refused", "released", "put"];
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      kinds,
    );
    assert.match(entries.at(-2)?.text ?? "", /^to [0-9a-f]{64} for pod 0x7.* by evidence of kind none$/);
    await keepKey(service.callsOf(ANN), { record, artifact, policy: POLICY, who: "http://keys.test" });
    assert.deepEqual(await askKey(service.callsOf(), ask(podOf())), given, "once its owner puts it again");
    for (const name of await readdir(at)) {
      if (!(await stat(join(at, name))).isFile()) continue;
      const text = await readFile(join(at, name), "utf8");
      const forms = ["hex", "base64"] as const;
      assert.equal(
        forms.some((form) => text.includes(Buffer.from(given).toString(form))),
        false,
        name,
      );
      assert.equal((await stat(join(at, name))).mode & 0o777, 0o600, name);
    }
  });

  it("gives a key to pods that it was granted to alone, and takes another policy without the key", async () => {
    await using service = await openService(join(folder, String(count++)));
    const { record, artifact } = await secretOf("hunter5");
    const [calls, pod] = [service.callsOf(ANN), podOf()];
    const ask = () => askKey(service.callsOf(), { artifact, about: ABOUT, ...pod });
    await assert.rejects(changeKeyPolicy(calls, artifact, POLICY), { code: "not_found" });
    await keepKey(calls, { record, artifact, policy: { ...POLICY, grantedTo: [] }, who: "x" });
    await assert.rejects(ask(), { code: "permission_denied", message: /its owner did not grant it to [0-9a-f]{64}$/ });
    const granted = { ...POLICY, grantedTo: [pod.key.sealTo] };
    await assert.rejects(changeKeyPolicy(service.callsOf(BOB), artifact, granted), { code: "permission_denied" });
    await changeKeyPolicy(calls, artifact, granted);
    assert.equal((await ask()).length, 32);
    await calls.revoke({ artifact });
    await assert.rejects(changeKeyPolicy(calls, artifact, granted), {
      code: "failed_precondition",
      message: /revoked/,
    });
    await assert.rejects(ask(), /its owner has revoked it/);
  });

  it("refuses evidence that is not good, by name, and writes that down", async () => {
    await using service = await openService(join(folder, String(count++)));
    const { record, artifact } = await secretOf("hunter3");
    await keepKey(service.callsOf(ANN), { record, artifact, policy: POLICY, who: "x" });
    const calls = service.callsOf();
    const old = (await calls.challenge({})).nonce;
    const evidence = writeEvidence(await podOf().attest(old));
    await calls.release({ artifact, evidence });
    const other: Measurement = { kind: "base", name: "orrery", digest: "2".repeat(64) };
    const fresh = async (pod: ReturnType<typeof podOf>) =>
      writeEvidence(await pod.attest((await calls.challenge({})).nonce));
    for (const [what, said, why] of [
      ["evidence that was used", evidence, /nonce .*: it was used before/],
      ["another's nonce", writeEvidence(await podOf().attest("n1")), /nonce "n1": it is none of this service's/],
      ["another base", await fresh(podOf({}, [other])), /base: "orrery" is sha256:2+, which the policy does not take/],
      [
        "another image",
        await fresh(podOf({ images: [IMAGE, `sha256:${"2".repeat(64)}`] })),
        /does not name image sha256:2/,
      ],
      ["old evidence", await fresh(podOf({ madeAt: 1_000 })), /age: it is/],
    ] as const)
      await assert.rejects(
        calls.release({ artifact, evidence: said }),
        { code: "permission_denied", message: why },
        what,
      );
    const { entries } = await service.callsOf(ANN).listAudit({ artifact });
    assert.equal(entries.filter(({ kind }) => kind === "refused").length, 5);
    await assert.rejects(calls.release({ artifact: `sha256:${"0".repeat(64)}`, evidence }), { code: "not_found" });
    await assert.rejects(calls.release({ artifact, evidence: "{}" }), { code: "invalid_argument" });
  });

  it("keeps keys of wallets alone, of the artifact they are said to be of, and of whoever was first", async () => {
    await using service = await openService(join(folder, String(count++)));
    const { record, artifact } = await secretOf("hunter4");
    const put = { record, artifact, policy: POLICY, who: "x" };
    await assert.rejects(keepKey(service.callsOf(), put), { code: "unauthenticated" });
    await keepKey(service.callsOf(ANN), put);
    await assert.rejects(keepKey(service.callsOf(BOB), put), /another wallet has put it/);
    const wrap = await record.grant(artifact, { to: service.keeper.sealTo, purpose: "run", who: "x" });
    const calls = service.callsOf(ANN);
    const policy = writeKeyPolicy(POLICY);
    await assert.rejects(calls.putKey({ artifact, wrap: JSON.stringify(wrap), policy }), /the wrap is of .*, to run/);
    const strange = await record.grant(artifact, { to: createSealKey().sealTo, purpose: "keep", who: "x" });
    await assert.rejects(calls.putKey({ artifact, wrap: JSON.stringify(strange), policy }), {
      code: "permission_denied",
    });
  });
});

describe("readKeyPolicy", () => {
  it("reads what writeKeyPolicy writes, and nothing else", () => {
    const policy = { ...POLICY, expiresAt: 2_000 };
    assert.deepEqual(readKeyPolicy(writeKeyPolicy(policy)), policy);
    for (const [part, why] of [
      [{ manifests: [], images: [] }, /names neither manifests nor images/],
      [{ manifests: ["0x7"] }, /"manifests\.0" is "0x7"/],
      [{ images: IMAGE }, /"images" is "sha256/],
      [{ expiresAt: -1 }, /"expiresAt" is -1/],
      [{ attest: { ...ATTEST, kinds: ["sgx"] } }, /"attest\.kinds\.0"/],
      [{ attest: { ...ATTEST, base: { orrery: ["1"] } } }, /"attest\.base\.orrery\.0"/],
      [{ attest: { ...ATTEST, issuers: [{ certificate: "x" }] } }, /"attest\.issuers\.0\.certificate"/],
    ] as const)
      assert.throws(() => readKeyPolicy(JSON.stringify({ ...POLICY, ...part })), why);
  });
});

describe("whyNotFor", () => {
  const claims = { manifest: MANIFEST, images: [IMAGE] } as unknown as EvidenceClaims;
  const image = { kind: "image", app: "shop", name: IMAGE } as const;
  const other = `sha256:${"9".repeat(64)}`;
  for (const [what, policy, part, why] of [
    ["all that is named", POLICY, {}, undefined],
    ["any image where none is named", { ...POLICY, images: [] }, { claims: { ...claims, images: [other] } }, undefined],
    [
      "any pod where none is named",
      { ...POLICY, manifests: [] },
      { claims: { ...claims, manifest: "0x1" } },
      undefined,
    ],
    ["another pod", POLICY, { claims: { ...claims, manifest: "0x1" } }, /does not name pod 0x1/],
    ["one image more", POLICY, { claims: { ...claims, images: [IMAGE, other] } }, /does not name image sha256:9/],
    ["no image at all", POLICY, { claims: { ...claims, images: [] } }, /runs no image/],
    ["an image that it runs", POLICY, { about: image }, undefined],
    ["an image that it does not run", POLICY, { about: { ...image, name: other } }, /does not run sha256:9/],
    ["the last second", { ...POLICY, expiresAt: 1_001 }, {}, undefined],
    ["a policy that is over", { ...POLICY, expiresAt: 1_000 }, {}, /its policy ended at 1970-01-01T00:16:40/],
  ] as const)
    it(`${why === undefined ? "gives" : "refuses"} ${what}`, () => {
      const found = whyNotFor(policy as KeyPolicy, { claims, about: ABOUT, nowS: 1_000, ...(part as object) });
      if (why === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", why);
    });
});

describe("createNonces", () => {
  it("gives nonces that are good once, for a minute, and of its own alone", () => {
    let now = 5_000;
    const [nonces, others] = [0, 1].map(() => createNonces({ clock: { monotonic: () => now } }));
    assert.ok(nonces && others);
    const nonce = nonces.make();
    assert.equal(nonces.whyNot(nonce), undefined);
    assert.match(others.whyNot(nonce) ?? "", /none of this service's/);
    for (const at of [0, 13, 20, 77]) {
      const turned = `${nonce.slice(0, at)}${nonce[at] === "0" ? "1" : "0"}${nonce.slice(at + 1)}`;
      assert.match(nonces.whyNot(turned) ?? "", /none of this service's/, `${at}`);
    }
    nonces.use(nonce);
    assert.match(nonces.whyNot(nonce) ?? "", /used before/);
    const later = nonces.make();
    now += NONCE_MS;
    assert.equal(nonces.whyNot(later), undefined);
    now += 1;
    assert.match(nonces.whyNot(later) ?? "", /older than 60 s/);
    nonces.use(nonces.make());
    assert.match(nonces.whyNot(nonce) ?? "", /older than 60 s/, "what is over is forgotten, and stays refused");
  });
});

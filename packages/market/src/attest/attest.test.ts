import assert from "node:assert/strict";
import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { type StartedTpm, startTpm } from "../testing/start-tpm.ts";
import type { Attester, AttestPolicy, Evidence, EvidenceClaims } from "./evidence.ts";
import { digestOfClaims } from "./measurements.ts";
import { makeKeyAuthority, openKeyAuthority } from "./system-key-authority.ts";
import { createSignatureChecks } from "./system-signatures.ts";
import { makeTpmKeys, openTpmAttester, openTpmCredential } from "./system-tpm-attester.ts";
import { parseTpmQuote, parseTpmSignature } from "./tpm-quote.ts";
import { type Expected, type Verdict, verifyEvidence } from "./verify-evidence.ts";

const clock = createSystemClock();
const NOW_S = Math.floor(clock.now() / 1_000);
const BASE = [
  { kind: "base", name: "orrery", digest: "1".repeat(64) },
  { kind: "base", name: "node", digest: "2".repeat(64) },
] as const;
const IMAGE = `sha256:${"a".repeat(64)}`;
const CLAIMS: EvidenceClaims = {
  nonce: "n1",
  session: `0x${"5".repeat(40)}`,
  sealTo: "c".repeat(64),
  manifest: `0x${"7".repeat(64)}`,
  images: [IMAGE],
  madeAt: NOW_S,
};
const EXPECTED: Expected = { nonce: "n1", manifest: CLAIMS.manifest, images: [IMAGE], session: CLAIMS.session };

describe("evidence of a TPM", () => {
  let tpm: StartedTpm;
  let attester: Attester;
  let policy: AttestPolicy;
  let certificates: readonly string[];
  before(async () => {
    tpm = await startTpm();
    const authority = openKeyAuthority({ kept: await makeKeyAuthority("Bench", clock), makers: [tpm.maker], clock });
    const keys = await makeTpmKeys(tpm);
    const secret = await openTpmCredential(tpm, await authority.challenge(keys));
    certificates = [await authority.certify(keys.signing, secret)];
    attester = await openTpmAttester({ ...tpm, certificates, base: BASE });
    policy = {
      kinds: ["tpm2"],
      issuers: [{ certificate: authority.certificate, certifies: "software" }],
      base: { orrery: ["1".repeat(64)], node: ["0".repeat(64), "2".repeat(64)] },
      maxAgeS: 300,
    };
  });
  after(() => tpm[Symbol.asyncDispose]());

  const look = (
    evidence: Evidence,
    more: { policy?: Partial<AttestPolicy>; expected?: Partial<Expected>; nowS?: number } = {},
  ) =>
    verifyEvidence(evidence, {
      policy: { ...policy, ...more.policy },
      expected: { ...EXPECTED, ...more.expected },
      nowS: more.nowS ?? NOW_S,
      signatures: createSignatureChecks(),
    });
  const faultsOf = ({ checks }: Verdict) => checks.filter(({ fault }) => fault !== undefined).map(({ name }) => name);

  it("is good for what was asked, and says that it is of software", async () => {
    const verdict = look(await attester.attest(CLAIMS));
    assert.deepEqual(
      verdict.checks.filter(({ fault }) => fault !== undefined),
      [],
    );
    assert.equal(verdict.isGood, true);
    assert.equal(verdict.checks.length, 12, "each is looked at");
    assert.deepEqual(verdict.warnings, ["the TPM is software: this proves the protocol, not the machine"]);
  });

  it("is refused by name for whatever is not as it should be", async () => {
    const evidence = await attester.attest(CLAIMS);
    const changed = (part: Partial<EvidenceClaims>): Evidence => ({ ...evidence, claims: { ...CLAIMS, ...part } });
    const [first, ...others] = evidence.measurements;
    const other = { ...(first as Evidence["measurements"][number]), digest: "3".repeat(64) };
    const cases: readonly (readonly [string, Verdict, readonly string[]])[] = [
      ["another nonce", look(evidence, { expected: { nonce: "n2" } }), ["nonce"]],
      ["a nonce that was put in later", look(changed({ nonce: "n2" }), { expected: { nonce: "n2" } }), ["claims"]],
      ["old evidence", look(evidence, { nowS: NOW_S + 301 }), ["age"]],
      ["evidence of tomorrow", look(evidence, { nowS: NOW_S - 86_400 }), ["issuer", "age"]],
      [
        "another base",
        look(evidence, { policy: { base: { orrery: ["9".repeat(64)], node: ["2".repeat(64)] } } }),
        ["base"],
      ],
      ["a base with more", look(evidence, { policy: { base: { orrery: ["1".repeat(64)] } } }), ["base"]],
      [
        "a base with less",
        look(evidence, { policy: { base: { ...policy.base, kernel: ["4".repeat(64)] } } }),
        ["base"],
      ],
      [
        "a measurement that was tampered with",
        look({ ...evidence, measurements: [other, ...others] }),
        ["measurements", "base"],
      ],
      ["a measurement left out", look({ ...evidence, measurements: others }), ["measurements", "base", "pod"]],
      ["another image", look(evidence, { expected: { images: [`sha256:${"b".repeat(64)}`] } }), ["images"]],
      ["another pod", look(evidence, { expected: { manifest: `0x${"8".repeat(64)}` } }), ["manifest"]],
      ["another session key", look(evidence, { expected: { session: `0x${"6".repeat(40)}` } }), ["session"]],
      ["a session key put in later", look(changed({ session: `0x${"6".repeat(40)}` })), ["claims", "pod", "session"]],
      ["no issuer", look(evidence, { policy: { issuers: [] } }), ["issuer"]],
      ["no certificate", look({ ...evidence, certificates: [] }), ["issuer", "signature"]],
      ["a maker in the place of an issuer", look({ ...evidence, certificates: [tpm.maker] }), ["issuer", "signature"]],
      ["no quote", look({ ...evidence, quote: "" }), ["signature", "claims", "measurements"]],
      ["a kind that is not taken", look({ ...evidence, kind: "none" }), ["kind"]],
    ];
    for (const [what, verdict, names] of cases)
      assert.deepEqual([faultsOf(verdict), verdict.isGood], [names, false], what);
    const free = look({ ...evidence, kind: "none" }, { policy: { kinds: ["none"] } });
    assert.deepEqual([free.isGood, free.warnings.length], [true, 1], "and what proves nothing is said to");
  });

  it("is refused with any bit of it turned", async () => {
    const evidence = await attester.attest(CLAIMS);
    for (const part of ["quote", "signature"] as const) {
      const bytes = Buffer.from(evidence[part], "base64");
      for (let bit = 0; bit < bytes.length * 8; bit += part === "quote" ? 5 : 3) {
        const turned = Buffer.from(bytes);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(look({ ...evidence, [part]: turned.toString("base64") }).isGood, false, `${part} ${bit}`);
      }
      for (let length = 0; length < bytes.length; length += 7)
        assert.equal(look({ ...evidence, [part]: bytes.subarray(0, length).toString("base64") }).isGood, false);
    }
  });

  it("measures a pod once, hides it from others, and goes on after a start of either side", async () => {
    const [one, two] = [await attester.attest(CLAIMS), await attester.attest({ ...CLAIMS, nonce: "n2" })];
    assert.deepEqual(two.measurements, one.measurements);
    const next = await attester.attest({ ...CLAIMS, manifest: `0x${"8".repeat(64)}`, nonce: "n3" });
    assert.equal(next.measurements.length, one.measurements.length + 1);
    assert.ok(!JSON.stringify(next).includes("7".repeat(64)), "the other pod is nowhere in it");
    const again = await openTpmAttester({ ...tpm, certificates, base: BASE });
    assert.deepEqual((await again.attest(CLAIMS)).measurements, next.measurements);
    const log = join(tpm.folder, "measurements.jsonl");
    assert.equal((await stat(log)).mode & 0o777, 0o600);
    await appendFile(
      log,
      `${JSON.stringify({ measurement: { kind: "pod", name: "", digest: "f".repeat(64) }, salt: "00" })}\n`,
    );
    const fallen = await openTpmAttester({ ...tpm, certificates, base: BASE });
    assert.equal(look(await fallen.attest(CLAIMS)).isGood, true, "what was not measured any more is dropped");
    await tpm.restart();
    const anew = await openTpmAttester({ ...tpm, certificates, base: BASE });
    const evidence = await anew.attest(CLAIMS);
    assert.deepEqual([evidence.measurements.length, look(evidence).isGood], [BASE.length + 1, true]);
    const changed = [{ ...BASE[0], digest: "9".repeat(64) }, BASE[1]];
    const newer = await (await openTpmAttester({ ...tpm, certificates, base: changed })).attest(CLAIMS);
    assert.deepEqual(faultsOf(look(newer)), ["base"], "a base that changed is seen, without a start of the machine");
    assert.equal(newer.measurements.length, BASE.length + 2);
    await appendFile(log, `${JSON.stringify({ measurement: BASE[0] })}\n`.repeat(2));
    await assert.rejects(
      openTpmAttester({ ...tpm, certificates, base: BASE }),
      /register 14 of the TPM is not what was measured/,
    );
    assert.ok((await readFile(log, "utf8")).length > 0);
  });

  it("comes of keys that an authority certifies for a TPM of a maker that it knows, and no other", async () => {
    const keys = await makeTpmKeys(tpm);
    const kept = await makeKeyAuthority("Other", clock);
    const knows = openKeyAuthority({ kept, makers: [tpm.maker], clock });
    const stranger = openKeyAuthority({ kept, makers: [kept.certificate], clock });
    await assert.rejects(stranger.challenge(keys), /its TPM is of no maker that is known here/);
    await assert.rejects(knows.challenge({ ...keys, signing: keys.signing.subarray(1) }), /none by which a TPM signs/);
    const exportable = new Uint8Array(keys.signing);
    exportable[9] = (exportable[9] ?? 0) & ~0x10;
    await assert.rejects(knows.challenge({ ...keys, signing: exportable }), /none by which a TPM signs/);
    await assert.rejects(knows.certify(keys.signing, new Uint8Array(32)), /not what was asked for/);
    const secret = await openTpmCredential(tpm, await knows.challenge(keys));
    assert.match(await knows.certify(keys.signing, secret), /BEGIN CERTIFICATE/);
    await assert.rejects(knows.certify(keys.signing, secret), /not what was asked for/, "once");
  });
});

describe("parseTpmQuote", () => {
  it("reads no bytes but a quote", () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(200), new Uint8Array(5_000)]) {
      assert.equal(parseTpmQuote(bytes), undefined);
      assert.equal(parseTpmSignature(bytes), undefined);
    }
  });

  it("is of claims however their account is spelled", () => {
    const spelled = { ...CLAIMS, session: `0x${"Ab".repeat(20)}` as const };
    assert.equal(digestOfClaims(spelled), digestOfClaims({ ...spelled, session: `0x${"ab".repeat(20)}` }));
  });
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import {
  createKeystore,
  createPlainAttester,
  type Evidence,
  makeKeyAuthority,
  parsePolicy,
  policyDigest,
  type Quote,
  signQuote,
  writeEvidence,
  writeQuote,
} from "@orrery/market";
import { type } from "../testing/memory-terminal.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-attest-"));
after(() => rmSync(cwd, { recursive: true }));
const orrery = (words: string, input = "") => type(words.split(" "), { cwd, env: { HOME: cwd }, input });
const write = (file: string, text: string) => writeFileSync(join(cwd, file), text);

const KEY = await createKeystore(join(cwd, "key.json"), { password: "clockwork", rounds: 2 });
const NOW_S = 1_790_000_000;
const AT = `--at=${new Date(NOW_S * 1_000).toISOString()}`;
const MANIFEST = `0x${"7".repeat(64)}` as const;
const IMAGE = `sha256:${"a".repeat(64)}`;
const ONE = "1".repeat(64);
const POLICY = `kinds: [none]\nbase:\n  orrery: ["sha256:${ONE}"]\nmaxAge: 5m\n`;

async function quoteOf(nowS = NOW_S): Promise<Quote> {
  const policy = policyDigest(parsePolicy(POLICY, { file: "attest.yaml", read: () => "" }));
  const terms: Quote["terms"] = {
    ...{ provider: KEY.address, publisher: `0x${"0".repeat(40)}`, manifest: MANIFEST, policy, rate: 2_000n },
    ...{ usageCap: 0n, bond: 1n, challengeBond: 1n, beatPeriod: 60, grace: 300, challengeWindow: 3_600 },
    ...{ responseWindow: 600, publisherNotice: 7_200, providerNotice: 86_400, startWindow: 600, restBudget: 3_600 },
    ...{ tier1: 3_600, factor1: 1, tier2: 86_400, factor2: 3, factor3: 10, earningsFactor: 0 },
    ...{ challengerShare: 1_000, quorum: 0, watchers: `0x${"0".repeat(64)}`, expires: nowS + 600, nonce: 1n },
  };
  const made = { terms, prices: { cpu: 2n }, reserved: { cpu: 1_000n }, usedAtMost: {} };
  return signQuote({ ...made, domain: { chainId: 1, contract: KEY.address } }, { key: KEY });
}

describe("orrery attest", () => {
  let evidence: Evidence;
  let quote: Quote;
  const file = (part: Partial<Evidence> = {}, terms: Partial<Quote["terms"]> = {}) => {
    const text = writeQuote({ ...quote, terms: { ...quote.terms, ...terms } });
    write("quote.json", `{"quote":${text},"evidence":${writeEvidence({ ...evidence, ...part })}}`);
  };
  before(async () => {
    const base = [{ kind: "base", name: "orrery", digest: ONE }] as const;
    const claims = { nonce: "n1", session: KEY.address, sealTo: "c".repeat(64), manifest: MANIFEST, images: [IMAGE] };
    const attester = createPlainAttester({ base, random: createSystemRandom() });
    evidence = await attester.attest({ ...claims, madeAt: NOW_S });
    quote = await quoteOf();
    write("attest.yaml", POLICY);
  });

  it("passes what is as it should be, and says what it could not look at", async () => {
    file();
    const { exit, out } = await orrery(`attest verify quote.json --nonce=n1 --image=${IMAGE} ${AT}`);
    assert.equal(exit, 0, out);
    assert.equal(out.split("\n")[0], "PASS");
    assert.match(out, /^ {2}ok {2}evidence nonce$/m);
    assert.match(out, /^ {2}ok {2}quote expires$/m);
    assert.match(out, /^Note: there is no proof: evidence of kind none/m);
    const bare = await orrery(`attest verify - ${AT} --output=json`, writeEvidence(evidence));
    const found = JSON.parse(bare.out) as { pass: boolean; checks: unknown[]; warnings: string[] };
    assert.deepEqual([bare.exit, found.pass, found.checks.length], [0, true, 4]);
    assert.equal(found.warnings.filter((line) => line.startsWith("not looked at")).length, 3);
  });

  it("fails what is not, and names each check that failed", async () => {
    const tampered = evidence.measurements.map((one, at) => (at === 0 ? { ...one, digest: "2".repeat(64) } : one));
    for (const [what, make, words, failed] of [
      ["an old nonce", () => file(), "--nonce=n2", "evidence nonce"],
      ["a tampered measurement", () => file({ measurements: tampered }), "--nonce=n1", "evidence base"],
      ["a quote that is over", () => file({}, { expires: NOW_S - 1 }), "--nonce=n1", "quote signature, quote expires"],
      ["another pod", () => file(), `--manifest=0x${"8".repeat(64)}`, "evidence manifest, quote manifest"],
      ["another image", () => file(), `--image=sha256:${"b".repeat(64)}`, "evidence images"],
      ["another session", () => file(), `--session=0x${"b".repeat(40)}`, "evidence session"],
      ["a wrong sum", () => file({}, { rate: 2_001n }), "--nonce=n1", "quote signature, quote rate"],
      ["another policy", () => file({}, { policy: MANIFEST }), "--nonce=n1", "quote signature, quote policy"],
      ["a kind that is not taken", () => file({ kind: "tpm2" }), "--nonce=n1", "evidence kind"],
    ] as const) {
      make();
      const { exit, out } = await orrery(`attest verify quote.json ${words} ${AT}`);
      assert.deepEqual([exit, out.split("\n")[0]], [1, `FAIL: ${failed}`], what);
    }
    file();
    const late = await orrery("attest verify quote.json --nonce=n1 --at=2099-01-01T00:00:00Z");
    assert.equal(late.out.split("\n")[0], "FAIL: evidence age, quote expires");
  });

  for (const [words, exit, why] of [
    ["attest verify none.json", 4, /Cannot read "none\.json"\n {2}there is no such file/],
    ["attest verify attest.yaml", 2, /it is no JSON of evidence, or of a quote\nTry: orrery quote/],
    ["attest verify quote.json --policy=none.yaml", 4, /Cannot read "none\.yaml"/],
    ["attest verify quote.json --policy=bad.yaml", 2, /bad\.yaml:1:9: .*write/],
    ["attest verify quote.json --manifest=7", 2, /"7" is no digest/],
    ["attest verify quote.json --at=noon", 2, /"noon" is no moment, write one such as/],
    ["attest verify empty.json", 2, /neither evidence nor a quote/],
    ["attest verify broken.json", 2, /Cannot read the evidence\n {2}"\w+" is missing/],
  ] as const)
    it(`says why it cannot do ${words}`, async () => {
      file();
      write("bad.yaml", "kinds: [tdx]\n");
      write("empty.json", '{"evidence":""}');
      write("broken.json", '{"evidence":{}}');
      const found = await orrery(words);
      assert.equal(found.exit, exit, found.err);
      assert.match(found.err, why);
    });

  it("takes the policy of the bench of the folder, where the folder has none", async () => {
    file();
    const inner = join(cwd, "bench/inner");
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(cwd, "bench/.orrery/dev"), { recursive: true });
    const verify = () => type(["attest", "verify", join(cwd, "quote.json"), "--nonce=n1", AT], { cwd: inner, env: {} });
    write(
      "bench/.orrery/dev/market.json",
      JSON.stringify({ policy: parsePolicy(POLICY, { file: "", read: () => "" }) }),
    );
    assert.equal((await verify()).out.split("\n")[0], "PASS");
    write("bench/.orrery/dev/market.json", "{}");
    assert.match((await verify()).err, /Cannot read the policy\n {2}it is null: write an object/);
  });

  it("measures this installation, as a policy names it", async () => {
    const { exit, out } = await orrery("attest base");
    assert.equal(exit, 0);
    const { base } = parsePolicy(`kinds: [tpm2]\n${out}`, { file: "attest.yaml", read: () => "" });
    assert.deepEqual(Object.keys(base), ["command", "market", "node"]);
  });

  it("does what the guide says", async () => {
    const guide = readFileSync(new URL("../../../../docs/guide/evidence.md", import.meta.url), "utf8");
    const blocks = [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind, text = ""]) => ({ kind, text }));
    const { certificate } = await makeKeyAuthority("Bench", createSystemClock());
    const madeAt = Math.floor(createSystemClock().now() / 1_000);
    const attester = createPlainAttester({ base: evidence.measurements.slice(0, 1), random: createSystemRandom() });
    const now = writeEvidence(await attester.attest({ ...evidence.claims, madeAt }));
    write("quote.json", `{"quote":${writeQuote(await quoteOf(madeAt))},"evidence":${now}}`);
    write("authority.pem", certificate);
    write("trying.yaml", POLICY);
    write("attest.yaml", blocks.find(({ kind }) => kind === "yaml")?.text ?? "");
    const lines = blocks.filter(({ kind }) => kind === "sh").flatMap(({ text }) => text.trim().split("\n"));
    for (const line of lines) {
      const { exit, out, err } = await orrery(line.replace(/^orrery /, ""));
      assert.deepEqual([exit, err], [0, ""], out);
    }
    assert.equal(lines.length, 3);
    write("attest.yaml", POLICY);
  });

  it("shows what evidence says, and what a policy takes", async () => {
    file();
    const shown = await orrery("attest show quote.json");
    assert.match(shown.out, /^kind +none: it proves nothing$/m);
    assert.match(shown.out, new RegExp(`^base orrery +sha256:${ONE}$`, "m"));
    assert.match(shown.out, /^this pod +sha256:/m);
    const policy = await orrery("attest policy");
    assert.match(policy.out, new RegExp(`^digest +${quote.terms.policy}$`, "m"));
    assert.match(policy.out, /^Note: it takes evidence of kind none/m);
  });
});

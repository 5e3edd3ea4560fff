import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import fc from "fast-check";
import type { Evidence, EvidenceClaims } from "./evidence.ts";
import { readEvidence, writeEvidence } from "./evidence-json.ts";
import { parsePolicy } from "./parse-policy.ts";
import { createPlainAttester } from "./plain-attester.ts";
import { policyDigest } from "./policy-digest.ts";
import { makeKeyAuthority } from "./system-key-authority.ts";

const { certificate } = await makeKeyAuthority("Bench", createSystemClock());
const ONE = "1".repeat(64);
const read = (file: string) => {
  if (file === "ca.pem") return certificate;
  if (file === "notes.txt") return "notes";
  throw new Error("there is no such file");
};
const parse = (text: string) => parsePolicy(text, { file: "attest.yaml", read });
const GOOD = `kinds: [tpm2]
issuers:
  - { file: ca.pem, certifies: software }
base:
  orrery: ["sha256:${ONE}"]
maxAge: 2m
`;

describe("parsePolicy", () => {
  it("reads what a publisher takes as proof", () => {
    assert.deepEqual(parse(GOOD), {
      kinds: ["tpm2"],
      issuers: [{ certificate, certifies: "software" }],
      base: { orrery: [ONE] },
      maxAgeS: 120,
    });
    assert.deepEqual(parse("kinds: [none]"), { kinds: ["none"], issuers: [], base: {}, maxAgeS: 300 });
  });

  for (const [text, why] of [
    ["", /attest\.yaml:1:1: "kinds" is missing/],
    [GOOD.replace("kinds", "kind"), /attest\.yaml:1:1: there is no "kind": did you mean "kinds"/],
    [GOOD.replace("tpm2", "tdx"), /attest\.yaml:1:9: "kinds\[0\]" .*tpm2/],
    [
      GOOD.replace("ca.pem", "cb.pem"),
      /attest\.yaml:3:13: "issuers\[0\]": cannot read "cb\.pem": there is no such file\n.*\n +\^/,
    ],
    [GOOD.replace("ca.pem", "notes.txt"), /"notes\.txt" is no certificate in PEM/],
    [GOOD.replace("file: ca.pem, ", ""), /write either file or certificate/],
    [GOOD.replace("software", "anything"), /"issuers\[0\]\.certifies" is "anything": write hardware, software/],
    [GOOD.replace("sha256:", "md5:"), /attest\.yaml:5:12: /],
    [GOOD.replace("2m", "soon"), /attest\.yaml:6:9: /],
    [GOOD.replace("2m", "0s"), /"maxAge" is less than a second/],
  ] as const)
    it(`tells where and what is wrong: ${why}`, () => assert.throws(() => parse(text), why));
});

describe("policyDigest", () => {
  it("is of what is taken, however it is written, and of all of it", () => {
    const digest = policyDigest(parse(GOOD));
    const inline = GOOD.replace("2m", "120s").replace(
      "file: ca.pem",
      `certificate: ${JSON.stringify(`${certificate}\n`)}`,
    );
    assert.equal(policyDigest(parse(inline)), digest);
    const others = [GOOD.replace("2m", "3m"), GOOD.replace("software", "hardware"), GOOD.replace(ONE, "2".repeat(64))];
    others.push(GOOD.replace("[tpm2]", "[tpm2, none]"), GOOD.replace("orrery:", "node:"), "kinds: [tpm2]");
    assert.equal(new Set([digest, ...others.map((text) => policyDigest(parse(text)))]).size, 7);
  });
});

describe("readEvidence", () => {
  const claims: EvidenceClaims = {
    ...{ nonce: "n1", session: `0x${"5".repeat(40)}`, sealTo: "c".repeat(64), manifest: `0x${"7".repeat(64)}` },
    ...{ images: [`sha256:${"a".repeat(64)}`], madeAt: 1_000 },
  };
  const attester = createPlainAttester({
    base: [{ kind: "base", name: "orrery", digest: ONE }],
    random: createSystemRandom(),
  });

  it("reads what writeEvidence writes, and nothing else", async () => {
    const evidence: Evidence = { ...(await attester.attest(claims)), quote: "AAAA", certificates: [certificate] };
    const text = writeEvidence(evidence);
    assert.deepEqual(readEvidence(text), evidence);
    for (const [part, instead, why] of [
      ['"none"', '"sgx"', /"kind" is "sgx": write one of tpm2, none/],
      ['"n1"', '""', /"claims\.nonce" is "": write 1 to 128 letters/],
      [`"0x${"5".repeat(40)}"`, '"0x5"', /"claims\.session" is "0x5": write 0x and 20 bytes in hex/],
      ['"madeAt":1000', '"madeAt":-1', /"claims\.madeAt" is -1: write a whole number/],
      ["sha256:a", "sha256:z", /"claims\.images\.0"/],
      ['"base"', '"bios"', /"measurements\.0\.kind" is "bios": write base or pod/],
      [ONE, "11", /"measurements\.0\.digest"/],
      ['"index":1', '"index":1.5', /"pod\.index" is 1\.5/],
      ['"AAAA"', '"A-"', /"quote" is "A-"/],
      ['"certificates":[', '"certificates":["",', /"certificates\.0" is "": write a certificate/],
      ['"claims"', '"claim"', /"claims" is missing: write an object/],
      [text, "[]", /it is \[\]: write an object/],
      [text, " ".repeat(5_000_000), /it has 5000000 letters, up to 4194304 fit/],
    ] as const)
      assert.throws(() => readEvidence(text.replace(part, instead)), why);
  });

  it("crashes on no text", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          readEvidence(text);
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, "invalid_argument");
        }
      }),
    ));
});

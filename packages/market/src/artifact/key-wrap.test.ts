import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemRandom } from "@orrery/core";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSealKey, sealKeyOf, sealKeyOfWallet } from "../keys/system-seal-key.ts";
import { readWrap, type WrapContext, writeWrap } from "./key-wrap.ts";
import { openWrap, wrapKey } from "./system-key-wrap.ts";

const KEY = createSystemRandom().bytes(32);
const CONTEXT: WrapContext = {
  artifact: `sha256:${"a".repeat(64)}`,
  about: { kind: "secret", app: "shop", name: "token" },
  purpose: "run",
};

describe("wrapKey", () => {
  it("closes a key for one recipient, who opens it for what it is of alone", async () => {
    const [own, other] = [createSealKey(), createSealKey()];
    const wrap = readWrap(writeWrap(await wrapKey(KEY, { to: own.sealTo, context: CONTEXT })));
    assert.deepEqual(new Uint8Array(await openWrap(wrap, { key: own, context: CONTEXT })), new Uint8Array(KEY));
    const denied = { code: "permission_denied" };
    await assert.rejects(openWrap(wrap, { key: other, context: CONTEXT }), denied);
    const readdressed = { ...wrap, to: other.sealTo };
    await assert.rejects(openWrap(readdressed, { key: other, context: CONTEXT }), denied);
    const others: readonly Partial<WrapContext>[] = [
      { artifact: `sha256:${"b".repeat(64)}` },
      { purpose: "keep" },
      { purpose: "own" },
      { about: { ...CONTEXT.about, app: "shop2" } },
      { about: { ...CONTEXT.about, name: "tokens" } },
      { about: { ...CONTEXT.about, kind: "image" } },
    ];
    for (const part of others)
      await assert.rejects(
        openWrap(wrap, { key: own, context: { ...CONTEXT, ...part } }),
        denied,
        JSON.stringify(part),
      );
    const bytes = Buffer.from(wrap.closed, "base64");
    for (let at = 0; at < bytes.length; at++) {
      const turned = Buffer.from(bytes);
      turned[at] = (turned[at] ?? 0) ^ 1;
      const changed = { ...wrap, closed: turned.toString("base64") };
      await assert.rejects(openWrap(changed, { key: own, context: CONTEXT }), denied, `byte ${at}`);
    }
    const again = await wrapKey(KEY, { to: own.sealTo, context: CONTEXT });
    assert.notEqual(again.closed, wrap.closed);
  });

  it("wraps to no point that makes every secret alike, and to nothing that is no key", async () => {
    for (const to of ["0".repeat(64), `01${"0".repeat(62)}`, "ab", "x".repeat(64)])
      await assert.rejects(wrapKey(KEY, { to, context: CONTEXT }), /is no X25519 key/, to);
    await assert.rejects(wrapKey(KEY.subarray(1), { to: createSealKey().sealTo, context: CONTEXT }), /31 bytes/);
  });

  // RFC 9180, A.1: the recipient's key pair.
  it("has the public key that RFC 9180 has", () => {
    const secret = Buffer.from("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8", "hex");
    assert.equal(sealKeyOf(secret).sealTo, "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  });
});

describe("readWrap", () => {
  it("reads nothing but wraps", async () => {
    const wrap = await wrapKey(KEY, { to: createSealKey().sealTo, context: CONTEXT });
    const changed = (part: object) => JSON.stringify({ ...wrap, ...part });
    for (const [text, why] of [
      ["", /no object of JSON/],
      ["null", /no object of JSON/],
      ["[]", /"artifact" is no digest/],
      [changed({ artifact: "sha256:ab" }), /"artifact" is no digest/],
      [changed({ about: { kind: "image" } }), /does not say kind, app and name/],
      [changed({ about: { kind: "image", app: "a b", name: "c" } }), /without spaces/],
      [changed({ purpose: "all" }), /none of own, keep, run/],
      [changed({ to: "AB".repeat(32) }), /no X25519 key/],
      [changed({ closed: "AAAA" }), /not 80 bytes/],
      [changed({ more: "x".repeat(3_000) }), /up to 2048 fit/],
    ] as const)
      assert.throws(() => readWrap(text), why);
    assert.deepEqual(readWrap(changed({ more: 1 })), wrap, "what is not known is left out");
  });
});

describe("sealKeyOfWallet", () => {
  it("is the same for one wallet, and another for each", async () => {
    const [one, two] = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())];
    assert.deepEqual(await sealKeyOfWallet(one), await sealKeyOfWallet(one));
    assert.notEqual((await sealKeyOfWallet(one)).sealTo, (await sealKeyOfWallet(two)).sealTo);
    let times = 0;
    const unsteady = { address: one.address, signTypedData: async () => `0x0${times++}` as const };
    await assert.rejects(sealKeyOfWallet(unsteady), /signs the same text differently each time/);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressOf, KEYS } from "../testing/chain/chain-harness.ts";
import { createWalletAuthorization } from "./wallet-authorization.ts";
import { accountOfAgent, createWalletDoor } from "./wallet-door.ts";
import { readWalletToken, signWalletToken } from "./wallet-token.ts";

const METHOD = "/orrery.market.v1.ProviderService/Deploy";
const AUDIENCE = addressOf("provider");
const NOW_S = 2_000_000_000;

let draws = 0;
const random = { bytes: (count: number) => new Uint8Array(count).fill(++draws) };

/** A door, and what says who asks, with clocks of their own. */
function meeting({ doorS = NOW_S, walletS = NOW_S, noncesMax = 10 } = {}) {
  const clock = { now: () => doorS * 1_000 };
  const authenticate = createWalletDoor({ audience: AUDIENCE, clock, noncesMax });
  const sign = createWalletAuthorization(KEYS.publisher, {
    ...{ audience: AUDIENCE, random },
    clock: { now: () => walletS * 1_000 },
  });
  return {
    token: async () => (await sign(undefined, { path: METHOD })) ?? assert.fail(),
    ask: async (header: string | undefined, path = METHOD) =>
      authenticate({ get: () => header ?? null }, { remoteAddress: "", path }),
    pass: (seconds: number) => {
      doorS += seconds;
      walletS += seconds;
    },
    sign,
  };
}

/** Signs claims that differ from good ones. */
async function signed(change: object): Promise<string> {
  const { token } = meeting();
  const { claims } = readWalletToken(await token()) ?? assert.fail();
  return signWalletToken({ ...claims, ...change }, KEYS.publisher);
}

describe("createWalletDoor", () => {
  it("knows the wallet that signed, and nobody where nothing is said", async () => {
    const { ask, token } = meeting();
    const agent = await ask(await token());
    assert.equal(agent, `wallet:${addressOf("publisher")}`);
    assert.equal(accountOfAgent(agent), addressOf("publisher"));
    assert.equal(await ask(undefined), "anonymous");
    assert.equal(accountOfAgent("anonymous"), undefined);
  });

  it("takes a token once, however often it comes at a time", async () => {
    const { ask, token, sign } = meeting();
    const one = await token();
    const came = await Promise.allSettled([ask(one), ask(one), ask(one)]);
    assert.deepEqual(came.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected"]);
    await assert.rejects(ask(one), { code: "unauthenticated", message: /it was taken before; sign another/ });
    assert.equal(await sign(one, { path: METHOD }), undefined); // Nothing else is said in its place.
  });

  for (const [what, change, message] of [
    ["for another account", { audience: addressOf("stranger") }, /it is for 0x.{40}, and this is 0x/],
    [
      "for another method",
      { method: "/orrery.market.v1.ProviderService/Delete" },
      /it is for .*Delete, and .*Deploy is/,
    ],
    ["of another wallet", { wallet: addressOf("stranger") }, /0x.{40} did not sign it$/],
    ["good for an hour", { expires: NOW_S + 3_600 }, /it is good for 3600 s; 60 s are the most$/],
    ["that is over before it begins", { expires: NOW_S - 1 }, /it is good for -1 s/],
  ] as const)
    it(`refuses one ${what}`, async () => {
      const { ask } = meeting();
      await assert.rejects(ask(await signed(change)), { code: "unauthenticated", message });
    });

  it("refuses one that was changed, or is none", async () => {
    const { ask, token } = meeting();
    const good = await token();
    const { claims, signature } = readWalletToken(good) ?? assert.fail();
    const later = Buffer.from(JSON.stringify({ ...claims, expires: claims.expires - 1 })).toString("base64url");
    await assert.rejects(ask(`Wallet ${later}.${signature}`), { message: /did not sign it$/ });
    for (const none of [
      "Bearer x",
      "Wallet x",
      `Wallet e30.${signature}`,
      good.slice(0, -1),
      `Wallet ${"a".repeat(9_000)}`,
    ])
      await assert.rejects(ask(none), { code: "unauthenticated", message: /it is none; write "Wallet"/ });
    await ask(good);
  });

  it("says how wrong a clock is, and bears with half a minute", async () => {
    for (const walletS of [NOW_S - 89, NOW_S + 30]) {
      const near = meeting({ walletS });
      await near.ask(await near.token());
    }
    const behind = meeting({ walletS: NOW_S - 300 });
    await assert.rejects(behind.ask(await behind.token()), { message: /signed 5 min ago by your clock.*behind$/ });
    const ahead = meeting({ walletS: NOW_S + 10_000 });
    await assert.rejects(ahead.ask(await ahead.token()), { message: /your clock is 3 h ahead of this one; set it$/ });
  });

  it("remembers so many tokens at most, and forgets those that are over", async () => {
    const { ask, token, pass } = meeting({ noncesMax: 2 });
    const first = await token();
    await ask(first);
    await ask(await token());
    await assert.rejects(ask(await token()), { code: "resource_exhausted", message: /2 are remembered, try again$/ });
    pass(91);
    await ask(await token());
    await assert.rejects(ask(first), { message: /by your clock/ });
  });
});

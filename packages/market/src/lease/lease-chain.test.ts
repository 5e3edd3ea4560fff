import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { mnemonicToAccount } from "viem/accounts";
import { LeaseBench, type Look, signer } from "../testing/lease-bench.ts";
import type { Cast } from "../testing/play/cast.ts";
import { LeasePlay } from "../testing/play/lease-play.ts";
import type { Account } from "./terms.ts";

const CALLS = Number(process.env["ORRERY_CALLS"] ?? (process.env["ORRERY_LONG"] === "1" ? 100_000 : 500));
const SEED = Number(process.env["ORRERY_SEED"] ?? 1);
/** Phrase of the node's own accounts. */
const PHRASE = "test test test test test test test test test test test junk";
const AT = 2_000_000_000;

function castOf(accounts: readonly Account[]): Cast {
  const keys = new Map(
    accounts.map((account, addressIndex) => [account, mnemonicToAccount(PHRASE, { addressIndex }) as never]),
  );
  const others = [1, 2, 3, 4, 5].map((number) => signer(0xa000 + number));
  const names = others.map(({ address, ...rest }) => {
    const account = address.toLowerCase() as Account;
    keys.set(account, { address, ...rest } as never);
    return account;
  });
  const [publisher, payer, first, second, stranger] = accounts as [Account, Account, Account, Account, Account];
  return {
    publisher,
    payer,
    providers: [first, second],
    stranger,
    keys,
    sessions: names.slice(0, 2),
    watchers: names.slice(2),
  };
}

/** As the model prints it: the chain's addresses in small letters, its numbers as they are. */
function alike({ held, found, owned }: Look): unknown {
  const plain = (value: unknown) =>
    typeof value === "string" ? value.toLowerCase() : typeof value === "bigint" ? `${value}` : `${String(value)}`;
  const all = (record: object) =>
    Object.fromEntries(
      Object.entries(record)
        .map(([name, value]) => [name, plain(value)])
        .sort(([one = ""], [other = ""]) => one.localeCompare(other)),
    );
  return { held: plain(held), found: found.map(all), owned: owned.map(all) };
}

describe("Leases.sol and its model", () => {
  let bench: LeaseBench;
  before(async () => {
    bench = await LeaseBench.open();
    await bench.endow(10n ** 12n);
  });
  after(() => bench.chain.stop());

  it(`end alike after each of ${CALLS} calls by chance, and lose no unit`, async (t) => {
    const play = new LeasePlay({
      chain: bench,
      random: createSeededRandom(SEED),
      cast: castOf(bench.accounts),
      at: AT,
    });
    const seen = new Map<string, number>();
    const gas = new Map<string, number>();
    for (let call = 0; call < CALLS; call++) {
      const { name, text, told, sent } = await play.step();
      if (sent.refusal === undefined) gas.set(name, Math.max(gas.get(name) ?? 0, sent.gas));
      seen.set(`${name} ${told}`, (seen.get(`${name} ${told}`) ?? 0) + 1);
      assert.equal(sent.refusal ?? "", told, `call ${call}: ${text}`);
      const look = await bench.look(play.names());
      assert.deepEqual(alike(look), alike(play.expected(bench.accounts)), `call ${call}: ${text}`);
      assert.equal(play.sum(), look.held, `call ${call}: ${text}`);
    }
    for (const [what, count] of [...seen].sort()) t.diagnostic(`${what.trim()}: ${count}`);
    for (const [what, most] of gas) t.diagnostic(`gas of ${what}: ${most}`);
  });
});

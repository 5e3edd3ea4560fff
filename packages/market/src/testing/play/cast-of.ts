import { mnemonicToAccount } from "viem/accounts";
import type { Account } from "../../lease/terms.ts";
import { signer } from "../lease-bench.ts";
import type { Cast } from "./cast.ts";

/** Phrase of the accounts of test nodes, as everybody knows it. */
export const PHRASE = "test test test test test test test test test test test junk";

/** Gives parts to the accounts of a node; keys that only sign are for sessions and watchers. */
export function castOf(accounts: readonly Account[]): Cast {
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

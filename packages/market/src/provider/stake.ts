import { OrreryError } from "@orrery/core";
import type { LeaseChain } from "../chain/lease-chain.ts";
import { coverBalance, readChain, sendOrThrow } from "../publisher/money.ts";

/** What an operator does with a provider's money. Base units. */
export type MoneyMove =
  /** Puts so much at stake: of what the contract has of the account, and of its wallet for what is short. */
  | { readonly kind: "stake"; readonly amount: bigint }
  /** Asks for so much of the free stake back: it leaves after `UNBONDING_S`, and so does all that is leaving already, which waits anew. */
  | { readonly kind: "unstake"; readonly amount: bigint }
  /** Brings all that the account has in the contract to its wallet: what leases paid, what was put in, and what of the stake has left. */
  | { readonly kind: "withdraw" };

/**
 * Moves a provider's money. What an earlier try put into the contract is not taken from the wallet again.
 * @returns how much it was; 0 where there was nothing to withdraw
 * @throws OrreryError `failed_precondition` where the contract refuses it, `unavailable` while the chain is unknown
 */
export async function moveMoney(chain: LeaseChain, move: MoneyMove): Promise<bigint> {
  if (move.kind === "withdraw") return await withdrawAll(chain);
  if (move.kind === "stake") await coverBalance(chain, move.amount);
  await sendOrThrow(chain, move);
  return move.amount;
}

async function withdrawAll(chain: LeaseChain): Promise<bigint> {
  const { account } = chain;
  const { at, state } = await readChain(chain, { accounts: [account] });
  const [own] = state.accounts;
  if (own === undefined) throw new OrreryError("internal", `Cannot withdraw: the chain says nothing of ${account}`);
  const { unbonding, unbondedAt } = own.stake;
  const hasLeft = unbonding > 0n && at >= unbondedAt;
  if (hasLeft) await sendOrThrow(chain, { kind: "unbond" });
  const amount = own.balance + (hasLeft ? unbonding : 0n);
  if (amount > 0n) await sendOrThrow(chain, { kind: "withdraw", amount, to: account });
  return amount;
}

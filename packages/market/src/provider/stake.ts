import { OrreryError } from "@orrery/core";
import type { LeaseChain } from "../chain/lease-chain.ts";
import { coverBalance, readChain, sendOrThrow } from "../publisher/money.ts";

/**
 * Puts so much at stake: of what the contract has of the account, and of its wallet for what is short. What an earlier try put into the contract is not
 * taken from the wallet again.
 * @throws OrreryError `failed_precondition` where the contract refuses it, `unavailable` while the chain is unknown
 */
export async function addStake(chain: LeaseChain, amount: bigint): Promise<void> {
  await coverBalance(chain, amount);
  await sendOrThrow(chain, { kind: "stake", amount });
}

/**
 * Asks for so much of the free stake back: it leaves after `UNBONDING_S`, and so does all that is leaving already, which waits anew.
 * @throws OrreryError as `addStake` does
 */
export async function takeStakeBack(chain: LeaseChain, amount: bigint): Promise<void> {
  await sendOrThrow(chain, { kind: "unstake", amount });
}

/**
 * Brings all that the account has in the contract to its wallet: what leases paid, what was put in, and what of the stake has left. Stake that is leaving
 * still stays.
 * @returns how much it was; 0 for nothing
 * @throws OrreryError as `addStake` does
 */
export async function withdrawAll(chain: LeaseChain): Promise<bigint> {
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

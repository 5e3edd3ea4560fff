import { OrreryError } from "@orrery/core";
import type { ChainCall } from "../chain/calls.ts";
import type { ChainState, LeaseChain, Sent } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Account, Digest } from "../lease/terms.ts";

/** Makes a call, and waits for its block. @throws OrreryError that says whether it may be made again, where it did not end in one */
export async function sendOrThrow(chain: LeaseChain, call: ChainCall): Promise<Extract<Sent, { kind: "mined" }>> {
  const sent = await chain.send(call);
  switch (sent.kind) {
    case "mined":
      return sent;
    case "refused":
      throw new OrreryError("failed_precondition", sent.message, { details: { refusal: sent.refusal } });
    case "unknown":
      throw new OrreryError("unavailable", sent.message, { kind: "timeout", definite: false });
    default:
      throw new OrreryError("unavailable", `${sent.message}; nothing was done, try again`);
  }
}

/** Reads the newest block. @throws OrreryError `unavailable` while the chain is unknown */
export async function readChain(
  chain: LeaseChain,
  query: { readonly leases?: readonly Digest[]; readonly accounts?: readonly Account[] },
): Promise<{ readonly at: number; readonly state: ChainState }> {
  const reading = await chain.read(query, "latest");
  if (reading.kind === "known") return { at: reading.block.at, state: reading.state };
  throw new OrreryError("unavailable", `Cannot read the chain: ${reading.why}; nothing was done, try again`);
}

/** How a lease stands on the chain. @throws OrreryError `unavailable` while the chain is unknown */
export async function readLease(chain: LeaseChain, lease: Digest): Promise<LeaseState & { readonly at: number }> {
  const { at, state } = await readChain(chain, { leases: [lease] });
  const [found] = state.leases;
  if (found === undefined) throw new TypeError(`the chain says nothing of lease ${lease}`);
  return { ...found, at };
}

/** Has the account of this wallet have so much in the contract at least: what is short comes from the wallet. Tells how much that was. */
export async function coverBalance(chain: LeaseChain, amount: bigint): Promise<bigint> {
  const { account } = chain;
  const { state } = await readChain(chain, { accounts: [account] });
  const short = amount - (state.accounts[0]?.balance ?? 0n);
  if (short <= 0n) return 0n;
  await sendOrThrow(chain, { kind: "approve", amount: short });
  await sendOrThrow(chain, { kind: "deposit", account, amount: short });
  return short;
}

import type { Hex } from "viem";
import type { Recover, SignedData } from "../../lease/recover.ts";
import { type Account, NOBODY } from "../../lease/terms.ts";
import { type LeaseDomain, leaseName, watchersDigest } from "../../lease/typed-data.ts";
import type { ChainCall } from "../calls.ts";

/** Who signed what a call brings. */
export interface Signers {
  /** Nobody where there is nothing to sign, or no signature. */
  readonly signer: Account;
  /** Whether the watchers of the terms, and enough of them, signed. */
  readonly agreed: boolean;
}

/** Where signatures are good, and how it is found out whose they are. */
export interface SignersOptions {
  readonly domain: LeaseDomain;
  readonly recover: Recover;
}

/** Finds out who signed what a call brings, as the contract does. */
export async function signersOf(call: ChainCall, options: SignersOptions): Promise<Signers> {
  const recover = (primaryType: SignedData["primaryType"], message: object, signature: Hex) =>
    options.recover({ domain: options.domain, primaryType, message, signature });
  const by = (signer: Account): Signers => ({ signer, agreed: false });
  switch (call.kind) {
    case "open":
      return by(await recover("Terms", call.terms, call.quote));
    case "redeem": {
      const voucher = { lease: leaseName(call.terms), total: call.total, upTo: call.upTo };
      return by(await recover("Voucher", voucher, call.signature));
    }
    case "show":
    case "answer":
    case "comeBack":
    case "propose":
      return by(await recover("Beat", call.beat, call.signature));
    case "reportDark": {
      const window = { lease: leaseName(call.terms), from: call.from, to: call.to };
      const signed = await Promise.all(call.signatures.map((one) => recover("Darkness", window, one)));
      const watchers = call.watchers.map((one) => one.toLowerCase() as Account);
      const count = watchers.filter((watcher, at) => signed[at] === watcher).length;
      const rising = watchers.every((watcher, at) => at === 0 || (watchers[at - 1] as Account) < watcher);
      const areThose = rising && watchersDigest(watchers) === call.terms.watchers;
      return { signer: NOBODY, agreed: areThose && call.terms.quorum > 0 && count >= call.terms.quorum };
    }
    default:
      return by(NOBODY);
  }
}

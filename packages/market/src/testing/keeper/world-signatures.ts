import { type Hex, sha256, stringToBytes } from "viem";
import type { Recover, SignedData, Signer } from "../../lease/recover.ts";
import { type Account, NOBODY } from "../../lease/terms.ts";

/**
 * Signatures of a simulated world: the account, and a digest of its secret and of what is signed. Nobody in the world asks for the secret of another.
 * They take a thousandth of the time of those of the chain, so that many worlds can be run.
 */
export function worldSigner(address: Account): Signer {
  const signTypedData = (typed: { primaryType: string; message: object; domain: { verifyingContract?: string } }) =>
    Promise.resolve(signatureOf(address, typed.primaryType as SignedData["primaryType"], typed.message));
  return { address, signTypedData: signTypedData as unknown as Signer["signTypedData"] };
}

/** Finds out who signed, as `recoverSigner` does for those of the chain. */
export const recoverInWorld: Recover = ({ primaryType, message, signature }) => {
  const address = signature.slice(0, 42) as Account;
  return Promise.resolve(signatureOf(address, primaryType, message) === signature ? address : NOBODY);
};

/** Signs for an account. */
export function signatureOf(address: Account, primaryType: SignedData["primaryType"], message: object): Hex {
  const fields = Object.entries(message)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value).toLowerCase()}`);
  return `${address}${sha256(stringToBytes(`secret of ${address}|${primaryType}|${fields.join("|")}`)).slice(2)}`;
}

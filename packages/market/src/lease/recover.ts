import { type Hex, type LocalAccount, type RecoverTypedDataAddressParameters, recoverTypedDataAddress } from "viem";
import { type Account, NOBODY } from "./terms.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain } from "./typed-data.ts";

/** Typed data of a contract with a signature of it. */
export interface SignedData {
  readonly domain: LeaseDomain;
  readonly primaryType: keyof typeof LEASE_TYPES;
  readonly message: object;
  readonly signature: Hex;
}

/** Finds out who signed typed data; nobody where it is no signature. Accounts are in small letters. */
export type Recover = (signed: SignedData) => Promise<Account>;

/** What signs typed data for an account. */
export type Signer = Pick<LocalAccount, "address" | "signTypedData">;

/** Who signed typed data, by the curve of the chain, in small letters; undefined where it is no signature. */
export async function typedSigner(signed: RecoverTypedDataAddressParameters): Promise<Account | undefined> {
  try {
    return (await recoverTypedDataAddress(signed)).toLowerCase() as Account;
  } catch {
    return undefined;
  }
}

/** Finds out who signed by the curve of the chain. A simulated world may have another way, which takes less time. */
export const recoverSigner: Recover = async ({ domain, primaryType, message, signature }) => {
  const typed = { domain: domainOf(domain), types: LEASE_TYPES, primaryType, message: message as never, signature };
  return (await typedSigner(typed)) ?? NOBODY;
};

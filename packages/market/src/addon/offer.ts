import { stableText } from "@orrery/mesh/internal";
import { type Hex, type LocalAccount, sha256, stringToBytes } from "viem";
import { typedSigner } from "../lease/recover.ts";
import type { Account, Digest } from "../lease/terms.ts";
import { domainOf, type LeaseDomain } from "../lease/typed-data.ts";

/** What a provider offers to everybody for a time: not binding as a quote is, and good for finding it. */
export interface Offer {
  readonly provider: Account;
  /** Where it is asked for quotes. */
  readonly url: string;
  /** Prices, free capacity and conditions, as plain data. */
  readonly content: unknown;
  /** Seconds since 1970. */
  readonly expires: number;
  /** One with a higher number takes the place of those before. */
  readonly sequence: number;
}

/** An offer with its provider's signature. */
export interface SignedOffer extends Offer {
  readonly signature: Hex;
}

const TYPES = {
  Offer: [
    { name: "provider", type: "address" },
    { name: "url", type: "string" },
    { name: "content", type: "bytes32" },
    { name: "expires", type: "uint40" },
    { name: "sequence", type: "uint64" },
  ],
} as const;

/** Signs an offer as typed data; its content by the digest of its stable JSON. */
export async function signOffer(
  offer: Offer,
  { key, domain }: { readonly key: LocalAccount; readonly domain: LeaseDomain },
): Promise<SignedOffer> {
  return { ...offer, signature: await key.signTypedData(typedOf(offer, domain)) };
}

/** Whether its provider signed an offer as it is. */
export async function isOfferSigned({ signature, ...offer }: SignedOffer, domain: LeaseDomain): Promise<boolean> {
  const signer = await typedSigner({ ...typedOf(offer, domain), signature });
  return signer === offer.provider.toLowerCase();
}

function typedOf({ content, sequence, ...offer }: Offer, domain: LeaseDomain) {
  const digest: Digest = sha256(stringToBytes(stableText(content)));
  const message = { ...offer, content: digest, sequence: BigInt(sequence) };
  return { domain: domainOf(domain), types: TYPES, primaryType: "Offer", message } as const;
}

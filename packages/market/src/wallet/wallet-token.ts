import type { Hex, LocalAccount } from "viem";
import { typedSigner } from "../lease/recover.ts";
import type { Account } from "../lease/terms.ts";

/** What a wallet says in a token: that it asks one method of one account, once, now. */
export interface WalletClaims {
  readonly wallet: Account;
  /** Who is asked: nobody else takes the token. */
  readonly audience: Account;
  /** Path of the method, such as `/orrery.market.v1.ProviderService/Deploy`. */
  readonly method: string;
  /** Seconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  /** 16 bytes in hex, never used before. */
  readonly nonce: Hex;
}

/** A token as it was read: nothing in it is proven yet. */
export interface SaidToken {
  readonly claims: WalletClaims;
  readonly signature: Hex;
}

const DOMAIN = { name: "Orrery Wallet", version: "1" } as const;

const TYPES = {
  Request: [
    { name: "wallet", type: "address" },
    { name: "audience", type: "address" },
    { name: "method", type: "string" },
    { name: "issued", type: "uint40" },
    { name: "expires", type: "uint40" },
    { name: "nonce", type: "bytes16" },
  ],
} as const;

const ADDRESS = /^0x[0-9a-f]{40}$/;

/** The header `authorization` by which a wallet asks, signed as typed data (EIP-712): `Wallet <JSON in base64url>.<signature>`. */
export async function signWalletToken(claims: WalletClaims, key: LocalAccount): Promise<string> {
  const signature = await key.signTypedData({
    domain: DOMAIN,
    types: TYPES,
    primaryType: "Request",
    message: claims,
  });
  return `Wallet ${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
}

/** Reads such a header; undefined for anything else. */
export function readWalletToken(header: string): SaidToken | undefined {
  const [, text, signature] = /^Wallet ([\w-]{1,1900})\.(0x[0-9a-f]{130})$/i.exec(header) ?? [];
  if (text === undefined || signature === undefined) return undefined;
  try {
    const said: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return areClaims(said) ? { claims: said, signature: signature as Hex } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the wallet signed it. */
export async function isOfItsWallet({ claims, signature }: SaidToken): Promise<boolean> {
  const typed = { domain: DOMAIN, types: TYPES, primaryType: "Request", message: { ...claims } } as const;
  return (await typedSigner({ ...typed, signature })) === claims.wallet;
}

function areClaims(said: unknown): said is WalletClaims {
  if (typeof said !== "object" || said === null) return false;
  const { wallet, audience, method, issued, expires, nonce } = said as Record<string, unknown>;
  const isTime = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 40;
  return (
    isText(wallet, ADDRESS) &&
    isText(audience, ADDRESS) &&
    isText(method, /^\/[\w./-]{1,256}$/) &&
    isText(nonce, /^0x[0-9a-f]{32}$/) &&
    isTime(issued) &&
    isTime(expires)
  );
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

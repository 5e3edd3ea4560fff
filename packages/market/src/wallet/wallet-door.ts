import { type Clock, OrreryError } from "@orrery/core";
import type { Authenticate } from "@orrery/http";
import type { Account } from "../lease/terms.ts";
import { NONCES_MAX, TOKEN_CHARS_MAX, TOKEN_S_MAX, TOKEN_SKEW_S } from "./limits.ts";
import { isOfItsWallet, readWalletToken, type WalletClaims } from "./wallet-token.ts";

/** Agent of whoever says nothing of themselves. */
export const NOBODY_KNOWN = "anonymous";

/** Options of `createWalletDoor`. */
export interface WalletDoorOptions {
  /** Account whose door it is: tokens for others are not taken. */
  readonly audience: Account;
  /** Tells the time, which tokens are good by. */
  readonly clock: Pick<Clock, "now">;
  /** Default: `NONCES_MAX`. */
  readonly noncesMax?: number;
}

/** The name under which a wallet is an agent: `wallet:0x…`, in small letters. */
export function walletAgent(account: Account): string {
  return `wallet:${account.toLowerCase()}`;
}

/** The account of such an agent; undefined for every other agent. */
export function accountOfAgent(agent: string): Account | undefined {
  return /^wallet:0x[0-9a-f]{40}$/.test(agent) ? (agent.slice("wallet:".length) as Account) : undefined;
}

/**
 * Knows by its token which wallet asks, for `authenticate` of `createHttpDoor`. Who says nothing is `anonymous`.
 * I1: a token is taken once. I2: what was looked at is remembered for as long as the token is good, and no longer; beyond the bound none is taken.
 * I3: a token is taken for one method of one account, which its wallet signed.
 */
export function createWalletDoor({ audience, clock, noncesMax = NONCES_MAX }: WalletDoorOptions): Authenticate {
  const own = audience.toLowerCase();
  /** When each token that was taken is over, by wallet and nonce; in about that order. */
  const taken = new Map<string, number>();
  const forget = (nowS: number) => {
    for (const [name, until] of taken) {
      if (until >= nowS) return;
      taken.delete(name); // I2
    }
  };
  return async (headers, { path }) => {
    const header = headers.get("authorization");
    if (header === null) return NOBODY_KNOWN;
    const token = header.length > TOKEN_CHARS_MAX ? undefined : readWalletToken(header);
    if (token === undefined)
      throw refused('it is none; write "Wallet", the claims in base64url, a point and the signature');
    const { claims } = token;
    if (claims.audience !== own) throw refused(`it is for ${claims.audience}, and this is ${own}`);
    if (claims.method !== path) throw refused(`it is for ${claims.method}, and ${path} is asked`); // I3
    const nowS = Math.floor(clock.now() / 1_000);
    const late = whyNotNow(claims, nowS);
    if (late !== undefined) throw refused(late);
    if (!(await isOfItsWallet(token))) throw refused(`${claims.wallet} did not sign it`); // I3
    forget(nowS);
    const name = `${claims.wallet} ${claims.nonce}`;
    if (taken.has(name)) throw refused("it was taken before; sign another for each call"); // I1
    if (taken.size >= noncesMax)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot take the wallet's token: ${noncesMax} are remembered, try again`,
      );
    taken.set(name, claims.expires + TOKEN_SKEW_S);
    return walletAgent(claims.wallet);
  };
}

function whyNotNow({ issued, expires }: WalletClaims, nowS: number): string | undefined {
  if (expires <= issued || expires - issued > TOKEN_S_MAX)
    return `it is good for ${expires - issued} s; ${TOKEN_S_MAX} s are the most`;
  if (issued > nowS + TOKEN_SKEW_S) return `your clock is ${spanOf(issued - nowS)} ahead of this one; set it`;
  if (expires < nowS - TOKEN_SKEW_S)
    return `it was signed ${spanOf(nowS - issued)} ago by your clock; sign another, or set the clock if it is that much behind`;
  return undefined;
}

/** A time for people. */
function spanOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

function refused(why: string): OrreryError {
  return new OrreryError("unauthenticated", `Cannot take the wallet's token: ${why}`);
}

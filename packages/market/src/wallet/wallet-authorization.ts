import type { Clock, Random } from "@orrery/core";
import type { HttpCall } from "@orrery/http";
import { bytesToHex, type LocalAccount } from "viem";
import type { Account } from "../lease/terms.ts";
import { TOKEN_S_MAX } from "./limits.ts";
import { signWalletToken } from "./wallet-token.ts";

/** Options of `createWalletAuthorization`. */
export interface WalletAuthorizationOptions {
  /** Account of whoever is asked. */
  readonly audience: Account;
  /** Tells the time, which tokens are good by. */
  readonly clock: Pick<Clock, "now">;
  /** Gives nonces. */
  readonly random: Pick<Random, "bytes">;
}

/**
 * Signs a token for each call of a service, as `authorization` of `createHttpClient` of @orrery/http asks for it. A token that was refused has no
 * other in its place: the refusal says why.
 */
export function createWalletAuthorization(
  key: LocalAccount,
  { audience, clock, random }: WalletAuthorizationOptions,
): (refused: string | undefined, call: HttpCall) => Promise<string | undefined> {
  return async (refused, { path }) => {
    if (refused !== undefined) return undefined;
    const issued = Math.floor(clock.now() / 1_000);
    const claims = {
      wallet: key.address.toLowerCase() as Account,
      audience: audience.toLowerCase() as Account,
      method: path,
      issued,
      expires: issued + TOKEN_S_MAX,
      nonce: bytesToHex(random.bytes(16)),
    };
    return await signWalletToken(claims, key);
  };
}

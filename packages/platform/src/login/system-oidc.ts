import { OrreryError } from "@orrery/core";
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { ID_TOKEN_AGE_S } from "./limits.ts";
import type { Oidc } from "./oidc.ts";
import { createIssuer, type IssuerOptions } from "./system-issuer.ts";

/** What an operator says of an issuer. */
export interface OidcOptions extends IssuerOptions {
  /** Address of the list of users who log in so. */
  readonly users: string;
  /** Claim of the token that is the name of the user in that list. Default: `sub`. */
  readonly claim?: string;
  /** Name by which the issuer knows commands, a public client. Default: `clientId`, where that has no secret; else none do. */
  readonly commandClientId?: string;
}

/** Algorithms by which an issuer signs: none that whoever checks could sign by. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Makes a login by authorization code with PKCE. The issuer is asked when somebody first logs in. @throws OrreryError `invalid_argument` */
export function createOidc(options: OidcOptions): Oidc {
  const { clientId, clientSecret, users, claim = "sub" } = options;
  const issuer = createIssuer(options);
  const commandClient = options.commandClientId ?? (clientSecret === undefined ? clientId : undefined);
  const userOf = (claims: Readonly<Record<string, unknown>>) => {
    const name = claims[claim];
    if (typeof name === "string" && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) return `${users}:${name}`;
    const text = `Cannot log in by "${issuer.name}": its "${claim}" is no name of a user here`;
    throw new OrreryError("unauthenticated", text);
  };
  let keys: JWTVerifyGetKey | undefined;
  return {
    name: issuer.name,
    users,
    begin: issuer.begin,
    finish: async (cameBack, kept) => userOf((await issuer.finish(cameBack, kept)).claims),
    ...(commandClient !== undefined && {
      commands: {
        facts: { issuer: options.issuer, clientId: commandClient, users },
        userOf: async (idToken) => {
          keys ??= createRemoteJWKSet(await issuer.keys());
          const expected = { issuer: options.issuer, audience: commandClient, algorithms: ALGORITHMS };
          const bounds = { requiredClaims: ["exp", "iat", "sub"], maxTokenAge: ID_TOKEN_AGE_S };
          const { payload } = await jwtVerify(idToken, keys, { ...expected, ...bounds }).catch((cause: unknown) => {
            throw refused(cause, issuer.name);
          });
          const { azp = commandClient } = payload;
          if (azp !== commandClient) throw refused(undefined, issuer.name);
          return userOf(payload);
        },
      },
    }),
  };
}

/** One text for all that may be wrong with a token; that the issuer's keys cannot be had is another thing. */
function refused(cause: unknown, name: string): OrreryError {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  const isAway = code === undefined ? cause !== undefined : code === "ERR_JWKS_TIMEOUT" || code === "ERR_JOSE_GENERIC";
  if (isAway)
    return new OrreryError("unavailable", `Cannot log in by "${name}": its keys cannot be had now`, { cause });
  const text = `Cannot log in by "${name}": the token is not good, it must be signed by it for this platform's commands, and be new`;
  return new OrreryError("unauthenticated", text, { cause });
}

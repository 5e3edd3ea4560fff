import { OrreryError } from "@orrery/core";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Oidc } from "./oidc.ts";

/** What an operator says of an issuer. */
export interface OidcOptions {
  /** Address, as its discovery document has it. */
  readonly issuer: string;
  /** Name by which the issuer knows this platform. */
  readonly clientId: string;
  /** Shows that it is this platform. Default: it is a public client, known by PKCE alone. */
  readonly clientSecret?: string;
  /** Address of the list of users who log in so. */
  readonly users: string;
  /** Claim of the token that is the name of the user in that list. Default: `sub`. */
  readonly claim?: string;
}

/** Makes a login by authorization code with PKCE. The issuer is asked when somebody first logs in. @throws OrreryError `invalid_argument` */
export function createOidc({ issuer, clientId, clientSecret, users, claim = "sub" }: OidcOptions): Oidc {
  const { protocol, hostname, host } = URL.canParse(issuer)
    ? new URL(issuer)
    : { protocol: "", hostname: "", host: "" };
  const isHere = protocol === "http:" && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (protocol !== "https:" && !isHere)
    throw new OrreryError("invalid_argument", `Cannot use the issuer "${issuer}": write an address with https`);
  let found: Promise<Configuration> | undefined;
  const configuration = () => {
    found ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute: [enableNonRepudiationChecks, ...(isHere ? [allowInsecureRequests] : [])],
    }).catch((cause: unknown) => {
      found = undefined; // It may be there the next time.
      throw new OrreryError("unavailable", `Cannot ask "${issuer}" who somebody is: it does not answer as an issuer`, {
        cause,
      });
    });
    return found;
  };
  return {
    name: host,
    users,
    begin: async (back) => {
      const config = await configuration();
      const kept = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: back,
        scope: "openid",
        code_challenge: await calculatePKCECodeChallenge(kept.verifier),
        code_challenge_method: "S256",
        state: kept.state,
        nonce: kept.nonce,
      });
      return { url: url.href, kept };
    },
    finish: async (cameBack, { state, nonce, verifier }) => {
      const config = await configuration();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await authorizationCodeGrant(config, new URL(cameBack), checks).catch((cause: unknown) => {
        throw new OrreryError("unauthenticated", `Cannot log in by "${host}": it did not say who it is`, { cause });
      });
      const name = tokens.claims()?.[claim];
      if (typeof name === "string" && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) return `${users}:${name}`;
      throw new OrreryError("unauthenticated", `Cannot log in by "${host}": its "${claim}" is no name of a user here`);
    },
  };
}

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
import type { OidcKept } from "./oidc.ts";

/** Who asks an issuer of OpenID Connect, and which. */
export interface IssuerOptions {
  /** Address, as its discovery document has it. */
  readonly issuer: string;
  /** Name by which the issuer knows who asks. */
  readonly clientId: string;
  /** Shows that it is that one. Default: it is a public client, known by PKCE alone. */
  readonly clientSecret?: string;
}

/** What an issuer said of a login. */
export interface IssuedLogin {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Signed by the issuer. */
  readonly idToken: string;
}

/** An issuer of OpenID Connect that is asked who somebody is. */
export interface Issuer {
  /** Its name, for people. */
  readonly name: string;
  /** Where its public keys are. @throws OrreryError `unavailable` where it does not answer */
  keys(): Promise<URL>;
  /** Begins a login that comes back to an address: where the browser goes, and what must come back with it. @throws OrreryError `unavailable` */
  begin(back: string): Promise<{ readonly url: string; readonly kept: OidcKept }>;
  /**
   * Ends it, by the address with which the browser came back.
   * @throws OrreryError `unauthenticated` for what the issuer did not say of this login, `unavailable` where it does not answer
   */
  finish(cameBack: string, kept: OidcKept): Promise<IssuedLogin>;
}

/** Makes what asks an issuer, by authorization code with PKCE. It is asked when it is first needed. @throws OrreryError `invalid_argument` */
export function createIssuer({ issuer, clientId, clientSecret }: IssuerOptions): Issuer {
  const { protocol, hostname, host } = URL.canParse(issuer)
    ? new URL(issuer)
    : { protocol: "", hostname: "", host: "" };
  const isHere = protocol === "http:" && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (protocol !== "https:" && !isHere)
    throw new OrreryError("invalid_argument", `Cannot use the issuer "${issuer}": write an address with https`);
  const silent = (cause?: unknown) =>
    new OrreryError("unavailable", `Cannot ask "${issuer}" who somebody is: it does not answer as an issuer`, {
      cause,
    });
  let found: Promise<Configuration> | undefined;
  const configuration = () => {
    found ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute: [enableNonRepudiationChecks, ...(isHere ? [allowInsecureRequests] : [])],
    }).catch((cause: unknown) => {
      found = undefined; // It may be there the next time.
      throw silent(cause);
    });
    return found;
  };
  return {
    name: host,
    keys: async () => {
      const { jwks_uri: keys = "" } = (await configuration()).serverMetadata();
      if (URL.canParse(keys)) return new URL(keys);
      throw silent();
    },
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
      return { claims: tokens.claims() ?? {}, idToken: tokens.id_token ?? "" };
    },
  };
}

/** Lets users in whom an issuer of OpenID Connect knows. */
export interface Oidc {
  /** Name of the issuer, for people. */
  readonly name: string;
  /** List of the users who log in so. */
  readonly users: string;
  /** Begins a login that comes back to an address: where the browser goes, and what must come back with it. */
  begin(back: string): Promise<{ readonly url: string; readonly kept: OidcKept }>;
  /**
   * Ends it: gives the user, by the address with which the browser came back.
   * @throws OrreryError `unauthenticated` for what the issuer did not say of this login, `unavailable` where it does not answer
   */
  finish(cameBack: string, kept: OidcKept): Promise<string>;
}

/** What a browser keeps of a login until it comes back. */
export interface OidcKept {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

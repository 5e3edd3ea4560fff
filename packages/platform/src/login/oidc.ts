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
  /** Lets commands in, which ask the issuer themselves. Default: it does not. */
  readonly commands?: {
    /** What a command needs to ask it. */
    readonly facts: { readonly issuer: string; readonly clientId: string; readonly users: string };
    /** The user of an id token. @throws OrreryError `unauthenticated` for one that is not good, `unavailable` where the issuer does not answer */
    userOf(idToken: string): Promise<string>;
  };
}

/** What a browser keeps of a login until it comes back. */
export interface OidcKept {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

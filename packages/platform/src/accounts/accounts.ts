import type { Verb } from "@orrery/registry";

/** What a session gives whoever opened it. Times are in ms since 1970. */
export interface SessionTokens {
  /** Address of the user. */
  readonly user: string;
  /** Name of the session among those of the user. */
  readonly session: string;
  readonly accessToken: string;
  readonly accessUntilMs: number;
  /** Good once. */
  readonly refreshToken: string;
  readonly refreshUntilMs: number;
}

/** A session of a user. Times are in ms since 1970. */
export interface SessionView {
  readonly name: string;
  readonly client: string;
  readonly openedMs: number;
  readonly refreshedMs: number;
  readonly untilMs: number;
}

/** What of the rights of its user a token has. */
export interface Scope {
  /** Letters, as `parseVerbs` reads them. */
  readonly verbs: string;
  /** As `parseSelector` reads it. */
  readonly on: string;
}

/** A token of a user. Times are in ms since 1970; absent: it does not end, it was never used. */
export interface ApiTokenView {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly untilMs?: number;
  /** To the hour. */
  readonly usedMs?: number;
}

/** Sessions of browsers: what one shows stays the same, for it asks many things at once. */
export interface WebSessions {
  /**
   * Opens one by a password; a secret for one login is refused, and stays good.
   * @throws OrreryError as `Accounts.login`, `failed_precondition`
   */
  open(request: { readonly user: string; readonly password: string; readonly client: string }): Promise<WebSession>;
  /** Opens one for a user whom somebody else has let in. @throws OrreryError `unauthenticated` where there is no such user */
  openFor(request: { readonly user: string; readonly client: string }): Promise<WebSession>;
  /** The user of a session; undefined for any other text, and where it has ended. */
  user(text: string): Promise<string | undefined>;
  /** Harmless where it has ended. */
  close(text: string): Promise<void>;
}

/** A session of a browser. */
export interface WebSession {
  readonly user: string;
  /** What the browser shows. */
  readonly text: string;
  /** When it ends whatever happens, in ms since 1970. */
  readonly lastMs: number;
}

/** Whoever asks: the agent of the message. */
export interface Asking {
  readonly agent: string;
}

/**
 * Who users are. Users are resources; their passwords, sessions and tokens lie in them as resources too, so that these go with them, and are
 * kept, watched and backed up like all else.
 *
 * I1 What is kept tells nobody a password or a token. I2 An unknown user takes as long as a wrong password, and is told the same. I3 A refresh
 * token is good once; one that was used already ends its session. I4 What ends a session, or takes a token, counts with the next message.
 */
export interface Accounts {
  /**
   * @throws OrreryError `unauthenticated` for a user or password that is wrong, `resource_exhausted` after too many of those
   */
  login(request: {
    readonly user: string;
    readonly password: string;
    readonly client?: string;
  }): Promise<SessionTokens & { readonly mustSetPassword: boolean }>;
  /** Where commands may ask who their user is. @throws OrreryError `failed_precondition` where there is no such place */
  issuer(): { readonly issuer: string; readonly clientId: string; readonly users: string };
  /** Opens a session by a token of that place. @throws OrreryError `unauthenticated`, `unavailable`, `failed_precondition` */
  loginByIssuer(request: { readonly idToken: string; readonly client?: string }): Promise<SessionTokens>;
  /** @throws OrreryError `unauthenticated` */
  refresh(refreshToken: string): Promise<SessionTokens>;
  /** Harmless where the session has ended. */
  logout(refreshToken: string): Promise<void>;
  /**
   * Ends all sessions of the user. Whoever sets his own shows the old one; others may who may write the user.
   * @throws OrreryError `invalid_argument` for one that is too short, `unauthenticated`, `permission_denied`, `not_found`
   */
  setPassword(
    request: { readonly user: string; readonly password: string; readonly oldPassword?: string },
    by: Asking,
  ): Promise<void>;
  /** Sessions of browsers. */
  readonly web: WebSessions;
  /** Makes a password that is good for one login. @throws OrreryError `permission_denied`, `not_found` */
  issueSecret(user: string, by: Asking): Promise<string>;
  /** For the user, and who may read it. @throws OrreryError `permission_denied` */
  sessions(user: string, by: Asking): Promise<readonly SessionView[]>;
  /** Ends some sessions, or all; gives how many. @throws OrreryError `permission_denied` */
  revokeSessions(
    request: { readonly user: string; readonly sessions?: readonly string[] },
    by: Asking,
  ): Promise<number>;
  /** @throws OrreryError `already_exists`, `invalid_argument`, `permission_denied` */
  createToken(
    request: {
      readonly user: string;
      readonly name: string;
      readonly scopes: readonly Scope[];
      readonly untilMs?: number;
    },
    by: Asking,
  ): Promise<{ readonly token: string; readonly agent: string }>;
  /** @throws OrreryError `permission_denied` */
  tokens(user: string, by: Asking): Promise<readonly ApiTokenView[]>;
  /** @throws OrreryError `not_found`, `permission_denied` */
  revokeToken(request: { readonly user: string; readonly name: string }, by: Asking): Promise<void>;
  /** The agent for whom a bearer of a token speaks: the user, or the token for programs. @throws OrreryError `unauthenticated`, `permission_denied` for a user who was removed */
  authenticate(token: string): Promise<string>;
}

/** What must be allowed on a user by whoever is not that user. */
export type UserVerb = Extract<Verb, "read" | "write">;

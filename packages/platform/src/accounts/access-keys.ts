/** What an access token says. */
export interface AccessClaims {
  /** Address of the user. */
  readonly user: string;
  /** Address of the session. */
  readonly session: string;
  /** Until when it is good, in ms since 1970. */
  readonly untilMs: number;
}

/** Signs access tokens, and knows its own again. */
export interface AccessKeys {
  sign(claims: AccessClaims, nowMs: number): Promise<string>;
  /** What a token says that these keys signed and that is still good; `undefined` for any other. */
  verify(token: string, nowMs: number): Promise<AccessClaims | undefined>;
  /** Signs by a new key from now on; what the one before signed stays good until it ends. */
  rotate(): Promise<void>;
}

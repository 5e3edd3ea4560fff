/** What an access token says. */
export interface AccessClaims {
  /** Address of the user. */
  readonly user: string;
  /** Address of the session. */
  readonly session: string;
  /** Until when it is good, in ms since 1970. */
  readonly untilMs: number;
  /** Name of the key that signed it. */
  readonly key: string;
}

/** How a rotation is done. */
export interface RotateOptions {
  /** Now, in ms since 1970. */
  readonly nowMs: number;
  /** Whether what was signed before is refused at once. Default: it stays good until it ends. */
  readonly isAtOnce?: boolean;
}

/** What came of a rotation. */
export interface RotatedKey {
  /** Name of the key that signs from now on, which tokens have in their head. */
  readonly key: string;
  /** Until when tokens of the one before are good, in ms since 1970; undefined where they are refused. */
  readonly beforeUntilMs: number | undefined;
}

/** Signs access tokens, and knows its own again. */
export interface AccessKeys {
  sign(claims: Omit<AccessClaims, "key">, nowMs: number): Promise<string>;
  /** What a token says that these keys signed and that is still good; `undefined` for any other. */
  verify(token: string, nowMs: number): Promise<AccessClaims | undefined>;
  /** Whether tokens of a key are taken. */
  has(key: string, nowMs: number): boolean;
  /**
   * Signs by a new key from now on.
   * @throws OrreryError `failed_precondition` as long as two keys are in use, unless what was signed before is refused at once
   */
  rotate(options: RotateOptions): Promise<RotatedKey>;
}

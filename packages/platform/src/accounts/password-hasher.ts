/** What makes of a password something that tells nobody what it was. */
export interface PasswordHasher {
  /** @throws OrreryError `resource_exhausted` where too many wait */
  hash(password: string): Promise<string>;
  /** Whether a hash is of a password. @throws OrreryError as `hash`; `data_loss` for what is no hash */
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether a hash was made as one would be made now. */
  isCurrent(hash: string): boolean;
}

/** Closes the values of secret properties, so that a copy of the database tells nobody what they are. */
export interface SecretBox {
  /** Closes a value; what opens it must say the same `about`. */
  seal(value: string, about: string): string;
  /** @throws OrreryError `data_loss` where no key of the box opens it, or it is about something else */
  open(sealed: string, about: string): string;
  /** Whether it was closed with the newest key. */
  isCurrent(sealed: string): boolean;
  /** What stands for a text that may hold secrets: it tells only whoever has the key whether another is the same. */
  digest(text: string): string;
  /** Whether a digest is of a text. Also where that can no longer be told: it is `""`, or its key is gone. */
  isDigestOf(digest: string, text: string): boolean;
}

/** What a sealed value is about: it opens nowhere else. */
export function secretPlace(address: string, property: string): string {
  return `${address}\n${property}`;
}

/** Closes the values of secret properties, so that a copy of the database tells nobody what they are. */
export interface SecretBox {
  /** Closes a value; what opens it must say the same `about`. */
  seal(value: string, about: string): string;
  /** @throws OrreryError `data_loss` where no key of the box opens it, or it is about something else */
  open(sealed: string, about: string): string;
  /** Whether it was closed with the newest key. */
  isCurrent(sealed: string): boolean;
}

/** What a sealed value is about: it opens nowhere else. */
export function secretPlace(address: string, property: string): string {
  return `${address}\n${property}`;
}

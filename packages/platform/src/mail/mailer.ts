/** A letter. */
export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  /** Plain text, with "\n" between lines. */
  readonly text: string;
}

/** What sends letters. */
export interface Mailer {
  /** Done when it was accepted; it may have been sent twice where it rejects. */
  send(mail: Mail): Promise<void>;
}

/** What may go wrong with a platform: code of apps, letters, the disk, a backup, the provider of payments, the record of acts, the story of `orrery admin e2e`. */
export const ALERT_KINDS = ["panic", "mail", "disk", "backup", "payment", "audit", "e2e"] as const;

/** One of them. */
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Something that goes wrong, from a moment on. Moments are in ms since 1970. */
export interface Incident {
  readonly id: number;
  readonly kind: AlertKind;
  /** What it is about, such as the address of an app; empty for the platform as such. */
  readonly subject: string;
  readonly text: string;
  readonly since: number;
  /** When it was over. Absent: it is not. */
  readonly until?: number;
}

/** Where alerts go. */
export interface AlertSink {
  readonly name: string;
  readonly url: string;
  /** Which go there; none: all. */
  readonly kinds: readonly AlertKind[];
}

/** A sink, and how deliveries to it went. */
export interface AlertSinkState extends AlertSink {
  readonly waiting: number;
  readonly delivered: number;
  /** Given up. */
  readonly dead: number;
  /** What the last failed try was told; empty where none failed. */
  readonly lastError: string;
}

/** What alerts the people who run a platform. */
export interface Alerts {
  /** Something goes wrong: told once, until it is over. */
  raise(fault: { readonly kind: AlertKind; readonly subject?: string; readonly text: string }): Promise<void>;
  /** It is over; harmless where nothing was wrong. */
  clear(fault: { readonly kind: AlertKind; readonly subject?: string }): Promise<void>;
  /** The newest first. */
  incidents(): Promise<readonly Incident[]>;
  /** Adds one, and gives the secret by which it knows what is ours. @throws OrreryError `already_exists`, `invalid_argument`, `resource_exhausted` */
  add(sink: AlertSink): Promise<string>;
  list(): Promise<readonly AlertSinkState[]>;
  /** @throws OrreryError `not_found` */
  remove(name: string): Promise<void>;
  /** Sends one at once, and gives what the sink answered. @throws OrreryError `not_found` */
  test(name: string): Promise<{ readonly ok: boolean; readonly told: string }>;
  /** Delivers what is due when it is due, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What is sent of an alert: as JSON, signed as Standard Webhooks have it. */
export interface AlertMessage {
  readonly id: string;
  /** In ms since 1970. */
  readonly at: number;
  readonly body: string;
  readonly url: string;
  readonly secret: string;
}

/** Sends one; rejects with why where it was not taken. */
export type PostAlert = (message: AlertMessage) => Promise<void>;

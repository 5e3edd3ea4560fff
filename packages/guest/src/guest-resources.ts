/** A resource as a mechtron sees it. */
export interface GuestResource {
  readonly address: string;
  readonly kind: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly status: string;
  /** Counts the registry's changes; grows with each. */
  readonly revision: number;
}

/** What is to be created. */
export interface NewGuestResource {
  readonly address: string;
  readonly kind: string;
  /** Default: none. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Whether it may be there already. Default: false. */
  readonly ensure?: boolean;
}

/** A change of what a mechtron watches, as its handler `changed` gets it. */
export interface GuestChange {
  /** What was watched. */
  readonly selector: string;
  readonly change: "created" | "changed" | "deleted";
  readonly resource: GuestResource;
}

/** A message to a broadcast that a mechtron watches, as its handler `said` gets it. */
export interface GuestBroadcast {
  /** Of the broadcast. */
  readonly address: string;
  /** What kind of message it is, such as `Say`. */
  readonly method: string;
  /** What it says, JSON; undefined for nothing. */
  readonly message?: unknown;
  /** Who sent it. */
  readonly agent: string;
  /** When, in ms since 1970. */
  readonly at: number;
  /** How many passed the mechtron by before this one, since it took them too slowly. */
  readonly missed: number;
}

/**
 * Resources, with the rights of the mechtron. What it makes is its owner's. Addresses that begin with `.:` start where its app lies. Every method rejects with a `GuestError`, such as `permission_denied`.
 */
export interface GuestResources {
  get(address: string): Promise<GuestResource>;
  list(selector: string): Promise<readonly GuestResource[]>;
  create(resource: NewGuestResource): Promise<GuestResource>;
  /** Sets properties; what is null goes. */
  set(address: string, properties: Readonly<Record<string, unknown>>): Promise<GuestResource>;
  delete(address: string): Promise<void>;
  /** The bytes of a file; up to 1 MiB. */
  read(address: string): Promise<Uint8Array>;
  /** Makes a file, or changes it, with the directories on the way. Default of `contentType`: what its name says. */
  write(
    address: string,
    content: string | Uint8Array,
    options?: { readonly contentType?: string },
  ): Promise<GuestResource>;
  /**
   * Has each change from now on, or after revision `since`, handed to `changed`, also over restarts of the mechtron. What
   * is sent to a broadcast that is watched by its address is handed to `said`, as long as the mechtron runs.
   */
  watch(selector: string, options?: { readonly since?: number }): Promise<void>;
  unwatch(selector: string): Promise<void>;
}

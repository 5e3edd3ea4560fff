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

/** Resources, with the rights of the mechtron. Every method rejects with a `GuestError`, such as `permission_denied`. */
export interface GuestResources {
  get(address: string): Promise<GuestResource>;
  list(selector: string): Promise<readonly GuestResource[]>;
  create(resource: NewGuestResource): Promise<GuestResource>;
  /** Sets properties; what is null goes. */
  set(address: string, properties: Readonly<Record<string, unknown>>): Promise<GuestResource>;
  delete(address: string): Promise<void>;
  /** Has each change from now on, or after revision `since`, handed to `changed`, also over restarts of the mechtron. */
  watch(selector: string, options?: { readonly since?: number }): Promise<void>;
  unwatch(selector: string): Promise<void>;
}

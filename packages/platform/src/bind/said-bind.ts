/** What a bind's document says, by its shape: what is left out is absent. */
export interface SaidBind extends SaidShared {
  readonly routes: readonly SaidRoute[];
}

/** One route, as it is said. */
export interface SaidRoute extends SaidShared {
  readonly path: string;
  readonly methods?: readonly string[];
  readonly files?: string;
  readonly service?: string;
  readonly mechtron?: string;
  readonly upstream?: string;
  readonly redirect?: string | SaidRedirect;
}

/** A redirect with its status. */
export interface SaidRedirect {
  readonly to: string;
  readonly status?: number;
}

/** What a route says, or the bind for all of them. */
export interface SaidShared {
  readonly timeout?: string;
  readonly body?: string;
  readonly rate?: number | SaidRate;
  readonly auth?: string;
  readonly cors?: string | SaidCors;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who may call from pages of other sites, in its long form. */
export interface SaidCors {
  readonly origins: readonly string[];
  readonly headers?: readonly string[];
  readonly exposed?: readonly string[];
  readonly credentials?: boolean;
  readonly maxAge?: string;
}

/** A rate in its long form. */
export interface SaidRate {
  readonly perSecond: number;
  readonly burst?: number;
  readonly of?: "all" | "client";
}

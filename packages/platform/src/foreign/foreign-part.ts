/** By what a foreign program is spoken to. */
export const FOREIGN_PROTOCOLS = ["http", "connect", "grpc"] as const;

/** By what a foreign program is spoken to: plain HTTP with JSON, Connect, or gRPC. */
export type ForeignProtocol = (typeof FOREIGN_PROTOCOLS)[number];

/** A program that knows nothing of Orrery, as a component of an app. */
export interface ForeignPart {
  readonly protocol: ForeignProtocol;
  /** Where it is, without a slash at the end; undefined for one that is started here. */
  readonly url: string | undefined;
  /** What starts it: program and arguments; undefined for one that runs elsewhere. */
  readonly exec: readonly string[] | undefined;
  /** Paths by methods, for plain HTTP: `POST /hello`, with fields as places: `GET /guests/{name}`. */
  readonly methods: Readonly<Record<string, string>>;
  /** Path whose answer says whether it is well. Default: that it takes connections. */
  readonly health: string | undefined;
}

import type { UsedFor } from "./connection-meter.ts";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  /** In order; a name may come again, as `set-cookie` does. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** All at once, of text in UTF-8; or in pieces that are asked for as fast as the visitor takes them. Default: empty. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Bytes of the body, where it comes in pieces and is known; of an answer to HEAD, what GET would have. */
  readonly bytes?: number;
  /** The very same list of fields comes again and again, so that how it is written is kept. Default: false. */
  readonly isRepeated?: boolean;
  /** How long the next piece may take, in ms. Default: as long as it takes. */
  readonly pieceTimeoutMs?: number;
  /** What it counts for. Default: for nobody. */
  readonly used?: UsedFor;
  /** What it says, of a page of the server itself: programs are told it as JSON. Default: it is what it is. */
  readonly said?: string;
  /** The rest of the request is not waited for. Default: false. */
  readonly endsUpload?: boolean;
}

/** A request as handlers see it. */
export interface WebRequest {
  readonly method: string;
  /** Path as it came, without query. */
  readonly path: string;
  /** With its `?`; empty where there is none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As the visitor wrote it. */
  readonly host: string;
  /** Address of the visitor. */
  readonly client: string;
  /** Whether it came by TLS. Default: it did not. */
  readonly isSecure?: boolean;
  /** The body as it comes. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes of the body where they are said; undefined where it comes in chunks; 0 for none. */
  readonly bodyBytes: number | undefined;
  /** Ends when the visitor leaves, or is not waited for any more. */
  readonly signal: AbortSignal;
  /** Ends `signal`: whatever is still done for the request is for nobody. */
  giveUp(): void;
}

/** The one value of a header field; of several, the first. */
export function headerOf({ headers }: Pick<WebRequest, "headers">, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}

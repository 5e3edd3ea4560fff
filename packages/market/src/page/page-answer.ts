import type { Html } from "./html.ts";
import type { FramedPage } from "./page-frame.ts";

/** What a page is asked by somebody who is logged in. */
export interface PageTurn {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query: URLSearchParams;
  /** What was sent; of a GET nothing. */
  readonly form: PageForm;
  /** Aborts once nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** A header of the request, by its name in small letters. */
  header(name: string): string | undefined;
}

/** Fields of a form. Files are read as text. */
export interface PageForm {
  /** Empty for a field that is not there. */
  text(name: string): string;
  texts(name: string): readonly string[];
}

/** What it answers. */
export type PageAnswer =
  | ({ readonly kind: "page"; readonly status?: number } & FramedPage)
  /** A part of a page, for its script. */
  | { readonly kind: "part"; readonly body: Html }
  | { readonly kind: "text"; readonly status: number; readonly text: string }
  /** To an address of the page itself. */
  | { readonly kind: "redirect"; readonly to: string }
  | { readonly kind: "stream"; readonly events: AsyncIterable<PageEvent> };

/** One event of a stream, as browsers take them. */
export interface PageEvent {
  /** What a browser that lost the stream asks on from. */
  readonly id?: string;
  /** Default: a message. */
  readonly event?: string;
  /** Plain JSON. */
  readonly data: unknown;
}

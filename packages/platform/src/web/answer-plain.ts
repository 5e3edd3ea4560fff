import type { Answer } from "./answer.ts";
import { spaceOf } from "./host-name.ts";
import { page } from "./page.ts";

/** What those are told who come without TLS. */
export interface PlainAnswering {
  /** Port at which TLS is taken. */
  readonly tlsPort: number;
  /** What is answered at `/.well-known/acme-challenge/TOKEN` of a host; undefined where nothing is asked for. Default: nothing ever is. */
  readonly answerTo?: ((host: string, token: string) => string | undefined) | undefined;
}

const PROOF = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,256})$/;

/** Answers a request without TLS where there is TLS: a proof that somebody waits for, or where to come instead. */
export function answerPlain(
  { host: said, url }: { readonly host: string; readonly url: string },
  { tlsPort, answerTo }: PlainAnswering,
): Answer {
  const host = spaceOf(said);
  if (host === undefined) return page(404, `There is no space "${said.slice(0, 260)}" here: it is no name.`);
  const token = PROOF.exec(url)?.[1];
  const proof = token === undefined ? undefined : answerTo?.(host, token);
  if (proof !== undefined)
    return { status: 200, headers: [["content-type", "text/plain"]], body: new TextEncoder().encode(proof) };
  const location = `https://${host}${tlsPort === 443 ? "" : `:${tlsPort}`}${url.startsWith("/") ? url : "/"}`;
  return { ...page(308, "It is at the same address by https."), headers: [["location", location]], endsUpload: true };
}

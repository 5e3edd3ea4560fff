import type { IncomingMessage } from "node:http";
import type { PageForm } from "./page-answer.ts";

/** Reads what a form sends, with its files; undefined for what is none, or has more bytes than may be. */
export async function readForm(request: IncomingMessage, bytesMax: number): Promise<PageForm | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // What is too much is answered, so that the socket stays.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > bytesMax) return undefined;
    pieces.push(piece);
  }
  const headers = { "content-type": request.headers["content-type"] ?? "application/x-www-form-urlencoded" };
  const said = await new Response(Buffer.concat(pieces), { headers }).formData().catch(() => undefined);
  if (said === undefined) return undefined;
  const all = await Promise.all(
    [...said.entries()].map(
      async ([name, value]) => [name, typeof value === "string" ? value : await value.text()] as const,
    ),
  );
  const texts = (name: string) => all.flatMap(([of, text]) => (of === name ? [text] : []));
  return { text: (name) => texts(name)[0] ?? "", texts };
}

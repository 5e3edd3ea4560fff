import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from "node:zlib";

/** How a body may be compressed; the first that the visitor takes is used. */
export const ENCODINGS = ["br", "zstd", "gzip"] as const;

/** One way to compress. */
export type Encoding = (typeof ENCODINGS)[number];

/** The encoding that suits a visitor best by his `Accept-Encoding`; undefined for none. */
export function chooseEncoding(accept: string | undefined): Encoding | undefined {
  if (accept === undefined || accept === "") return undefined;
  const weights = new Map<string, number>();
  for (const item of accept.split(",")) {
    const [, name, weight = "1"] =
      /^[ \t]*([A-Za-z-]+|\*)[ \t]*(?:;[ \t]*q=([01](?:\.\d{0,3})?))?[ \t]*$/.exec(item) ?? [];
    if (name !== undefined) weights.set(name.toLowerCase(), Number(weight));
  }
  let best: Encoding | undefined;
  const weightOf = (one: string) => weights.get(one) ?? weights.get("*") ?? 0;
  for (const one of ENCODINGS) if (weightOf(one) > (best === undefined ? 0 : weightOf(best))) best = one;
  return best;
}

/** Whether a media type is worth compressing. */
export function isCompressible(contentType: string): boolean {
  return /^(text\/|application\/(json|javascript|xml|wasm|manifest\+json)|image\/svg\+xml|[^;]+\+(json|xml))/i.test(
    contentType,
  );
}

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Compresses bytes at once. */
export async function compress(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  switch (encoding) {
    case "br":
      return promisify(brotliCompress)(bytes, BROTLI);
    case "zstd":
      return promisify(zstdCompress)(bytes);
    case "gzip":
      return promisify(gzip)(bytes);
  }
}

/** Compresses bytes as they come; ends their source when nobody reads on. */
export function compressPieces(pieces: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncIterable<Uint8Array> {
  const stream =
    encoding === "br" ? createBrotliCompress(BROTLI) : encoding === "zstd" ? createZstdCompress() : createGzip();
  return pipeline(Readable.from(pieces, { objectMode: false }), stream, () => {}); // Whoever reads is told of what went wrong.
}

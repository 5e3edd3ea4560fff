/** Where the bytes of files come from. */
export interface BlobSource {
  /**
   * Reads the bytes that have a digest, `sha256:…`; all of them, or from `offset` on `length`. Fails, at the latest with the first piece,
   * where there are none.
   */
  read(digest: string, range?: { readonly offset: number; readonly length: number }): AsyncIterable<Uint8Array>;
}

/** Reads a whole text in UTF-8. @throws TypeError where it is none */
export async function readText(blobs: BlobSource, digest: string): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await readBytes(blobs, digest));
}

/** Reads all bytes. */
export async function readBytes(blobs: BlobSource, digest: string): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of blobs.read(digest)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** The body of a request was longer than its route allows. */
export class BodyTooLong extends Error {
  override readonly name = "BodyTooLong";
}

/** Gives the pieces of a body up to so many bytes. @throws BodyTooLong */
export async function* bounded(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new BodyTooLong(`Cannot take the body: it has more than ${bytesMax} bytes`);
    yield piece;
  }
}

import { Readable } from "node:stream";

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

/**
 * Hands over the pieces of a body up to so many bytes; resolves at its end. One that comes from a connection is left as it is where it is not
 * taken whole, so that it can still be answered.
 * @throws BodyTooLong, what `take` throws, and what the body fails with
 */
export async function eachPiece(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  if (body instanceof Readable) await readAll(body, bytesMax, take);
  else for await (const piece of bounded(body, bytesMax)) take(piece);
}

/** By events: an iterator costs more than a short call does, and destroys what it does not read to its end. */
function readAll(body: Readable, bytesMax: number, take: (piece: Uint8Array) => void): Promise<void> {
  if (body.readableEnded) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const settle = (how: () => void) => {
      body.off("data", onData).off("end", onEnd).off("error", stop).off("close", onClose);
      how();
    };
    const stop = (error: unknown) =>
      settle(() => {
        body.pause();
        reject(error);
      });
    const onData = (piece: Uint8Array) => {
      bytes += piece.length;
      try {
        if (bytes > bytesMax) throw new BodyTooLong(`Cannot take the body: it has more than ${bytesMax} bytes`);
        take(piece);
      } catch (error) {
        stop(error);
      }
    };
    const onEnd = () => settle(resolve);
    const onClose = () => stop(body.errored ?? new Error("Cannot take the body: it broke off"));
    body.on("data", onData).on("end", onEnd).on("error", stop).on("close", onClose);
    if (body.destroyed) onClose();
  });
}

import { eachPiece } from "./bounded-body.ts";

/** There is no room for the body of a request now. */
export class BodiesFull extends Error {
  override readonly name = "BodiesFull";
}

/** A body that is in memory as a whole, until it is let go. */
export interface HeldBody extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bodies of requests that are read as a whole. I1: those in memory have at most so many bytes together, what has come of others included. */
export interface HeldBodies {
  /** Reads a body. @throws BodyTooLong beyond its own bound, BodiesFull where there is no room */
  read(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<HeldBody>;
}

/** Makes the room for bodies of so many bytes together. */
export function createHeldBodies(roomBytes: number): HeldBodies {
  let held = 0;
  return {
    read: async (body, bytesMax) => {
      const pieces: Uint8Array[] = [];
      let own = 0;
      try {
        await eachPiece(body, bytesMax, (piece) => {
          if (held + piece.length > roomBytes) throw new BodiesFull("Cannot take the body: too much is held already"); // I1
          held += piece.length;
          own += piece.length;
          pieces.push(piece);
        });
      } catch (error) {
        held -= own;
        throw error;
      }
      let isHeld = true;
      return {
        bytes: new Uint8Array(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)),
        [Symbol.dispose]: () => {
          if (isHeld) held -= own;
          isHeld = false;
        },
      };
    },
  };
}

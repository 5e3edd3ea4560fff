import { open } from "node:fs/promises";
import { OrreryError } from "@orrery/core";
import { PIECE_BYTES_MAX } from "../limits.ts";

/**
 * Reads a range of a file in pieces of up to 1 MiB, one after the other.
 * @throws OrreryError `data_loss` where the file ends before the range does
 */
export async function* readPieces(
  path: string,
  {
    from,
    to,
    pieceBytes = PIECE_BYTES_MAX,
  }: { readonly from: number; readonly to: number; readonly pieceBytes?: number },
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined, undefined> {
  if (from === to) return;
  const file = await open(path, "r");
  try {
    for (let at = from; at < to; ) {
      const piece = new Uint8Array(Math.min(pieceBytes, to - at));
      let filled = 0;
      while (filled < piece.length) {
        const { bytesRead } = await file.read(piece, filled, piece.length - filled, at + filled);
        if (bytesRead === 0)
          throw new OrreryError("data_loss", `Cannot read "${path}" up to ${to}: it ends at ${at + filled}`);
        filled += bytesRead;
      }
      yield piece;
      at += piece.length;
    }
  } finally {
    await file.close();
  }
}

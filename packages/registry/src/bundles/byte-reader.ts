/** Reads pieces of any size as so many bytes. */
export interface ByteReader {
  /** The next bytes, all of them or, where the source ends before, fewer. */
  take(count: number): Promise<Uint8Array>;
  /** The next bytes in pieces, as many as there are up to `count`. */
  pass(count: number): AsyncIterable<Uint8Array>;
}

/** Makes a reader of a source; nothing else may read that. */
export function createByteReader(source: AsyncIterator<Uint8Array>): ByteReader {
  let rest: Uint8Array = new Uint8Array();
  const more = async () => {
    while (rest.length === 0) {
      const next = await source.next();
      if (next.done) return false;
      rest = next.value;
    }
    return true;
  };
  const cut = (count: number) => {
    const piece = rest.subarray(0, count);
    rest = rest.subarray(piece.length);
    return piece;
  };
  return {
    take: async (count) => {
      const taken = new Uint8Array(count);
      let filled = 0;
      while (filled < count && (await more())) {
        const piece = cut(count - filled);
        taken.set(piece, filled);
        filled += piece.length;
      }
      return taken.subarray(0, filled);
    },
    async *pass(count) {
      for (let left = count; left > 0 && (await more()); ) {
        const piece = cut(left);
        left -= piece.length;
        yield piece;
      }
    },
  };
}

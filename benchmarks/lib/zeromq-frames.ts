const HEADER_BYTES = 8;
const ID_BYTES = 4;
/** Larger payloads travel in a frame of their own, uncopied. */
const COPY_BYTES_MAX = 8 * 1024;

/** A request or reply as the ZeroMQ contestants carry it. */
export interface FramedCall {
  readonly id: number;
  readonly payload: Buffer;
}

/** Frames of one message for one call: one frame, or two for a large payload. All fresh: the binding keeps what it is given. */
export function packCall(id: number, payload: Uint8Array): Uint8Array[] {
  const isCopied = payload.length <= COPY_BYTES_MAX;
  const head = Buffer.allocUnsafeSlow(ID_BYTES + (isCopied ? payload.length : 0));
  head.writeUInt32LE(id);
  if (isCopied) head.set(payload, ID_BYTES);
  return isCopied ? [head] : [head, payload];
}

/** Reads what `packCall` made. */
export function unpackCall([head, payload]: readonly Buffer[]): FramedCall {
  if (head === undefined) throw new Error("Cannot read a message: it has no frame");
  return { id: head.readUInt32LE(), payload: payload ?? head.subarray(ID_BYTES) };
}

/** Joins calls into one fresh buffer: u32 length, u32 id, payload each. */
export function joinBatch(calls: readonly FramedCall[]): Buffer {
  let length = 0;
  for (const { payload } of calls) length += HEADER_BYTES + payload.length;
  const joined = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const { id, payload } of calls) {
    joined.writeUInt32LE(payload.length, at);
    joined.writeUInt32LE(id, at + 4);
    joined.set(payload, at + HEADER_BYTES);
    at += HEADER_BYTES + payload.length;
  }
  return joined;
}

/** Takes apart what `joinBatch` made; payloads are views. */
export function splitBatch(joined: Buffer, take: (call: FramedCall) => void): void {
  let at = 0;
  while (at < joined.length) {
    const end = at + HEADER_BYTES + joined.readUInt32LE(at);
    take({ id: joined.readUInt32LE(at + 4), payload: joined.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
}

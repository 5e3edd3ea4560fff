import { HEADER_BYTES_MAX, headerBytes, writeFrameHeader } from "./frame.ts";
import { COPY_BYTES_MAX, FLUSH_BYTES_MAX, PACKET_BYTES, SEALED_FLUSH_BYTES_MAX, SLAB_BYTES } from "./limits.ts";
import { allocate, giveSlab, takeSlab } from "./slab.ts";

/**
 * Where a source writes what it has to send; everything written between two frame ends is one message of one frame.
 *
 * To write in place: `const at = writer.reserve(size)`, fill `writer.bytes` from `at`, then `writer.commit(end)`.
 * `reserve` may change `writer.bytes`, so read it afterwards and never keep it.
 */
export interface PacketWriter {
  /** The buffer that the last `reserve` gave room in. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Makes room for at least `size` more bytes and returns the offset in `bytes` where they start. */
  reserve(size: number): number;
  /** Says that what was reserved is filled up to the offset `end`. */
  commit(end: number): void;
  /**
   * Appends bytes. Up to 8 KiB are copied; larger ones are sent as they are when the connection is not encrypted, so
   * they must never be written again.
   */
  write(bytes: Uint8Array): void;
  /**
   * Ends one item: the packet may be cut here, never inside an item.
   * Returns whether the writer takes more in this flush; on false, return from `fill` and say that more waits.
   */
  endItem(): boolean;
}

/** What encrypts frames: it owns the first `prefixBytes` of each body and rewrites the rest in place. */
export interface FrameSealer {
  readonly prefixBytes: number;
  /** Turns `bytes[start, end)`, prefix and plain text, into the body that is sent. `flags` are those of the frame. */
  seal(bytes: Uint8Array, range: { readonly start: number; readonly end: number; readonly flags: number }): void;
}

/** Writes frames for one connection; a `PacketWriter` for sources, plus what the connection itself needs. */
export interface FrameWriter extends PacketWriter {
  /** Bytes written since the last `take`. */
  readonly size: number;
  /** Whether enough is written for one flush. */
  readonly full: boolean;
  /** Encrypts every frame from here on. */
  setSealer(sealer: FrameSealer): void;
  /** Writes one whole frame. */
  writeFrame(flags: number, body: Uint8Array): void;
  /** Ends the packet that is open, if one is. */
  endPacket(): void;
  /** Ends the packet and gives the buffers to send, in order; empty when nothing was written. */
  take(): readonly Uint8Array[];
  /** Ends a flush; `copied` says that the kernel has taken every byte of all flushes, so that slabs may be written again. */
  release(copied: boolean): void;
}

/** Makes a writer that sends frames in the clear until `setSealer`. */
export function createFrameWriter(): FrameWriter {
  return new SlabWriter();
}

const NO_BYTES = new Uint8Array(0);

/**
 * Owns the slabs of the flush under way, and between flushes nothing, unless the socket still needs a slab: then the rest of
 * it serves the next flush.
 * I1: a frame with a body of at most COPY_BYTES_MAX lies in one slab, so that a short header can be chosen at its end.
 * I2: under a sealer every frame lies in one buffer.
 * I3: a byte handed out by `take` is not written again before `release(true)`.
 */
class SlabWriter implements FrameWriter {
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  #at = 0;
  #segmentStart = 0;
  #segments: Uint8Array[] = [];
  #segmentBytes = 0;
  #full: Uint8Array<ArrayBuffer>[] = [];
  #sealer: FrameSealer | undefined;
  #prefix = HEADER_BYTES_MAX;
  #flushBytes = FLUSH_BYTES_MAX;

  #open = false;
  #flags = 0;
  #head: Uint8Array = NO_BYTES;
  #headAt = 0;
  #bodyMark = 0;
  #bodyBytes = 0;

  get size(): number {
    return this.#segmentBytes + this.#at - this.#segmentStart;
  }

  get full(): boolean {
    return this.size >= this.#flushBytes;
  }

  setSealer(sealer: FrameSealer): void {
    this.#sealer = sealer;
    this.#prefix = HEADER_BYTES_MAX + sealer.prefixBytes;
    this.#flushBytes = SEALED_FLUSH_BYTES_MAX;
  }

  reserve(size: number): number {
    if (!this.#open) this.#begin(0);
    if (this.#at + size > this.bytes.length) this.#makeRoom(size);
    return this.#at;
  }

  commit(end: number): void {
    if (end < this.#at || end > this.bytes.length) throw new RangeError(`Cannot commit up to ${end}: not reserved`);
    this.#at = end;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > COPY_BYTES_MAX && this.#sealer === undefined) {
      this.#lend(bytes);
    } else {
      const at = this.reserve(bytes.length);
      this.bytes.set(bytes, at);
      this.#at = at + bytes.length;
    }
  }

  writeFrame(flags: number, body: Uint8Array): void {
    this.endPacket();
    this.#begin(flags);
    this.write(body);
    this.endPacket();
  }

  endItem(): boolean {
    if (this.#bodyBytes + this.#at - this.#bodyMark >= PACKET_BYTES) this.endPacket();
    return !this.full;
  }

  endPacket(): void {
    if (!this.#open) return;
    this.#open = false;
    const sealer = this.#sealer;
    const size = this.#bodyBytes + this.#at - this.#bodyMark + (sealer?.prefixBytes ?? 0);
    if (headerBytes(size) < HEADER_BYTES_MAX) this.#closeGap(size); // I1
    const header = { at: this.#headAt, flags: sealer === undefined ? this.#flags : 0, size };
    const start = writeFrameHeader(this.#head, header);
    sealer?.seal(this.bytes, { start, end: this.#at, flags: this.#flags }); // I2
    this.#head = NO_BYTES;
  }

  take(): readonly Uint8Array[] {
    this.endPacket();
    const start = this.#segmentStart;
    const segments = this.#segments;
    this.#segmentStart = this.#at;
    this.#segmentBytes = 0;
    if (segments.length === 0) return start === this.#at ? [] : [this.bytes.subarray(start, this.#at)];
    this.#segments = [];
    if (start < this.#at) segments.push(this.bytes.subarray(start, this.#at));
    return segments;
  }

  release(copied: boolean): void {
    if (this.#full.length > 0) {
      if (copied) for (const slab of this.#full) giveSlab(slab); // I3
      this.#full = [];
    }
    if (!copied) return;
    giveSlab(this.bytes);
    this.bytes = NO_BYTES;
    this.#at = 0;
    this.#segmentStart = 0;
  }

  #begin(flags: number): void {
    if (this.#at + this.#prefix > this.bytes.length) this.#makeRoom(this.#prefix);
    this.#open = true;
    this.#flags = flags;
    this.#head = this.bytes;
    this.#headAt = this.#at;
    this.#at += this.#prefix;
    this.#bodyMark = this.#at;
    this.#bodyBytes = 0;
  }

  /** Adds bytes to the open frame without a copy. */
  #lend(bytes: Uint8Array): void {
    if (!this.#open) this.#begin(0);
    this.#bodyBytes += this.#at - this.#bodyMark + bytes.length;
    this.#endSegment(this.#at);
    this.#bodyMark = this.#at;
    this.#segments.push(bytes);
    this.#segmentBytes += bytes.length;
  }

  #makeRoom(size: number): void {
    const whole = this.#open && this.#head === this.bytes && this.#segmentStart <= this.#headAt;
    const frameBytes = whole ? this.#at - this.#headAt : 0;
    const carry = whole && (this.#sealer !== undefined || frameBytes <= COPY_BYTES_MAX + HEADER_BYTES_MAX);
    const old = this.bytes;
    if (this.#open && !carry) this.#bodyBytes += this.#at - this.#bodyMark;
    this.#endSegment(carry ? this.#headAt : this.#at);
    this.#nextSlab(carry ? 2 * frameBytes + size : size);
    if (!carry) {
      this.#at = 0;
      this.#bodyMark = 0;
      return;
    }
    this.bytes.set(old.subarray(this.#headAt, this.#headAt + frameBytes));
    this.#head = this.bytes;
    this.#headAt = 0;
    this.#at = frameBytes;
    this.#bodyMark = this.#prefix;
  }

  #nextSlab(bytesMin: number): void {
    if (this.bytes !== NO_BYTES) this.#full.push(this.bytes);
    this.bytes = bytesMin <= SLAB_BYTES ? takeSlab() : allocate(bytesMin);
    this.#segmentStart = 0;
  }

  #endSegment(end: number): void {
    if (end > this.#segmentStart) {
      this.#segments.push(this.bytes.subarray(this.#segmentStart, end));
      this.#segmentBytes += end - this.#segmentStart;
    }
    this.#segmentStart = end;
  }

  /** A short header needs seven bytes less than were left for it: it moves up to the body, or the body down to it. */
  #closeGap(size: number): void {
    const gap = HEADER_BYTES_MAX - headerBytes(size);
    if (this.#segmentStart === this.#headAt) {
      this.#headAt += gap;
      this.#segmentStart += gap;
      return;
    }
    this.bytes.copyWithin(this.#headAt + headerBytes(size), this.#headAt + HEADER_BYTES_MAX, this.#at);
    this.#at -= gap;
  }
}

import { timingSafeEqual } from "node:crypto";
import { buildBulkCipher, LAYOUT } from "./bulk-cipher-code.ts";

/** Bytes of the authenticator. */
export const TAG_BYTES = 16;

/** The key stream's first bytes make the authenticator's key; the data comes after them. */
const KEY_BYTES = 32;
/** Bytes that go through the module's memory at a time, the key's included; a multiple of GROUP_BYTES. */
const REGION_BYTES = 96 * 1024;
const GROUP_BYTES = 256;
const BLOCK_BYTES = 16;

/** Which bytes to work on: the tag lies just before `start`, the data from `start` to `end`. */
export interface BulkRange {
  readonly start: number;
  readonly end: number;
}

/** One direction's subkey (8 words), and the message's nonce: eight bytes as two little-endian words. */
export interface BulkKey {
  readonly subkey: Uint32Array;
  readonly nonce: readonly [low: number, high: number];
}

/**
 * XSalsa20-Poly1305, the cipher of NaCl's boxes, for data in place; several times faster than JavaScript can be.
 * The handshake uses an audited library, with which this is compared bit by bit in tests. Little-endian hosts only.
 */
export interface BulkCipher {
  /** Encrypts the data and writes its tag before it. A subkey and nonce must never be used twice. */
  seal(bytes: Uint8Array, range: BulkRange, key: BulkKey): void;
  /** Checks the tag and decrypts; returns false, with the data untouched, when the tag is not right. */
  open(bytes: Uint8Array, range: BulkRange, key: BulkKey): boolean;
}

let shared: BulkCipher | undefined;

/** The process's one cipher, made at its first use; calls never overlap, because they never wait. */
export function bulkCipher(): BulkCipher {
  if (shared === undefined) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(buildBulkCipher()));
    shared = new WasmCipher(instance.exports as unknown as CipherExports);
  }
  return shared;
}

interface CipherExports {
  readonly memory: WebAssembly.Memory;
  stream(at: number, groups: number): void;
  authenticate(at: number, blocks: number, high: number): void;
}

/** Owns the module's memory. I1: after a call no key is left in it. */
class WasmCipher implements BulkCipher {
  readonly #exports: CipherExports;
  readonly #bytes: Uint8Array;
  readonly #salsa: Uint32Array;
  readonly #keyBlock: Uint32Array;
  readonly #polyKey: Uint32Array;
  readonly #polySum: Uint32Array;
  readonly #pad = new Uint32Array(4);
  readonly #tag = new Uint32Array(4);
  readonly #tagBytes = new Uint8Array(this.#tag.buffer);

  constructor(exports: CipherExports) {
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.#bytes = new Uint8Array(buffer);
    this.#salsa = new Uint32Array(buffer, LAYOUT.salsa, 16);
    this.#salsa.set([0x61707865, 0, 0, 0, 0, 0x3320646e, 0, 0, 0, 0, 0x79622d32, 0, 0, 0, 0, 0x6b206574]);
    this.#keyBlock = new Uint32Array(buffer, LAYOUT.data, 8);
    this.#polyKey = new Uint32Array(buffer, LAYOUT.polyKey, 10);
    this.#polySum = new Uint32Array(buffer, LAYOUT.polySum, 10);
  }

  seal(bytes: Uint8Array, range: BulkRange, key: BulkKey): void {
    const { start, end } = range;
    this.#setKey(key);
    this.#keyBlock.fill(0);
    let lead = KEY_BYTES;
    let at = start;
    do {
      const size = Math.min(end - at, REGION_BYTES - lead);
      this.#load(bytes, { at, size, lead });
      this.#stream(lead + size);
      if (lead > 0) this.#startTag();
      this.#authenticate(lead, size);
      this.#store(bytes, { at, size, lead });
      at += size;
      lead = 0;
    } while (at < end);
    this.#finishTag();
    bytes.set(this.#tagBytes, start - TAG_BYTES);
    this.#clear();
  }

  open(bytes: Uint8Array, range: BulkRange, key: BulkKey): boolean {
    this.#setKey(key);
    this.#bytes.fill(0, LAYOUT.data, LAYOUT.data + GROUP_BYTES);
    this.#stream(GROUP_BYTES);
    this.#startTag();
    this.#sum(bytes, range);
    this.#finishTag();
    const genuine = timingSafeEqual(this.#tagBytes, bytes.subarray(range.start - TAG_BYTES, range.start));
    if (genuine) this.#decrypt(bytes, range);
    this.#clear();
    return genuine;
  }

  #sum(bytes: Uint8Array, range: BulkRange): void {
    let lead = KEY_BYTES;
    let at = range.start;
    do {
      const size = Math.min(range.end - at, REGION_BYTES - lead);
      this.#load(bytes, { at, size, lead });
      this.#authenticate(lead, size);
      at += size;
      lead = 0;
    } while (at < range.end);
  }

  #decrypt(bytes: Uint8Array, range: BulkRange): void {
    this.#salsa[8] = 0;
    const loaded = range.end - range.start <= REGION_BYTES - KEY_BYTES;
    let lead = KEY_BYTES;
    let at = range.start;
    do {
      const size = Math.min(range.end - at, REGION_BYTES - lead);
      if (!loaded) this.#load(bytes, { at, size, lead });
      this.#stream(lead + size);
      this.#store(bytes, { at, size, lead });
      at += size;
      lead = 0;
    } while (at < range.end);
  }

  #setKey({ subkey, nonce }: BulkKey): void {
    const salsa = this.#salsa;
    for (let word = 0; word < 4; word++) {
      salsa[1 + word] = subkey[word] as number;
      salsa[11 + word] = subkey[4 + word] as number;
    }
    salsa[6] = nonce[0];
    salsa[7] = nonce[1];
    salsa[8] = 0;
  }

  #load(bytes: Uint8Array, part: Part): void {
    this.#bytes.set(bytes.subarray(part.at, part.at + part.size), LAYOUT.data + part.lead);
  }

  #store(bytes: Uint8Array, part: Part): void {
    const place = LAYOUT.data + part.lead;
    bytes.set(this.#bytes.subarray(place, place + part.size), part.at);
  }

  /** Works on whole groups; what lies past `size` is overwritten. */
  #stream(size: number): void {
    this.#exports.stream(LAYOUT.data, Math.ceil(size / GROUP_BYTES));
  }

  #startTag(): void {
    const [k0, k1, k2, k3, ...pad] = this.#keyBlock as unknown as [number, number, number, number, ...number[]];
    const key = this.#polyKey;
    key[0] = k0 & 0x3ffffff;
    key[2] = ((k0 >>> 26) | (k1 << 6)) & 0x3ffff03;
    key[4] = ((k1 >>> 20) | (k2 << 12)) & 0x3ffc0ff;
    key[6] = ((k2 >>> 14) | (k3 << 18)) & 0x3f03fff;
    key[8] = (k3 >>> 8) & 0x00fffff;
    this.#pad.set(pad);
    this.#polySum.fill(0);
  }

  /** Only the last part may be other than whole blocks: it is padded with a one and zeros (RFC 8439, 2.5). */
  #authenticate(lead: number, size: number): void {
    const at = LAYOUT.data + lead;
    const whole = Math.floor(size / BLOCK_BYTES);
    const rest = at + whole * BLOCK_BYTES;
    if (whole > 0) this.#exports.authenticate(at, whole, 1);
    if (at + size === rest) return;
    this.#bytes[at + size] = 1;
    this.#bytes.fill(0, at + size + 1, rest + BLOCK_BYTES);
    this.#exports.authenticate(rest, 1, 0);
  }

  #finishTag(): void {
    const sum = [0, 2, 4, 6, 8].map((index) => this.#polySum[index] as number);
    carryOver(sum);
    carryOver(sum);
    const reduced = [...sum];
    (reduced[0] as number) += 5;
    carryUp(reduced);
    const keep = ((reduced[4] as number) >>> 26) - 1; // all ones when the sum is below 2^130 - 5
    const [h0, h1, h2, h3, h4] = sum.map(
      (limb, index) => (limb & keep) | ((reduced[index] as number) & ~keep & 0x3ffffff),
    );
    const words = [
      ((h0 as number) | ((h1 as number) << 26)) >>> 0,
      (((h1 as number) >>> 6) | ((h2 as number) << 20)) >>> 0,
      (((h2 as number) >>> 12) | ((h3 as number) << 14)) >>> 0,
      (((h3 as number) >>> 18) | ((h4 as number) << 8)) >>> 0,
    ];
    let carry = 0;
    for (let index = 0; index < 4; index++) {
      const total = (words[index] as number) + (this.#pad[index] as number) + carry;
      this.#tag[index] = total >>> 0;
      carry = total > 0xffffffff ? 1 : 0;
    }
  }

  #clear(): void {
    this.#salsa.fill(0, 1, 5); // I1
    this.#salsa.fill(0, 11, 15);
    this.#bytes.fill(0, LAYOUT.data, LAYOUT.data + KEY_BYTES);
    this.#polyKey.fill(0);
    this.#pad.fill(0);
  }
}

interface Part {
  readonly at: number;
  readonly size: number;
  readonly lead: number;
}

/** Brings limbs 0-3 under 26 bits, moving what is above into the next. */
function carryUp(limbs: number[]): void {
  for (let limb = 0; limb < 4; limb++) {
    limbs[limb + 1] = (limbs[limb + 1] as number) + ((limbs[limb] as number) >>> 26);
    limbs[limb] = (limbs[limb] as number) & 0x3ffffff;
  }
}

/** The same, and what is above limb 4 comes back five times at the bottom. */
function carryOver(limbs: number[]): void {
  carryUp(limbs);
  limbs[0] = (limbs[0] as number) + 5 * ((limbs[4] as number) >>> 26);
  limbs[4] = (limbs[4] as number) & 0x3ffffff;
}

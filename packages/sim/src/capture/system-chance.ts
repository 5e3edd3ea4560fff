import crypto from "node:crypto";
import { OwnedImmediate } from "./owned-timers.ts";
import { currentOwner, type Owner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";

type Done = (error: Error | null, result?: unknown) => void;

/** Replaces what draws lots: inside an owner all of it comes from the owner's random source, and none of it is fit for secrets. */
export function patchChance(patches: Patches): void {
  const replace = (
    target: object,
    name: string,
    owned: (owner: Owner, given: unknown[], native: Native) => unknown,
  ) => {
    const native = Reflect.get(target, name) as AnyFunction | undefined;
    if (native === undefined) return;
    const replacement = function (this: unknown, ...given: unknown[]): unknown {
      const owner = currentOwner();
      const call: Native = (...other) => Reflect.apply(native, this, other);
      return owner === undefined ? call(...given) : owned(owner, given, call);
    };
    patches.set(target, name, imitate(replacement, native));
  };
  // Called more often than all others, so it gathers no arguments.
  const nativeRandom = Math.random;
  const random = () => currentOwner()?.random.next() ?? nativeRandom();
  patches.set(Math, "random", imitate(random, nativeRandom));
  for (const target of [crypto, Object.getPrototypeOf(globalThis.crypto) as object]) {
    replace(target, "getRandomValues", (owner, [into], native) => fill(owner, native(into) as ArrayBufferView));
    replace(target, "randomUUID", (owner) => uuid(owner.random.bytes(16), 4));
  }
  replace(crypto, "randomUUIDv7", (owner) => uuid(withTime(owner.random.bytes(16), owner.clock.now()), 7));
  for (const name of ["randomBytes", "rng", "prng", "pseudoRandomBytes"]) replace(crypto, name, randomBytes);
  replace(crypto, "randomInt", randomInt);
  replace(crypto, "randomFillSync", (owner, [into, offset, size], native) => {
    native(into, offset, size); // It refuses what does not fit.
    return fill(owner, into as ArrayBufferView, offset as number, size as number);
  });
  replace(crypto, "randomFill", randomFill);
}

type Native = (...given: unknown[]) => unknown;

/** Fills elements of a buffer or an array of numbers, from `offset` and `size` of them. */
function fill<T extends ArrayBufferView | ArrayBuffer>(owner: Owner, into: T, offset = 0, size?: number): T {
  const isView = ArrayBuffer.isView(into);
  const unit = isView && "BYTES_PER_ELEMENT" in into ? (into as unknown as Uint8Array).BYTES_PER_ELEMENT : 1;
  const all = isView ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength) : new Uint8Array(into);
  const part = all.subarray(offset * unit, size === undefined ? all.length : (offset + size) * unit);
  part.set(owner.random.bytes(part.length));
  return into;
}

function uuid(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function withTime(bytes: Uint8Array<ArrayBuffer>, nowMs: number): Uint8Array<ArrayBuffer> {
  Buffer.from(bytes.buffer).writeUIntBE(Math.floor(nowMs), 0, 6);
  return bytes;
}

/** Calls back as an event of the owner's own time, as Node calls back later. */
function later(owner: Owner, done: Done, result: unknown): void {
  new OwnedImmediate(owner, () => done(null, result), []);
}

function randomBytes(owner: Owner, given: unknown[], native: Native): unknown {
  const [size, done] = given;
  const isFit = Number.isInteger(size) && (size as number) >= 0 && (size as number) < 2 ** 31;
  if (!isFit || (done !== undefined && typeof done !== "function")) return native(...given); // It says what does not fit.
  const drawn = Buffer.from(owner.random.bytes(size as number).buffer);
  return done === undefined ? drawn : later(owner, done as Done, drawn);
}

function randomInt(owner: Owner, given: unknown[], native: Native): unknown {
  const done = given.findLast((value) => typeof value === "function") as Done | undefined;
  const bounds = done === undefined ? given : given.slice(0, given.indexOf(done));
  native(...bounds); // It refuses what does not fit.
  const [first, second] = bounds as [number, number?];
  const [min, max] = second === undefined ? [0, first] : [first, second];
  const drawn = min + owner.random.integer(max - min);
  return done === undefined ? drawn : later(owner, done, drawn);
}

function randomFill(owner: Owner, given: unknown[], native: Native): unknown {
  const done = given.at(-1);
  if (typeof done !== "function") return native(...given);
  const [into, offset, size] = given.slice(0, -1) as [ArrayBufferView, number?, number?];
  crypto.randomFillSync(into as Uint8Array, offset, size);
  return later(owner, done as Done, into);
}

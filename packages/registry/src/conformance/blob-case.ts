import { isOrreryError } from "@orrery/core";
import type { BlobStore, ByteRange } from "../blobs/blob-store.ts";
import { putBlob } from "../blobs/put-blob.ts";
import type { BlobRef } from "../resource.ts";
import type { BlobsLife } from "./blobs-harness.ts";

/** What every store does. */
export interface BlobCase {
  readonly name: string;
  run(life: BlobsLife): Promise<void>;
}

/** A time after everything. */
export const LATER = Number.MAX_SAFE_INTEGER;

/** Bytes that differ with their length, and repeat nothing for long. */
export function bytesOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = length + 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Puts bytes in one piece. */
export function put(store: BlobStore, bytes: Uint8Array, id = "put-1"): Promise<BlobRef> {
  return putBlob(store, { source: [bytes], id });
}

/** Reads a blob or a range of it as one, and sees that its pieces are small. */
export async function readAll(store: BlobStore, digest: string, range?: ByteRange): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(digest, range)) {
    expect(piece.length <= 1024 * 1024, `a piece of ${piece.length} bytes`);
    pieces.push(piece);
  }
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Gives the names of all that is there, sorted. */
export async function namesOf(store: BlobStore, what: "blobs" | "uploads"): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(what)) names.push(name);
  return names.sort();
}

/** @throws Error where something is not so */
export function expect(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`not as it must be: ${what}`);
}

/** @throws Error where two values differ */
export function expectSame(found: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  expect(one === other, `${what} is ${one?.slice(0, 300)}, wanted is ${other?.slice(0, 300)}`);
}

/** @throws Error where bytes differ */
export function expectBytes(found: Uint8Array, wanted: Uint8Array, what: string): void {
  expect(found.length === wanted.length, `${what} has ${found.length} bytes, wanted are ${wanted.length}`);
  const at = found.findIndex((byte, index) => byte !== wanted[index]);
  expect(at === -1, `${what} differs at byte ${at}`);
}

/** Runs what must be refused, and gives the details of its error. */
export async function expectRefused(code: string, run: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const outcome: unknown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(isOrreryError(outcome), `refused by an OrreryError, but it is ${String(outcome)}`);
  expectSame(outcome.code, code, `the code of "${outcome.message}"`);
  return { ...outcome.details };
}

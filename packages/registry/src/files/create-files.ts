import { type Clock, isOrreryError, OrreryError, type Random } from "@orrery/core";
import { endedUpload } from "../blobs/blob-rules.ts";
import type { BlobStore, BlobUpload } from "../blobs/blob-store.ts";
import { contentTypeOf } from "../content-type.ts";
import { FILE_BYTES_MAX, PIECE_BYTES_MAX, SWEEP_EVERY_MS } from "../limits.ts";
import { nothingThere } from "../nothing-there.ts";
import type { Registry } from "../registry.ts";
import type { BlobRef } from "../resource.ts";
import type { Meter } from "../usage/ledger.ts";
import { type By, localAddress } from "../write/ground.ts";
import type { WriteStep } from "../write/steps.ts";
import { assertMayUpload, assertRoom, type FilesBase, nameUpload, noteOf, peek, readNote } from "./begin-upload.ts";
import type { AppendUpload, FilePiece, Files, FinishUpload, ReadFile } from "./files.ts";
import { createReservations } from "./reservations.ts";
import { sweepFiles } from "./sweep-files.ts";

/** Options of a registry's files. */
export interface FilesOptions {
  /** Where files have their names, and says who may. */
  readonly registry: Registry;
  /** Where their bytes are. */
  readonly blobs: BlobStore;
  /** Tells what is old, and when to sweep. */
  readonly clock: Clock;
  /** Makes names of uploads that nobody guesses. */
  readonly random: Random;
  /** An operator of the registry, as whom they look what is there. Default: `operator`. */
  readonly operator?: string;
  /** Counts the pieces that come and go. Default: nobody does. */
  readonly meter?: Meter;
  /** Largest file, in bytes. Default: 64 GiB. */
  readonly fileBytesMax?: number;
}

/** Makes the files of a registry over a store of blobs, and sweeps them every six hours until it is disposed of. */
export function createFiles(options: FilesOptions): Files {
  const { registry, blobs, clock, random, meter, operator = "operator", fileBytesMax = FILE_BYTES_MAX } = options;
  const base = { registry, blobs, operator, now: () => clock.now(), fileBytesMax };
  const rooms = createReservations({ registry, blobs, operator });
  const sweep = () => sweepFiles({ registry, blobs, operator, now: clock.now() });
  const sweeping = sweepAgain(clock, sweep);

  return {
    begin: async (request, by) => {
      const address = await assertMayUpload(request, by, base);
      const id = nameUpload(by.agent, random);
      await assertRoom(blobs, id);
      const note = { agent: by.agent, address, bytes: request.bytes };
      await rooms.take({ id, ...note });
      try {
        await blobs.begin(id, noteOf(note));
      } catch (error) {
        rooms.free(id);
        throw error;
      }
      rooms.begun(id);
      return id;
    },
    append: async ({ upload: id, offset, data }, by) => {
      const upload = await openOwn(blobs, id, by);
      if (upload === undefined) throw endedUpload(id);
      const { bytes, address } = readNote(upload);
      assertPiece({ upload: id, offset, data }, bytes);
      meter?.count(address, { networkIn: data.length, messages: 1 });
      return upload.append(offset, data);
    },
    finish: async (request, by) => {
      const address = localAddress(request.address);
      const { upload, content } = await settle({ ...request, address }, by, base);
      const { ifRevision, contentType } = request;
      const said = { state: { content }, ...(contentType === undefined ? {} : { properties: { contentType } }) };
      const step: WriteStep =
        ifRevision === undefined
          ? { create: { address, kind: "File", strategy: "update", directories: true, ...said } }
          : { change: { address, ifRevision, ...said } };
      const named = { ...by, requestId: by.requestId ?? `upload-${request.upload}` };
      const written = await rooms.write(request.upload, () => registry.apply([step], named));
      await upload?.abandon();
      return written;
    },
    abandon: async (id, by) => {
      if ((await blobs.open(id)) !== undefined) {
        const own = await openOwn(blobs, id, by);
        if (own === undefined) return;
        await own.abandon();
      }
      rooms.free(id);
    },
    read: async (request, by) => {
      const { address, piece } = await readFile(request, by, { registry, blobs });
      meter?.count(address, { networkOut: piece.data.length, messages: 1 });
      return piece;
    },
    sweep,
    [Symbol.asyncDispose]: sweeping.stop,
  };
}

interface SettlingBase extends FilesBase {
  readonly blobs: BlobStore;
}

interface Settled {
  /** Absent where it is gone. */
  readonly upload?: BlobUpload;
  readonly content: BlobRef;
}

/** Opens an upload of whoever asks; one that somebody else began is none. */
async function openOwn(blobs: BlobStore, id: string, { agent }: By): Promise<BlobUpload | undefined> {
  const upload = await blobs.open(id);
  return upload !== undefined && readNote(upload).agent === agent ? upload : undefined;
}

function assertPiece({ upload, offset, data }: AppendUpload, bytes: number): void {
  if (data.length > PIECE_BYTES_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot append ${data.length} bytes to upload "${upload}": a piece has up to ${PIECE_BYTES_MAX}`,
    );
  if (offset + data.length > bytes)
    throw new OrreryError(
      "out_of_range",
      `Cannot append up to ${offset + data.length} to upload "${upload}": it was begun for ${bytes} bytes`,
    );
}

/**
 * Makes a blob of what was uploaded. The upload stays until the file is written: it shows that whoever asks has sent the bytes, and does not
 * only know their digest. Where it is gone, only the answer can have been lost: then the file has them.
 */
async function settle(request: FinishUpload, by: By, base: SettlingBase): Promise<Settled> {
  const { upload: id, address, digest, bytes } = request;
  const upload = await openOwn(base.blobs, id, by);
  const content = upload && (await finishUpload(upload, request));
  if (upload === undefined || content === undefined) {
    const there = (await peek(address, base))?.state["content"];
    if (there?.digest !== digest || there.bytes !== bytes) throw endedUpload(id);
    return { content: there };
  }
  if ((await base.blobs.size(digest, { isWanted: true })) === bytes) return { upload, content };
  await upload.abandon();
  throw endedUpload(id); // Its bytes were swept, since the file was not written for a day.
}

/** Gives nothing where it was ended meanwhile, by the same question asked twice. */
async function finishUpload(upload: BlobUpload, request: FinishUpload): Promise<BlobRef | undefined> {
  const { upload: id, address, digest, bytes } = request;
  const begun = readNote(upload);
  if (begun.address !== address || begun.bytes !== bytes)
    throw new OrreryError(
      "invalid_argument",
      `Cannot finish upload "${id}" as ${bytes} bytes at "${address}": it was begun for ${begun.bytes} at "${begun.address}"`,
    );
  if (upload.offset < bytes)
    throw new OrreryError(
      "failed_precondition",
      `Cannot finish upload "${id}": ${upload.offset} of ${bytes} bytes are there, append the others`,
      { details: { upload: id, offset: upload.offset } },
    );
  return await upload.finish(digest, { isKept: true }).catch(nothingThere);
}

async function readFile(
  { address, offset, length = PIECE_BYTES_MAX, digest }: ReadFile,
  by: By,
  { registry, blobs }: Pick<FilesOptions, "registry" | "blobs">,
): Promise<{ readonly address: string; readonly piece: FilePiece }> {
  const { kind, state, properties, revision, address: name } = await registry.get(address, by);
  const content = state["content"];
  if (content === undefined)
    throw new OrreryError("failed_precondition", `Cannot read "${name}": this ${kind} has no content`);
  if (digest !== undefined && digest !== content.digest)
    throw new OrreryError("failed_precondition", `Cannot read on in "${name}": it was changed, read it anew`, {
      details: { address: name, digest: content.digest, revision },
    });
  if (!(Number.isSafeInteger(offset) && offset >= 0 && offset <= content.bytes))
    throw new OrreryError("out_of_range", `Cannot read "${name}" from ${offset}: it has ${content.bytes} bytes`);
  const range = { offset, length: Math.min(length, PIECE_BYTES_MAX, content.bytes - offset) };
  const data = await readRange(blobs, { address: name, content, range });
  const contentType = String(properties["contentType"] ?? contentTypeOf(name));
  return { address: name, piece: { data, content, contentType, revision } };
}

interface Range {
  readonly address: string;
  readonly content: BlobRef;
  readonly range: { readonly offset: number; readonly length: number };
}

async function readRange(blobs: BlobStore, { address, content, range }: Range): Promise<Uint8Array> {
  const data = new Uint8Array(range.length);
  let at = 0;
  try {
    for await (const piece of blobs.read(content.digest, range)) {
      if (piece.length === data.length) return piece;
      data.set(piece, at);
      at += piece.length;
    }
    return data;
  } catch (cause) {
    if (!isOrreryError(cause) || cause.code !== "not_found") throw cause;
    const why = `its bytes, ${content.digest}, are gone from the store`;
    throw new OrreryError("data_loss", `Cannot read "${address}": ${why}`, { cause });
  }
}

/** Sweeps now and then. What fails is tried again the next time. */
function sweepAgain(clock: Clock, sweep: () => Promise<unknown>): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = false;
  const wait = () =>
    clock.timer(SWEEP_EVERY_MS, () => {
      running = sweep()
        .catch(() => {})
        .then(() => {
          if (!isStopped) timer = wait();
        });
    });
  let timer = wait();
  return {
    stop: async () => {
      isStopped = true;
      timer.cancel();
      await running;
    },
  };
}

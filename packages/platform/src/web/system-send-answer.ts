import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import type { Answer } from "./answer.ts";
import { JOINED_BYTES_MAX, LINGER_MS, SLICE_BYTES } from "./limits.ts";

/** What is needed to send an answer. */
export interface Sending {
  readonly clock: Clock;
  /** How long a visitor may take nothing of what waits for him, in ms; then his connection is cut. */
  readonly stallTimeoutMs: number;
  /** Told when that happens. */
  readonly onStall: () => void;
  /** The connection is to end after this answer. */
  readonly closing: boolean;
}

/**
 * Sends an answer; resolves when all was taken off our hands, or the visitor has left. Pieces are asked for only as fast as the connection
 * takes them. An answer that breaks off cuts the connection, so that nobody takes it for whole.
 * @throws what the first piece throws: nothing was sent then
 */
export async function sendAnswer(
  [incoming, outgoing]: readonly [IncomingMessage, ServerResponse],
  answer: Answer,
  sending: Sending,
): Promise<void> {
  const { body } = answer;
  if (body === undefined || body instanceof Uint8Array) {
    writeHead([incoming, outgoing], { ...answer, bytes: body?.length ?? 0 }, sending);
    if (answer.endsUpload && !incoming.complete) await discardRest(incoming, sending.clock);
    if (body === undefined || incoming.method === "HEAD") outgoing.end();
    else if (body.length <= JOINED_BYTES_MAX) outgoing.end(lettersOf(body), "latin1");
    else if (body.length <= SLICE_BYTES) outgoing.end(body);
    else {
      await writeSlices(outgoing, body, sending);
      outgoing.end();
    }
    return finished(outgoing, sending);
  }
  const pieces = body[Symbol.asyncIterator]();
  try {
    let step = await nextOf(pieces, answer, sending.clock);
    writeHead([incoming, outgoing], answer, sending);
    if (incoming.method !== "HEAD")
      for (; step.done !== true && !outgoing.destroyed; step = await nextOf(pieces, answer, sending.clock))
        await writeSlices(outgoing, step.value, sending);
    outgoing.end();
  } catch (error) {
    if (!outgoing.headersSent) throw error;
    outgoing.destroy();
  } finally {
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
  return finished(outgoing, sending);
}

/** Short bodies as text of a letter for each byte: Node sends it in one write with the header, where bytes would take a costlier one. */
const LETTERS = new WeakMap<Uint8Array, string>();

function lettersOf(body: Uint8Array): string {
  const known = LETTERS.get(body);
  if (known !== undefined) return known;
  const letters = Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1");
  LETTERS.set(body, letters);
  return letters;
}

/** A piece of an answer did not come in time. */
export class PieceTooLate extends Error {}

async function nextOf(
  pieces: AsyncIterator<Uint8Array>,
  { pieceTimeoutMs }: Answer,
  clock: Clock,
): Promise<IteratorResult<Uint8Array>> {
  if (pieceTimeoutMs === undefined) return pieces.next();
  const late = Promise.withResolvers<never>();
  const timer = clock.timer(pieceTimeoutMs, () => late.reject(new PieceTooLate("an answer stood still")));
  return Promise.race([pieces.next(), late.promise]).finally(() => timer.cancel());
}

/** Statuses whose answers have no body, and say nothing of its length. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

function writeHead(
  [incoming, outgoing]: readonly [IncomingMessage, ServerResponse],
  { status, headers, bytes, endsUpload }: Answer,
  { closing }: Sending,
): void {
  const flat = headers.flat();
  if (bytes !== undefined && !BODILESS.has(status)) flat.push("content-length", String(bytes));
  if (closing || (endsUpload === true && !incoming.complete)) flat.push("connection", "close");
  outgoing.writeHead(status, flat);
}

// In slices, so that a visitor who takes a little at a time is told from one who takes nothing.
async function writeSlices(outgoing: ServerResponse, bytes: Uint8Array, sending: Sending): Promise<void> {
  for (let at = 0; at < bytes.length && !outgoing.destroyed; at += SLICE_BYTES) {
    const slice = bytes.length <= SLICE_BYTES ? bytes : bytes.subarray(at, at + SLICE_BYTES);
    if (!outgoing.write(slice)) await untilEvent(outgoing, "drain", sending);
  }
}

async function finished(outgoing: ServerResponse, sending: Sending): Promise<void> {
  if (outgoing.writableFinished || outgoing.socket?.writableLength === 0) return; // The system has all of it.
  await untilEvent(outgoing, "finish", sending);
}

function untilEvent(outgoing: ServerResponse, event: "drain" | "finish", sending: Sending): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      outgoing.off(event, done);
      outgoing.off("close", done);
      resolve();
    };
    const timer = sending.clock.timer(sending.stallTimeoutMs, () => {
      sending.onStall();
      outgoing.destroy();
      done();
    });
    outgoing.on(event, done);
    outgoing.on("close", done);
    if (outgoing.destroyed) done();
  });
}

/** Reads what is left of an upload and throws it away, for a while: a visitor who still writes does not read the refusal. */
function discardRest(incoming: IncomingMessage, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      resolve();
    };
    const timer = clock.timer(LINGER_MS, done);
    incoming.once("end", done).once("close", done).resume();
  });
}

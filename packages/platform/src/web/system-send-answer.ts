import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import type { Answer } from "./answer.ts";
import { isWhole } from "./in-time.ts";
import { JOINED_BYTES_MAX, LINGER_MS, SLICE_BYTES } from "./limits.ts";

/** What is needed to send an answer. */
export interface Sending {
  readonly clock: Clock;
  /** How long a visitor may take nothing of what waits for him, in ms; then his connection is cut. */
  readonly stallTimeoutMs: number;
  /** Told when that happens. */
  readonly onStall: (incoming: IncomingMessage) => void;
  /** Whether connections are to end after the answer that they get. */
  readonly isClosing: () => boolean;
}

/**
 * Sends an answer; resolves when all was taken off our hands, or the visitor has left; undefined where that is so at once. Pieces are asked
 * for only as fast as the connection takes them. An answer that breaks off cuts the connection, so that nobody takes it for whole.
 * @throws what the first piece throws: nothing was sent then
 */
export function sendAnswer(
  exchange: readonly [IncomingMessage, ServerResponse],
  answer: Answer,
  sending: Sending,
): Promise<void> | undefined {
  const { body } = answer;
  if (body !== undefined && !isWhole(body)) return sendPieces(exchange, { ...answer, body }, sending);
  const [incoming] = exchange;
  const length = typeof body === "string" ? Buffer.byteLength(body) : (body?.length ?? 0);
  writeHead(exchange, answer, { length, isClosing: sending.isClosing() });
  if (answer.endsUpload && !incoming.complete) return endUpload(exchange, body, sending);
  if (typeof body === "string" && length <= JOINED_BYTES_MAX) return sendText(exchange, body, sending);
  return sendBytes(exchange, typeof body === "string" ? Buffer.from(body) : body, sending);
}

/** Sends short text in one write with the header. */
function sendText(
  exchange: readonly [IncomingMessage, ServerResponse],
  text: string,
  sending: Sending,
): Promise<void> | undefined {
  const [incoming, outgoing] = exchange;
  if (incoming.method === "HEAD") outgoing.end();
  else outgoing.end(text);
  return finished(exchange, sending);
}

function sendBytes(
  exchange: readonly [IncomingMessage, ServerResponse],
  body: Uint8Array | undefined,
  sending: Sending,
): Promise<void> | undefined {
  const [incoming, outgoing] = exchange;
  if (body === undefined || incoming.method === "HEAD") outgoing.end();
  else if (body.length <= JOINED_BYTES_MAX) outgoing.end(lettersOf(body), "latin1");
  else if (body.length <= SLICE_BYTES) outgoing.end(body);
  else return sendWhole(exchange, body, sending);
  return finished(exchange, sending);
}

/** Sends much that is at hand in one write. Node's own timer of the connection runs anew whenever the system took a part of it. */
function sendWhole(
  [incoming, outgoing]: readonly [IncomingMessage, ServerResponse],
  body: Uint8Array,
  { stallTimeoutMs, onStall }: Sending,
): Promise<void> {
  return new Promise((resolve) => {
    outgoing.setTimeout(stallTimeoutMs, () => {
      onStall(incoming);
      outgoing.destroy();
    });
    outgoing.once("finish", resolve).once("close", resolve).end(body);
  });
}

async function sendPieces(
  exchange: readonly [IncomingMessage, ServerResponse],
  answer: Answer & { readonly body: AsyncIterable<Uint8Array> },
  sending: Sending,
): Promise<void> {
  const [incoming, outgoing] = exchange;
  const { body } = answer;
  const pieces = body[Symbol.asyncIterator]();
  try {
    let step = await nextOf(pieces, answer, sending.clock);
    writeHead(exchange, answer, { length: answer.bytes, isClosing: sending.isClosing() });
    if (incoming.method !== "HEAD")
      for (; step.done !== true && !outgoing.destroyed; step = await nextOf(pieces, answer, sending.clock))
        await writeSlices(exchange, step.value, sending);
    outgoing.end();
  } catch (error) {
    if (!outgoing.headersSent) throw error;
    outgoing.destroy();
  } finally {
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
  await finished(exchange, sending);
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
  { status, headers, isRepeated, endsUpload }: Answer,
  { length, isClosing }: { readonly length: number | undefined; readonly isClosing: boolean },
): void {
  const bytes = BODILESS.has(status) ? undefined : length;
  const closes = isClosing || (endsUpload === true && !incoming.complete);
  const fields = isRepeated ? keptFields(headers, bytes) : fieldsOf(headers, bytes);
  outgoing.writeHead(status, closes ? [...fields, "connection", "close"] : fields);
}

type Fields = Answer["headers"];

/** Fields that come again, as Node takes them; of each list those that were sent last. */
const KEPT = new WeakMap<Fields, { readonly bytes: number | undefined; readonly fields: string[] }>();

function keptFields(headers: Fields, bytes: number | undefined): string[] {
  const known = KEPT.get(headers);
  if (known !== undefined && known.bytes === bytes) return known.fields;
  const fields = fieldsOf(headers, bytes);
  KEPT.set(headers, { bytes, fields });
  return fields;
}

/** Names and values by turns. */
function fieldsOf(headers: Fields, bytes: number | undefined): string[] {
  const fields = headers.flat();
  if (bytes !== undefined) fields.push("content-length", String(bytes));
  return fields;
}

// In slices, so that a visitor who takes a little at a time is told from one who takes nothing.
async function writeSlices(
  exchange: readonly [IncomingMessage, ServerResponse],
  bytes: Uint8Array,
  sending: Sending,
): Promise<void> {
  const [, outgoing] = exchange;
  for (let at = 0; at < bytes.length && !outgoing.destroyed; at += SLICE_BYTES) {
    const slice = bytes.length <= SLICE_BYTES ? bytes : bytes.subarray(at, at + SLICE_BYTES);
    if (!outgoing.write(slice)) await untilEvent(exchange, "drain", sending);
  }
}

function finished(exchange: readonly [IncomingMessage, ServerResponse], sending: Sending): Promise<void> | undefined {
  const [, outgoing] = exchange;
  if (outgoing.writableFinished || outgoing.socket?.writableLength === 0) return undefined; // The system has all of it.
  return untilEvent(exchange, "finish", sending);
}

function untilEvent(
  [incoming, outgoing]: readonly [IncomingMessage, ServerResponse],
  event: "drain" | "finish",
  sending: Sending,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      outgoing.off(event, done);
      outgoing.off("close", done);
      resolve();
    };
    const timer = sending.clock.timer(sending.stallTimeoutMs, () => {
      sending.onStall(incoming);
      outgoing.destroy();
      done();
    });
    outgoing.on(event, done);
    outgoing.on("close", done);
    if (outgoing.destroyed) done();
  });
}

/**
 * Answers at once, so that whoever listens while he sends stops, and reads on for a while before it ends: a connection that is closed on bytes that nobody
 * read takes the answer with it.
 */
async function endUpload(
  exchange: readonly [IncomingMessage, ServerResponse],
  body: string | Uint8Array | undefined,
  sending: Sending,
): Promise<void> {
  const [incoming, outgoing] = exchange;
  if (body === undefined || incoming.method === "HEAD") outgoing.flushHeaders();
  else outgoing.write(body);
  await discardRest(incoming, sending.clock);
  outgoing.end();
  await finished(exchange, sending);
}

/** Reads what is left of an upload and throws it away, for a while. */
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

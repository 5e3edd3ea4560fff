import { type Envelope, type Head, Kind, type Sealing, type SealMark, type WireFailure } from "./envelope.ts";
import { splitName } from "./network-name.ts";
import { createByteReader } from "./protobuf/byte-reader.ts";
import { createByteWriter } from "./protobuf/byte-writer.ts";
import type { Seal } from "./seal.ts";
import { decodeFailure } from "./wire/decode-envelope.ts";
import { encodeFailure } from "./wire/encode-envelope.ts";

const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();
/** What all but the other side may read of a failure that is sealed. */
const SEALED_TEXT = "The reason is sealed";

/** Characters of what a body belongs to that are written where all others are, too. */
const ABOUT_CHARS = 512;
const about = new Uint8Array(3 * ABOUT_CHARS);

/** What is the same for all exchanges of a head, as parts of a list in JSON. */
interface HeadTexts {
  readonly source: string;
  readonly call: string;
}

const known = new WeakMap<Head, HeadTexts>();

function textsOf(head: Head): HeadTexts {
  let texts = known.get(head);
  if (texts === undefined) {
    const { component } = splitName(head.component); // A gateway takes the network off.
    const call = JSON.stringify([component, head.method, head.contentType, head.agent]).slice(1, -1);
    texts = { source: JSON.stringify(head.source.node), call };
    known.set(head, texts);
  }
  return texts;
}

/** What makes one exchange a sealed one. */
export interface SealedExchange {
  readonly seal: Seal;
  readonly mark: SealMark;
  readonly head: Head;
  /** The message that begins it. */
  readonly opening: Envelope;
}

/** Makes the side of a sealed exchange that begins it: it closes the opening and opens answers. */
export function createSealing(exchange: SealedExchange): Sealing {
  return new CountedSealing(exchange);
}

/**
 * Opens the message that begins an exchange, in its envelope, and gives it the side that closes its answers. False, and nothing is changed, when
 * it is not what its sender sealed.
 */
export function openSealed(exchange: SealedExchange): boolean {
  const { opening } = exchange;
  const sealing = new CountedSealing(exchange);
  const body = exchange.seal.open(opening.bytes ?? NOTHING, sealing.about(opening));
  if (body === undefined) return false;
  opening.bytes = body;
  opening.seal = undefined;
  opening.sealing = sealing;
  return true;
}

/**
 * One side of a sealed exchange. Owns: how many answers went by.
 * I1: what one side seals, the other opens only as the same answer, in the same place, of the same exchange, with a failure or without.
 * I2: a failure is sealed whole; outside it leaves only what carriers and gateways look at. I3: no answer that a component alone can give
 * is taken unsealed.
 */
class CountedSealing implements Sealing {
  readonly name: string;
  readonly #seal: Seal;
  readonly #mark: SealMark;
  /** What all its bodies belong to, as the end of a list in JSON. */
  readonly #belongs: string;
  #answers = 0;

  constructor({ seal, mark, head, opening }: SealedExchange) {
    this.name = seal.name;
    this.#seal = seal;
    this.#mark = mark;
    const { incarnation, id } = mark;
    const { source, call } = textsOf(head);
    const node = mark.node === head.source.node ? source : JSON.stringify(mark.node);
    const key = opening.idempotencyKey === "" ? '""' : JSON.stringify(opening.idempotencyKey);
    this.#belongs = `"${seal.name}",${node},${incarnation},${id},${opening.kind},${call},${key}]`;
  }

  /** What the body of an envelope belongs to, as the protocol page has it. Holds until the next is asked for. */
  about({ kind, failure }: Envelope): Uint8Array {
    const place = isAnswer(kind) ? this.#answers : 0;
    const text = `["orrery seal 1",${kind},${place},${failure === undefined ? 0 : 1},${this.#belongs}`;
    if (text.length > ABOUT_CHARS) return utf8.encode(text);
    return about.subarray(0, utf8.encodeInto(text, about).written);
  }

  close(envelope: Envelope): void {
    const { failure } = envelope;
    const body = failure === undefined ? (envelope.bytes ?? NOTHING) : failureBytes(failure);
    envelope.bytes = this.#seal.seal(body, this.about(envelope));
    if (failure !== undefined) envelope.failure = { ...failure, message: SEALED_TEXT, details: "" }; // I2
    if (isAnswer(envelope.kind)) {
      this.#answers++;
      envelope.seal = { name: this.name, node: "", incarnation: 0, id: 0 };
    } else envelope.seal = this.#mark;
  }

  undo(): void {
    this.#answers = Math.max(0, this.#answers - 1);
  }

  open(envelope: Envelope): boolean {
    const { seal, failure } = envelope;
    if (seal === undefined) return failure !== undefined && failure.kind !== "error"; // I3
    if (seal.name !== this.name) return false;
    const body = this.#seal.open(envelope.bytes ?? NOTHING, this.about(envelope)); // I1
    if (body === undefined) return false;
    this.#answers++;
    envelope.seal = undefined;
    if (failure === undefined) {
      envelope.bytes = body;
      return true;
    }
    envelope.bytes = NOTHING;
    try {
      envelope.failure = decodeFailure(createByteReader(body), body.length);
      return true;
    } catch {
      return false;
    }
  }
}

function isAnswer(kind: Kind): boolean {
  return kind === Kind.reply || kind === Kind.streamItem || kind === Kind.streamEnd;
}

function failureBytes(failure: WireFailure): Uint8Array {
  const writer = createByteWriter();
  encodeFailure(writer, failure);
  return writer.finish();
}

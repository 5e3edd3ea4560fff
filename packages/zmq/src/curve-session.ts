import { type BoxKey, boxCipher, TAG_BYTES } from "./box-cipher.ts";
import { isCommand } from "./command.ts";
import { violation } from "./errors.ts";
import { FLAG_COMMAND, FLAG_MORE, readUint32, writeUint32 } from "./frame.ts";
import type { FrameSealer } from "./frame-writer.ts";
import type { SecureSession } from "./mechanism.ts";

const MESSAGE = "MESSAGE";
const PREFIX_BYTES = 16;
const COUNT_BYTES = 8;
const NONCE_AT = 1 + MESSAGE.length;
const TAG_AT = NONCE_AT + COUNT_BYTES;
const FLAGS_AT = TAG_AT + TAG_BYTES;
/** What a MESSAGE adds to its payload: name, nonce, tag and flags. */
export const MESSAGE_OVERHEAD = FLAGS_AT + 1;

const INNER_MORE = 1;
const INNER_COMMAND = 2;
const WORD = 2 ** 32;

/** What the handshake leaves behind: the key of the connection and how far each side's nonces are. */
export interface CurveSessionOptions {
  readonly asServer: boolean;
  readonly boxKey: Uint8Array;
  readonly sent: number;
  readonly received: number;
}

/**
 * The encrypted part of a CURVE connection (RFC 26, MESSAGE): one nonce counter for each direction.
 * A received nonce must be greater than every one before, which is what makes a repeated message fail.
 */
export function createCurveSession(options: CurveSessionOptions): SecureSession {
  const ownPrefix = options.asServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC";
  const peerPrefix = options.asServer ? "CurveZMQMESSAGEC" : "CurveZMQMESSAGES";
  const opener = createOpener({ key: options.boxKey, nonce: nonceOf(peerPrefix) }, options.received);
  return { sealer: createSealer({ key: options.boxKey, nonce: nonceOf(ownPrefix) }, options.sent), open: opener };
}

function createSealer(box: BoxKey, sent: number): FrameSealer {
  const cipher = boxCipher();
  let count = sent;
  return {
    prefixBytes: MESSAGE_OVERHEAD,
    seal(bytes, { start, end, flags }) {
      count++;
      bytes[start] = MESSAGE.length;
      for (let index = 0; index < MESSAGE.length; index++) bytes[start + 1 + index] = MESSAGE.charCodeAt(index);
      writeUint32(bytes, start + NONCE_AT, Math.floor(count / WORD));
      writeUint32(bytes, start + NONCE_AT + 4, count >>> 0);
      const more = (flags & FLAG_MORE) === 0 ? 0 : INNER_MORE;
      bytes[start + FLAGS_AT] = more | ((flags & FLAG_COMMAND) === 0 ? 0 : INNER_COMMAND);
      box.nonce.set(bytes.subarray(start + NONCE_AT, start + TAG_AT), PREFIX_BYTES);
      cipher.seal(bytes, { start: start + FLAGS_AT, end }, box);
    },
  };
}

function createOpener(box: BoxKey, received: number): SecureSession["open"] {
  const cipher = boxCipher();
  let lastHigh = Math.floor(received / WORD);
  let lastLow = received >>> 0;
  return (body) => {
    if (body.length < MESSAGE_OVERHEAD || !isCommand(body, MESSAGE)) {
      throw violation("it sent something other than an encrypted MESSAGE");
    }
    const high = readUint32(body, NONCE_AT);
    const low = readUint32(body, NONCE_AT + 4);
    if (high < lastHigh || (high === lastHigh && low <= lastLow)) throw violation("it repeated an encrypted message");
    box.nonce.set(body.subarray(NONCE_AT, TAG_AT), PREFIX_BYTES);
    if (!cipher.open(body, { start: FLAGS_AT, end: body.length }, box)) {
      throw violation("an encrypted message of it was changed on its way");
    }
    lastHigh = high;
    lastLow = low;
    const inner = body[FLAGS_AT] as number;
    const flags = ((inner & INNER_MORE) === 0 ? 0 : FLAG_MORE) | ((inner & INNER_COMMAND) === 0 ? 0 : FLAG_COMMAND);
    return { flags, payload: body.subarray(MESSAGE_OVERHEAD) };
  };
}

/** A nonce that begins with the direction's name; the count of each message is put behind it. */
function nonceOf(prefix: string): Uint8Array {
  const nonce = new Uint8Array(PREFIX_BYTES + COUNT_BYTES);
  nonce.set(Buffer.from(prefix, "latin1"));
  return nonce;
}

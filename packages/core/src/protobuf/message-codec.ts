import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { messageOf } from "../thrown-text.ts";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { type ByteWriter, createByteWriter } from "./byte-writer.ts";
import { compileMessage } from "./compile-message.ts";
import { mayEvaluate } from "./evaluate.ts";
import { fallbackCodec } from "./fallback-codec.ts";
import { ENCODE_SLAB_BYTES, ENCODE_SLAB_RESULT_BYTES_MAX } from "./limits.ts";
import type { MessageCode } from "./message-plan.ts";
import { asObject, assertBytes } from "./value-check.ts";

/**
 * Turns messages of one protobuf type into bytes, back, and into copies. Messages have the shape that protobuf-es gives them, and the
 * bytes are those that protobuf-es would write.
 */
export interface MessageCodec<T> {
  /**
   * Encodes a message, or an object with some of its fields and no `$typeName`, into bytes that are never written again. Small results
   * share an ArrayBuffer with others, as Node's buffers do: do not transfer it.
   * @throws Error that names message, field and value, when a value does not fit.
   */
  encode(message: T): Uint8Array<ArrayBuffer>;
  /** Encodes at the writer's position, with no length before it. When it throws, as `encode` does, the writer is as it was. */
  encodeInto(writer: ByteWriter, message: T): void;
  /**
   * Decodes bytes; the message keeps no reference to them. Unknown fields are kept in `$unknown` and encoded again.
   * @throws Error such as `Cannot decode "demo.Order": truncated at byte 12 of 20`.
   */
  decode(bytes: Uint8Array): T;
  /**
   * Copies a message deeply into what the other side of a wire would get: floats rounded, numbers in 64-bit fields made bigints. Takes
   * and refuses what `encode` does; only half surrogate pairs in text stay as they are.
   */
  copy(message: T): T;
}

const codecs = new WeakMap<DescMessage, MessageCodec<unknown>>();

/**
 * Gives the codec of a message type, always the same one. Its code is compiled for the type on first use; where a page's security
 * policy forbids that, protobuf-es does the work, slower, with the same results, and with errors of bytes in its own words.
 */
export function messageCodec<Desc extends DescMessage>(desc: Desc): MessageCodec<MessageShape<Desc>> {
  let codec = codecs.get(desc);
  if (codec === undefined) {
    codec = mayEvaluate() ? compiledCodec(desc) : fallbackCodec(desc);
    codecs.set(desc, codec);
  }
  return codec as MessageCodec<MessageShape<Desc>>;
}

function compiledCodec(desc: DescMessage): MessageCodec<unknown> {
  const code = compileMessage(desc);
  const { typeName } = desc;
  return {
    encode: (message) => encode(code, asObject(typeName, message)),
    encodeInto(writer, message) {
      const start = writer.position;
      try {
        code.write(writer, asObject(typeName, message), 1);
      } catch (cause) {
        writer.position = start;
        throw cause;
      }
    },
    decode: (bytes) => decode(code, typeName, bytes),
    copy: (message) => code.copy(asObject(typeName, message), 1),
  };
}

/** Absent while in use: a getter of a message may call us again. */
let spareWriter: ByteWriter | undefined;
let spareReader: ByteReader | undefined;

function encode(code: MessageCode, message: unknown): Uint8Array<ArrayBuffer> {
  const writer = spareWriter ?? createByteWriter(ENCODE_SLAB_BYTES);
  spareWriter = undefined;
  const start = writer.position;
  try {
    code.write(writer, message, 1);
    return cut(writer, start);
  } catch (cause) {
    writer.position = start;
    throw cause;
  } finally {
    const isRoomy = writer.bytes.length - writer.position >= ENCODE_SLAB_RESULT_BYTES_MAX / 4;
    if (isRoomy && writer.bytes.length <= ENCODE_SLAB_BYTES) spareWriter = writer;
  }
}

/** Gives what was written since `start`: a piece of the block if it is small, else memory of its own. */
function cut(writer: ByteWriter, start: number): Uint8Array<ArrayBuffer> {
  const size = writer.position - start;
  if (size <= ENCODE_SLAB_RESULT_BYTES_MAX) return new Uint8Array(writer.bytes.buffer, start, size);
  const own = writer.bytes.slice(start, writer.position);
  writer.position = start;
  return own;
}

function decode(code: MessageCode, typeName: string, bytes: Uint8Array): unknown {
  assertBytes(typeName, bytes);
  const reader = spareReader ?? createByteReader(bytes);
  spareReader = undefined;
  reader.reset(bytes);
  try {
    return code.read(reader, undefined, bytes.length, 1, 0);
  } catch (cause) {
    throw new Error(`Cannot decode "${typeName}": ${messageOf(cause)}`, { cause });
  } finally {
    reader.release();
    spareReader = reader;
  }
}

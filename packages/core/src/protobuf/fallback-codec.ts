import {
  create,
  type DescMessage,
  fromBinary,
  isMessage,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { messageOf } from "../thrown-text.ts";
import type { MessageCodec } from "./message-codec.ts";

/**
 * Makes a codec of protobuf-es's own functions, for places where code must not be compiled at run time. It gives the same bytes and
 * messages as a compiled one; its errors name the message too, but say why in protobuf-es's words.
 */
export function fallbackCodec(desc: DescMessage): MessageCodec<unknown> {
  const encode = (message: unknown) =>
    named(`Cannot encode "${desc.typeName}"`, () => toBinary(desc, asMessage(desc, message)));
  const decode = (bytes: Uint8Array) =>
    // protobuf-es gives out pieces of what it reads, so it reads a copy.
    named(`Cannot decode "${desc.typeName}"`, () => fromBinary(desc, new Uint8Array(bytes)));
  return {
    encode,
    encodeInto: (writer, message) => writer.raw(encode(message)),
    decode,
    copy: (message) => decode(encode(message)),
  };
}

function asMessage(desc: DescMessage, value: unknown): Message {
  if (typeof value !== "object" || value === null) throw new Error(`expected a message, got ${typeof value}`);
  return isMessage(value) ? value : create(desc, value as MessageInitShape<DescMessage>);
}

function named<T>(action: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${action}: ${messageOf(cause)}`, { cause });
  }
}

import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { messageOf } from "../thrown-text.ts";
import { fitMessage } from "./fit-message.ts";
import type { MessageCodec } from "./message-codec.ts";
import { asObject, assertBytes } from "./value-check.ts";

/**
 * Makes a codec of protobuf-es's own functions, for places where code must not be compiled at run time. It gives the same bytes and
 * messages as a compiled one, and refuses the same values; of bytes that it cannot read it says why in protobuf-es's words.
 */
export function fallbackCodec(desc: DescMessage): MessageCodec<unknown> {
  const { typeName } = desc;
  const encode = (value: unknown) => {
    const message = fitMessage(desc, asObject(typeName, value)); // protobuf-es writes a number where text belongs, and the like.
    return named(`Cannot encode "${typeName}"`, () => toBinary(desc, message));
  };
  const decode = (bytes: Uint8Array) => {
    assertBytes(typeName, bytes);
    // protobuf-es gives out pieces of what it reads, so it reads a copy.
    return named(`Cannot decode "${typeName}"`, () => fromBinary(desc, new Uint8Array(bytes)));
  };
  return {
    encode,
    encodeInto: (writer, message) => writer.raw(encode(message)),
    decode,
    copy: (message) => decode(encode(message)),
  };
}

function named<T>(action: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${action}: ${messageOf(cause)}`, { cause });
  }
}

import type { DescMessage } from "@bufbuild/protobuf";
import type { BodyCodec } from "./contract.ts";
import { failure } from "./orrery-error.ts";
import { type MessageCodec, messageCodec } from "./protobuf/message-codec.ts";

/** Body codec of a protobuf message type; compiled on first use. */
export function protobufBody(message: DescMessage): BodyCodec {
  let compiled: MessageCodec<unknown> | undefined;
  const codec = () => (compiled ??= messageCodec(message) as MessageCodec<unknown>);
  return {
    contentType: "",
    encode: (value) => guarded(() => codec().encode(value)),
    copy: (value) => guarded(() => codec().copy(value)),
    decode: (bytes) => guarded(() => codec().decode(bytes)),
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw failure("malformed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

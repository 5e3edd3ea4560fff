import type { DescMessage } from "@bufbuild/protobuf";
import type { BodyCodec } from "./contract.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import { type MessageCodec, messageCodec } from "./protobuf/message-codec.ts";
import { messageOf } from "./thrown-text.ts";

/** Body codec of a protobuf message type; compiled on first use. */
export function protobufBody(message: DescMessage): BodyCodec {
  let compiled: MessageCodec<unknown> | undefined;
  const codec = () => (compiled ??= messageCodec(message) as MessageCodec<unknown>);
  return {
    contentType: "",
    encode(value) {
      try {
        return codec().encode(value);
      } catch (cause) {
        throw malformed(cause);
      }
    },
    copy(value) {
      try {
        return codec().copy(value);
      } catch (cause) {
        throw malformed(cause);
      }
    },
    decode(bytes) {
      try {
        return codec().decode(bytes);
      } catch (cause) {
        throw malformed(cause);
      }
    },
  };
}

function malformed(cause: unknown): OrreryError {
  return failure("malformed", messageOf(cause), { cause });
}

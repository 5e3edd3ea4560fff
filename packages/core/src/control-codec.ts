import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Control, ControlSchema } from "./gen/orrery/control/v1/control_pb.ts";
import { createByteReader } from "./protobuf/byte-reader.ts";
import { createByteWriter } from "./protobuf/byte-writer.ts";
import {
  type MessageTable,
  messageTable,
  readMessage,
  type TableValues,
  tagOfField,
  writeField,
} from "./protobuf/message-table.ts";

/** What a control message says, as it is handed to the codec: defaults may be left out. */
export type ControlInit = NonNullable<MessageInitShape<typeof ControlSchema>["message"]>;

// The messages of `proto/orrery/control/v1/control.proto`.

const INSTANCE = messageTable(
  "orrery.control.v1.Instance",
  ["id", "text"],
  ["state", "text"],
  ["incarnation", "uint64"],
  ["waiting", "uint32"],
);

const METHOD = messageTable(
  "orrery.control.v1.Method",
  ["name", "text"],
  ["mode", "text"],
  ["contentType", "text"],
  ["fingerprint", "fixed64"],
  ["idempotent", "bool"],
  ["horizon", "text"],
  ["timeoutMs", "uint32"],
  ["summary", "text"],
  ["requestSchema", "text"],
  ["replySchema", "text"],
  ["keep", "bool"],
);

const COMPONENT = messageTable(
  "orrery.control.v1.Component",
  ["name", "text"],
  ["version", "text"],
  ["instances", INSTANCE, "repeated"],
  ["methods", METHOD, "repeated"],
  ["descriptors", "bytes"],
);

const HELLO = messageTable(
  "orrery.control.v1.Hello",
  ["node", "text"],
  ["incarnation", "uint64"],
  ["wire", "uint32"],
  ["software", "text"],
);

const PONG = messageTable(
  "orrery.control.v1.Pong",
  ["id", "uint64"],
  ["sentUs", "uint64"],
  ["answeredUs", "uint64"],
  ["wallUs", "uint64"],
);

const DESCRIPTION = messageTable(
  "orrery.control.v1.Description",
  ["id", "uint64"],
  ["node", "text"],
  ["incarnation", "uint64"],
  ["components", COMPONENT, "repeated"],
);

/** What may stand in a control message. */
export const CONTROL: MessageTable = messageTable(
  "orrery.control.v1.Control",
  ["hello", HELLO],
  ["ping", messageTable("orrery.control.v1.Ping", ["id", "uint64"], ["sentUs", "uint64"])],
  ["pong", PONG],
  ["describe", messageTable("orrery.control.v1.Describe", ["id", "uint64"])],
  ["description", DESCRIPTION],
  ["leave", messageTable("orrery.control.v1.Leave", ["reason", "text"], ["id", "uint64"])],
  ["gossip", messageTable("orrery.control.v1.Gossip", ["message", "bytes"])],
  ["settled", messageTable("orrery.control.v1.Settled", ["id", "uint64"])],
);

/** Encodes a control message: the bytes that protobuf-es would write. Values are taken to fit their fields. */
export function encodeControl(message: ControlInit): Uint8Array<ArrayBuffer> {
  const writer = createByteWriter();
  const field = CONTROL.fields.find(({ name }) => name === message.case);
  if (field !== undefined) writeField(writer, field, message.value);
  return writer.finish();
}

/**
 * Decodes a control message. Fields of a newer peer are passed over, and a message that only it knows has no case.
 * @throws Error saying what is wrong, for bytes that are no control message.
 */
export function decodeControl(bytes: Uint8Array): Control {
  let message: { case?: string | undefined; value?: TableValues } = { case: undefined };
  const reader = createByteReader(bytes);
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    const field = CONTROL.fields.find((known) => tagOfField(known) === tag);
    if (field === undefined) {
      reader.skip(tag, 1);
      continue;
    }
    // The same message said again adds to what was said, as protobuf has it; another takes its place.
    const known = message.case === field.name ? message.value : undefined;
    message = { case: field.name, value: readMessage(reader, field.type as MessageTable, known) };
  }
  return { $typeName: CONTROL.typeName, message } as Control;
}

import { fromBinary } from "@bufbuild/protobuf";
import { ControlSchema, type Description } from "../gen/orrery/control/v1/control_pb.ts";
import { durationText, listText, nameText } from "./inspect-text.ts";

/** Renders an encoded control message in one line; one that says what is wrong, for bytes that are none. */
export function inspectControl(bytes: Uint8Array): string {
  try {
    return controlText(bytes);
  } catch (error) {
    return `control, no message, ${bytes.length} B: ${(error as Error).message}`;
  }
}

function controlText(bytes: Uint8Array): string {
  const { message } = fromBinary(ControlSchema, bytes);
  switch (message.case) {
    case "hello": {
      const { node, incarnation, wire, software } = message.value;
      return listText([
        "hello",
        `from ${nameText(node)}`,
        `incarnation ${incarnation}`,
        `wire ${wire}`,
        nameText(software),
      ]);
    }
    case "ping":
      return listText([`ping ${message.value.id}`, `at ${durationText(message.value.sentUs)}`]);
    case "pong":
      return listText([`pong ${message.value.id}`, `at ${durationText(message.value.answeredUs)}`]);
    case "describe":
      return `describe ${message.value.id}`;
    case "description":
      return descriptionText(message.value);
    case "leave": {
      const { reason, id } = message.value;
      return listText([id === 0n ? "leave" : `leave ${id}`, `because ${nameText(reason)}`]);
    }
    case "settled":
      return `settled ${message.value.id}`;
    default:
      return `control of a newer peer, ${bytes.length} B`;
  }
}

function descriptionText({ id, node, incarnation, components }: Description): string {
  const served = components.map(({ name, version }) => `${nameText(name)}@${nameText(version)}`);
  return listText([
    `description ${id}`,
    `from ${nameText(node)}`,
    `incarnation ${incarnation}`,
    served.length === 0 ? "serves nothing" : `serves ${served.join(" ")}`,
  ]);
}

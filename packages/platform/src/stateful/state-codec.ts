import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { messageCodec } from "@orrery/core/internal";
import type {
  Change,
  Entry,
  Position as PositionMessage,
  Snapshot as SnapshotMessage,
} from "../gen/orrery/state/v1/state_pb.ts";
import type { Position, Snapshot, Update } from "./position.ts";
import { type StateChange, type StateEntry, stateOf } from "./state.ts";

/** Writes a message that may leave out what is empty. */
export function encodeMessage<D extends DescMessage>(type: D, message: MessageInitShape<D>): Uint8Array<ArrayBuffer> {
  return messageCodec(type).encode(message as MessageShape<D>);
}

/** Reads a message. @throws Error that says what is wrong, and where. */
export function decodeMessage<D extends DescMessage>(type: D, bytes: Uint8Array): MessageShape<D> {
  return messageCodec(type).decode(bytes);
}

/** A position as a message. */
export function positionToMessage({ epoch, revision }: Position) {
  return { epoch: BigInt(epoch), revision: BigInt(revision) };
}

/** A position of a message; what is absent is zero. */
export function positionOf(message: PositionMessage | undefined): Position {
  return { epoch: Number(message?.epoch ?? 0n), revision: Number(message?.revision ?? 0n) };
}

/** A snapshot as a message. */
export function snapshotToMessage({ position, state }: Snapshot) {
  return {
    position: positionToMessage(position),
    entries: [...state.entries].map(([key, entry]) => ({ key, ...entry })),
  };
}

/** A snapshot of a message. */
export function snapshotOf({ position, entries }: SnapshotMessage): Snapshot {
  return {
    position: positionOf(position),
    state: stateOf(new Map(entries.map((entry) => [entry.key, entryOf(entry)]))),
  };
}

/** An update as a message. */
export function updateToMessage({ before, changes }: Update) {
  return { before: positionToMessage(before), entries: changes.map(changeToMessage) };
}

/** An update of a message. */
export function updateOf({ before, entries }: Change): Update {
  const changes = entries.map((entry) => ({ key: entry.key, entry: entry.isDeleted ? undefined : entryOf(entry) }));
  return { before: positionOf(before), changes };
}

function changeToMessage({ key, entry }: StateChange) {
  return entry === undefined ? { key, isDeleted: true } : { key, ...entry };
}

function entryOf({ contentType, body }: Entry): StateEntry {
  return { contentType, body };
}

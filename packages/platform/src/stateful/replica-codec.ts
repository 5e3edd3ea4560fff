import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Answer, AnswerSchema, AskSchema, Outcome } from "../gen/orrery/state/v1/state_pb.ts";
import type { ReplicaAnswer, ReplicaAsk, ReplicaOutcome } from "./replica.ts";
import {
  decodeMessage,
  encodeMessage,
  positionOf,
  positionToMessage,
  snapshotOf,
  snapshotToMessage,
  updateOf,
  updateToMessage,
} from "./state-codec.ts";

/** Writes what a member is asked. */
export function encodeAsk(ask: ReplicaAsk): Uint8Array<ArrayBuffer> {
  return encodeMessage(AskSchema, { ask: messageOfAsk(ask) });
}

/** Reads what a member is asked. @throws Error for what cannot be read. */
export function decodeAsk(bytes: Uint8Array): ReplicaAsk {
  const { ask } = decodeMessage(AskSchema, bytes);
  switch (ask.case) {
    case "prepare": {
      const { epoch, have, isJoining } = ask.value;
      return { kind: "prepare", epoch: Number(epoch), have: positionOf(have), isJoining };
    }
    case "change":
      return { kind: "change", update: updateOf(ask.value) };
    case "install":
      return { kind: "install", snapshot: snapshotOf(ask.value) };
    case "confirm":
      return { kind: "confirm", epoch: Number(ask.value.epoch) };
    case "look":
      return { kind: "look" };
    default:
      throw new Error("it asks for something that this version does not know");
  }
}

const OUTCOMES: Readonly<Record<ReplicaOutcome, Outcome>> = {
  done: Outcome.DONE,
  refused: Outcome.REFUSED,
  held: Outcome.HELD,
  behind: Outcome.BEHIND,
  empty: Outcome.EMPTY,
};

/** Writes a member's answer. */
export function encodeAnswer({ outcome, promised, position, newer }: ReplicaAnswer): Uint8Array<ArrayBuffer> {
  return encodeMessage(AnswerSchema, {
    outcome: OUTCOMES[outcome],
    promised: BigInt(promised),
    position: positionToMessage(position),
    ...(newer !== undefined && { newer: snapshotToMessage(newer) }),
  });
}

/** Reads a member's answer. @throws Error for what cannot be read. */
export function decodeAnswer(bytes: Uint8Array): ReplicaAnswer {
  const { outcome, promised, position, newer } = decodeMessage(AnswerSchema, bytes);
  return {
    outcome: outcomeOf(outcome),
    promised: Number(promised),
    position: positionOf(position),
    newer: newer && snapshotOf(newer),
  };
}

function outcomeOf(outcome: Answer["outcome"]): ReplicaOutcome {
  for (const [name, value] of Object.entries(OUTCOMES)) if (value === outcome) return name as ReplicaOutcome;
  throw new Error(`its outcome is ${outcome}`);
}

function messageOfAsk(ask: ReplicaAsk): NonNullable<MessageInitShape<typeof AskSchema>["ask"]> {
  switch (ask.kind) {
    case "prepare": {
      const { epoch, have, isJoining } = ask;
      return { case: "prepare", value: { epoch: BigInt(epoch), have: positionToMessage(have), isJoining } };
    }
    case "change":
      return { case: "change", value: updateToMessage(ask.update) };
    case "install":
      return { case: "install", value: snapshotToMessage(ask.snapshot) };
    case "confirm":
      return { case: "confirm", value: { epoch: BigInt(ask.epoch) } };
    case "look":
      return { case: "look", value: {} };
  }
}

import { createAnswer, type Envelope, Kind } from "./envelope.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import type { MessageContext } from "./message-context.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import { messageOf } from "./thrown-text.ts";
import { failureToWire } from "./wire-failure.ts";

/**
 * Answers a message with its handler's value. One that does not fit the contract, or that its carrier does not take, is answered as a
 * defect; `onUnfit` is told of it.
 */
export function replyValue(message: MessageContext, value: unknown, onUnfit: (error: OrreryError) => void): void {
  const { envelope, port, method } = message;
  if (envelope.kind !== Kind.request) return;
  try {
    if (port.carriesValues && port.answer !== undefined) {
      const own = method.reply.copy(value);
      message.note("replied", "reply");
      port.answer(envelope, own);
    } else {
      const reply = createAnswer(Kind.reply, envelope);
      writeReply(reply, message, value);
      message.note("replied", "reply");
      const sent = port.send(reply);
      if (sent === "overloaded" || sent === "too_large") throw new Error(`its carrier does not take it (${sent})`);
    }
  } catch (thrown) {
    const error = unfit(message, thrown);
    onUnfit(error);
    replyError(message, error, message.instance);
  }
}

/** Answers a message with an error. */
export function replyError(message: MessageContext, error: OrreryError, where: string): void {
  if (message.acknowledged) return;
  if (message.envelope.kind !== Kind.broadcast) message.note("replied", error.kind, error.reason);
  bounce(message.envelope, message.port, error, where);
}

/** Answers a message that is not run, and marks it answered. */
export function refuse(message: MessageContext, error: OrreryError): void {
  if (message.answered) return;
  message.answered = true;
  replyError(message, error, message.instance);
}

/** Tells the sender of a one-way message that it was accepted: all that it will be told. */
export function acknowledge(message: MessageContext): void {
  message.note("replied", "reply");
  message.port.send(createAnswer(Kind.reply, message.envelope));
  message.acknowledged = true;
}

/** Answers an envelope with an error, in the form that its kind expects. */
export function bounce(envelope: Envelope, port: Port, error: OrreryError, where: string): void {
  if (envelope.kind === Kind.broadcast) return;
  const reply = createAnswer(envelope.kind === Kind.streamOpen ? Kind.streamEnd : Kind.reply, envelope);
  reply.failure = failureToWire(error, where);
  port.send(reply);
}

function writeReply(reply: Envelope, message: MessageContext, value: unknown): void {
  const { reply: codec } = message.method;
  if (message.port.carriesValues) {
    reply.value = codec.copy(value);
    return;
  }
  reply.bytes = codec.encode(value);
  if (reply.bytes.length > BODY_BYTES_MAX) {
    throw failure("bad_reply", `its body has ${reply.bytes.length} bytes, the limit is ${BODY_BYTES_MAX}`);
  }
}

function unfit(message: MessageContext, thrown: unknown): OrreryError {
  return failure(
    "bad_reply",
    `Cannot send the reply of "${message.head.component}.${message.head.method}": ${messageOf(thrown)}`,
    {
      cause: thrown,
    },
  );
}

import { refuse } from "./answer.ts";
import type { FlowRef } from "./envelope.ts";
import type { MessageContext } from "./message-context.ts";
import { failure, type OrreryError } from "./orrery-error.ts";

/** Gives the request of a message, checked. @throws OrreryError `malformed`, or what its schema throws. */
export function readRequest(message: MessageContext): unknown | Promise<unknown> {
  const { request } = message.method;
  const { bytes } = message.envelope;
  const value = bytes === undefined ? message.envelope.value : request.decode(bytes);
  return request.check === undefined ? value : request.check(value);
}

/** The error of a stream whose handler gave none. */
export function notIterable(name: string): OrreryError {
  const text = `Cannot stream "${name}": its handler gave no async iterable, make it an async function*`;
  return failure("bad_reply", text);
}

/** Whether a chain of instances may have gone through a message at an instance. */
export function leadsTo(chain: readonly string[], message: MessageContext, instance: string): boolean {
  const own = message.chain.length === 0 ? [instance] : message.chain;
  return own.every((one, at) => one === chain[at]);
}

/** Whether two messages are of one flow. */
export function isSameFlow(one: FlowRef, other: FlowRef | undefined): boolean {
  return one.id === other?.id && one.node === other.node;
}

/** Answers a message whose time is over. */
export function refuseExpired(message: MessageContext, where: string): void {
  refuse(
    message,
    failure("expired", `Cannot start "${nameOf(message)}": its time was over when its turn came`, { where }),
  );
}

/** Component and method of a message. */
export function nameOf(message: MessageContext): string {
  return `${message.head.component}.${message.head.method}`;
}

/** Whether a handler is still at it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

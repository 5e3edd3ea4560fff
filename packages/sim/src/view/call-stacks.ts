import { TICKS_PER_MS } from "../limits.ts";
import { messagesOf, type RunMessage } from "./messages.ts";
import type { Recording } from "./recording.ts";

/** One call of a stack that reaches over nodes. */
export interface StackFrame {
  /** `service.method` and the message's number. */
  readonly call: string;
  readonly flow: string;
  /** Who called: an instance, or a node. */
  readonly caller: string;
  /** Where it is, in words: on its way, waiting, handled. */
  readonly state: string;
  /** When it was sent, in ms of the world. */
  readonly sinceMs: number;
}

/** Gathers the calls that nobody has answered yet: a stack for each that waits for no other, innermost call first. */
export function callStacksOf(recording: Recording): readonly (readonly StackFrame[])[] {
  const messages = messagesOf(recording);
  const byKey = new Map(messages.map((message) => [message.key, message]));
  const open = messages.filter(({ outcome, mode, losses }) => outcome === "" && mode === "sync" && losses.length === 0);
  const waitedFor = new Set(open.map(({ parent }) => parent));
  return open.filter(({ key }) => !waitedFor.has(key)).map((message) => framesFrom(message, byKey));
}

/** Writes stacks for people: innermost call first, each with who called it. */
export function tellCallStacks(stacks: readonly (readonly StackFrame[])[]): readonly string[] {
  return stacks.flatMap((stack, index) => [
    ...(index === 0 ? [] : [""]),
    ...stack.map(({ call, caller, state, sinceMs }) => `${call} ${state}, called by ${caller} at ${sinceMs} ms`),
  ]);
}

function framesFrom(message: RunMessage, byKey: ReadonlyMap<string, RunMessage>): readonly StackFrame[] {
  const frames: StackFrame[] = [];
  for (let at: RunMessage | undefined = message; at !== undefined; at = byKey.get(at.parent)) frames.push(frameOf(at));
  return frames;
}

function frameOf(message: RunMessage): StackFrame {
  const { key, component, method, flow, node, instance, queuedTick } = message;
  const number = key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf("#")) + 1);
  return {
    call: `${component}.${method} ${number}`,
    flow,
    caller: instance === "" ? node : `${instance} of ${node}`,
    state: stateOf(message),
    sinceMs: queuedTick / TICKS_PER_MS,
  };
}

function stateOf({ handlings }: RunMessage): string {
  const handling = handlings.at(-1);
  if (handling === undefined) return "is on its way";
  const { node, instance, startedTick, endedTick } = handling;
  const where = instance === "" ? node : `${instance} of ${node}`;
  if (endedTick !== undefined) return `was handled by ${where}, and its answer is on its way`;
  return startedTick === undefined ? `waits at ${where}` : `is handled by ${where}`;
}

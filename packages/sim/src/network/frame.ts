import type { MessageRef } from "@orrery/core";
import { isControl, kindText, type Message } from "@orrery/core/internal";
import type { TraceWhat } from "../trace/trace.ts";

/**
 * What travels on a cable: data alone, so that it may also go to another process. `connection` names the connection within the world,
 * `toDialler` which of its two sides the frame is for.
 */
export type Frame =
  | { readonly kind: "dial"; readonly connection: string; readonly address: string; readonly back: string }
  | { readonly kind: "accepted" | "refused"; readonly connection: string }
  | {
      readonly kind: "message";
      readonly connection: string;
      readonly toDialler: boolean;
      readonly message: Message;
      /** What was left of the message's time when it was put into the cable, in ms; 0 for no limit. */
      readonly budgetMs: number;
    }
  | { readonly kind: "hangup"; readonly connection: string; readonly toDialler: boolean; readonly reason: string }
  | { readonly kind: "heard"; readonly connection: string; readonly toDialler: boolean };

/** Tells a frame for people: a message by its kind, id, method, failure and size. */
export function describeFrame(frame: Frame): string {
  return frame.kind === "message" ? describeMessage(frame.message) : frame.kind;
}

/** The flow of what a frame carries, as `node/id`; empty for none, and for answers, which do not say it. */
export function flowOf(frame: Frame): string {
  if (frame.kind !== "message" || isControl(frame.message)) return "";
  const { flow, head, id } = frame.message;
  if (flow !== undefined) return `${flow.node}/${flow.id}`;
  return head === undefined ? "" : `${head.source.node}/${id}`; // It begins one of its own.
}

/** Names a message in a trace by its sender: `node/instance#id`, or `node/incarnation#id` for one of the node itself. */
export function messageKey({ node, instance, incarnation, id }: MessageRef): string {
  return `${node}/${instance === "" ? incarnation : instance}#${id}`;
}

/** Tells a frame field by field. */
export function whatOf(frame: Frame): TraceWhat {
  if (frame.kind !== "message") return { step: frame.kind };
  if (isControl(frame.message)) return { step: "control" };
  const { kind, id, head, failure } = frame.message;
  const step = kindText(kind);
  const outcome = failure === undefined ? {} : { outcome: failure.kind };
  if (head === undefined) return { step, message: `#${id}`, ...outcome };
  const { source, component, method } = head;
  return { step, message: messageKey({ ...source, id }), component, method, ...outcome };
}

/** Bytes of the body that a frame carries. */
export function sizeOf(frame: Frame): number {
  return frame.kind === "message" ? (frame.message.bytes?.length ?? 0) : 0;
}

function describeMessage(message: Message): string {
  if (isControl(message)) return "control";
  const { kind, id, head, failure } = message;
  const method = head === undefined ? "" : ` ${head.component}.${head.method}`;
  const how = failure === undefined ? "" : ` ${failure.kind}:${failure.reason || failure.code}`;
  return `${kindText(kind)} ${id}${method}${how}`;
}

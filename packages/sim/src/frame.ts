import { isControl, kindText, type Message } from "@orrery/core/internal";

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

/** The flow of what a frame carries, as `node/id`; empty for none. */
export function flowOf(frame: Frame): string {
  if (frame.kind !== "message" || isControl(frame.message)) return "";
  const { flow } = frame.message;
  return flow === undefined ? "" : `${flow.node}/${flow.id}`;
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

import type { FlowEvent, FlowRef, MessageEvent, PointHit } from "@orrery/core";
import { describeFrame, type Frame, flowOf, messageKey, whatOf } from "../network/frame.ts";
import type { Place } from "../network/sim-network.ts";
import type { TraceNote, TraceWriter } from "./trace.ts";

/** Who listens to what all nodes of a world do; a flow monitor is one. */
export interface NodeWatch {
  readonly onMessage?: (event: MessageEvent) => void;
  readonly onFlow?: (event: FlowEvent) => void;
  readonly onPoint?: (hit: PointHit) => void;
}

/** What a node tells its world's trace besides events, and who else listens: nothing at all where nobody does. */
export function watchNode(trace: TraceWriter, node: number, watches: readonly NodeWatch[]): NodeWatch {
  const tracing: NodeWatch = {
    onMessage: (event) => trace.note(noteMessage(node, event)),
    onFlow: (event) => trace.note(noteFlow(node, event)),
    onPoint: (hit) => trace.note(notePoint(node, hit)),
  };
  const all = trace.isWatched ? [tracing, ...watches] : watches;
  const onMessage = toldAll(all.flatMap((watch) => watch.onMessage ?? []));
  const onFlow = toldAll(all.flatMap((watch) => watch.onFlow ?? []));
  const onPoint = toldAll(all.flatMap((watch) => watch.onPoint ?? []));
  return { ...(onMessage && { onMessage }), ...(onFlow && { onFlow }), ...(onPoint && { onPoint }) };
}

/** One listener in the place of several; none in the place of none. */
function toldAll<T>(listeners: readonly ((told: T) => void)[]): ((told: T) => void) | undefined {
  if (listeners.length < 2) return listeners[0];
  return (told) => {
    for (const listener of listeners) listener(told);
  };
}

/** Notes a frame that will never arrive. */
export function noteLost(from: Place, to: Place, frame: Frame, why: string): TraceNote {
  const text = `${why}: ${describeFrame(frame)}`;
  const what = { ...whatOf(frame), step: why, to: to.name };
  return { kind: "lost", node: from.number, text, flow: flowOf(frame), what };
}

/** Notes the end of a node's life, or the beginning of the next. */
export function noteLife(node: number, step: "crash" | "restart"): TraceNote {
  return { kind: "life", node, text: step, what: { step } };
}

function noteMessage(node: number, event: MessageEvent): TraceNote {
  const { kind, id, source, component, method, mode, instance, parent, outcome } = event;
  const how = outcome === undefined ? "" : `: ${outcome}`;
  return {
    kind: "span",
    node,
    text: `${kind} ${component}.${method} ${id}${how}`,
    flow: flowKey(event.flow),
    what: {
      step: kind,
      message: messageKey({ ...source, id }),
      component,
      method,
      mode,
      ...(instance !== "" && { instance }),
      ...(parent !== undefined && { parent: messageKey(parent) }),
      ...(outcome !== undefined && { outcome }),
    },
  };
}

function noteFlow(node: number, event: FlowEvent): TraceNote {
  const { flow, kind } = event;
  const { name } = flow;
  const parent = event.kind === "end" || event.parent === undefined ? {} : { parent: flowKey(event.parent) };
  const what = kind === "begin" ? { step: kind, ...parent, name } : { step: kind, ...parent, outcome: event.how };
  const how = kind === "begin" ? "" : `: ${event.how}`;
  return { kind: "flow", node, text: `${kind} ${name}${how}`, flow: flowKey(flow), what };
}

function notePoint(node: number, { name, component, method, instance, flow, source, messageId }: PointHit): TraceNote {
  const message = messageKey({ ...source, id: messageId });
  const what = { step: name, message, component, method, instance };
  return { kind: "point", node, text: `${name} in ${component}.${method}`, flow: flowKey(flow), what };
}

function flowKey({ node, id }: FlowRef): string {
  return `${node}/${id}`;
}

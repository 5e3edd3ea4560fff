import type { Span as ToldSpan } from "@orrery/mesh/operate";
import { formatTime } from "./format.ts";

/** What a trace is made of, by whoever tells it. */
export type Span = Omit<ToldSpan, "$typeName" | "$unknown" | "mode" | "watched">;

/** A message as both of its sides saw it; one of them may be missing. */
export interface TracedMessage {
  readonly id: string;
  /** Id of the message that led to it; empty for the first. */
  readonly parent: string;
  readonly component: string;
  readonly method: string;
  /** Node that sent it, and that has it; empty where only the other side tells. */
  readonly from: string;
  readonly to: string;
  /** Instances of these; empty for a node itself. */
  readonly fromInstance: string;
  readonly toInstance: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** How long its handler's side had it; undefined where that side does not tell. */
  readonly handledMs: number | undefined;
  readonly outcome: string;
  readonly reason: string;
}

/** All messages that one beginning led to. */
export interface Trace {
  readonly id: string;
  /** Name of the flow, else its node and number. */
  readonly flow: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly nodes: readonly string[];
  /** In the order of their beginnings, each behind what led to it. */
  readonly messages: readonly (TracedMessage & { readonly depth: number })[];
}

/** Puts together what several nodes keep of the same traces, the oldest trace first. Pure. */
export function tracesOf(spans: readonly Span[]): readonly Trace[] {
  const byTrace = new Map<string, Span[]>();
  for (const span of spans) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
  const traces = [...byTrace].map(([id, own]) => traceOf(id, own));
  return traces.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
}

function traceOf(id: string, spans: readonly Span[]): Trace {
  const messages = messagesOf(spans);
  const startMs = Math.min(...messages.map((one) => one.startMs));
  const endMs = Math.max(...messages.map((one) => one.startMs + one.durationMs));
  const named = spans.find(({ flowName }) => flowName !== "");
  return {
    id,
    flow: named?.flowName ?? spans[0]?.flow ?? "",
    startMs,
    durationMs: endMs - startMs,
    nodes: [...new Set(spans.map(({ node }) => node))].sort(),
    messages: inOrder(messages),
  };
}

/** A receiver's span has its sender's for a parent; what it sends in turn has the receiver's. */
function messagesOf(spans: readonly Span[]): readonly TracedMessage[] {
  const senders = new Map(spans.filter(({ side }) => side === "sender").map((span) => [span.spanId, span]));
  const receivers = spans.filter(({ side }) => side === "receiver");
  const messageOf = new Map<string, string>();
  for (const { spanId, parentId } of receivers) messageOf.set(spanId, senders.has(parentId) ? parentId : spanId);
  const handled = new Map(receivers.map((span) => [messageOf.get(span.spanId) ?? "", span]));
  const sent = [...senders.values()].map((span) => message(span, handled.get(span.spanId), messageOf));
  const lone = receivers
    .filter(({ parentId }) => !senders.has(parentId))
    .map((span) => message(undefined, span, messageOf));
  return [...sent, ...lone];
}

function message(
  sender: Span | undefined,
  receiver: Span | undefined,
  messageOf: ReadonlyMap<string, string>,
): TracedMessage {
  const known = (sender ?? receiver) as Span;
  const { component, method, startMs, durationMs, outcome, reason } = known;
  return {
    ...{ component, method, startMs, durationMs, outcome, reason },
    id: known.spanId,
    parent: messageOf.get(known.parentId) ?? known.parentId,
    from: sender?.node ?? "",
    to: receiver?.node ?? "",
    fromInstance: sender?.instance ?? "",
    toInstance: receiver?.instance ?? "",
    handledMs: receiver?.durationMs,
  };
}

function inOrder(messages: readonly TracedMessage[]): Trace["messages"] {
  const ids = new Set(messages.map(({ id }) => id));
  const children = new Map<string, TracedMessage[]>();
  for (const one of [...messages].sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1))) {
    const parent = ids.has(one.parent) && one.parent !== one.id ? one.parent : "";
    children.set(parent, [...(children.get(parent) ?? []), one]);
  }
  const seen = new Set<string>();
  const walk = (parent: string, depth: number): (TracedMessage & { readonly depth: number })[] =>
    (children.get(parent) ?? []).flatMap((one) => {
      if (seen.has(one.id)) return [];
      seen.add(one.id);
      return [{ ...one, depth }, ...walk(one.id, depth + 1)];
    });
  return walk("", 0);
}

/** Columns of the bar. */
const BAR = 24;

/** Writes a trace: a line of what it is, and one for each message, with a bar of when it was under way. */
export function traceLines(trace: Trace): readonly (readonly string[])[] {
  const { startMs, durationMs, messages } = trace;
  return messages.map(({ depth, component, method, from, to, handledMs, outcome, reason, ...one }) => [
    barOf(one, { startMs, durationMs }),
    `+${formatTime(one.startMs - startMs)}`,
    formatTime(one.durationMs),
    handledMs === undefined ? "-" : formatTime(handledMs),
    `${"  ".repeat(depth)}${component}.${method}`,
    `${from || "?"} -> ${to || "?"}`,
    outcome === "reply" ? "" : `${outcome}${reason === "" ? "" : ` (${reason})`}`,
  ]);
}

/** Nodes' clocks differ a little: what would stick out is cut. */
function barOf(
  one: Pick<TracedMessage, "startMs" | "durationMs">,
  whole: Pick<Trace, "startMs" | "durationMs">,
): string {
  const scale = whole.durationMs > 0 ? BAR / whole.durationMs : 0;
  const from = Math.min(BAR - 1, Math.max(0, Math.floor((one.startMs - whole.startMs) * scale)));
  const length = Math.min(BAR - from, Math.max(1, Math.round(one.durationMs * scale)));
  return `|${" ".repeat(from)}${"=".repeat(length)}${" ".repeat(BAR - from - length)}|`;
}

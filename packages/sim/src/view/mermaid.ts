import type { TraceRecord } from "../trace/trace.ts";
import { findFlow } from "./flows.ts";
import { type Leg, legsOf, messagesOf, type RunMessage, type Station } from "./messages.ts";
import { formatTick, type Recording } from "./recording.ts";

/** What is drawn. */
export interface MermaidOptions {
  /** One flow only, by its name or `node/id`. Default: all, which only a short run has room for. */
  readonly flow?: string;
}

/** A line of the diagram, and where it stands among the others. */
interface Line {
  readonly tick: number;
  /** Among lines of one tick. */
  readonly rank: number;
  readonly text: string;
}

/**
 * Writes a flow, or a short run, as a Mermaid sequence diagram: a box for each node, a line for each instance, an arrow for each message where it arrived,
 * with the ms at which it was sent and arrived; notes for points, losses, timeouts, faults, crashes.
 * @throws OrreryError `not_found` for a flow that is not there
 */
export function toMermaid(recording: Recording, { flow }: MermaidOptions = {}): string {
  const found = flow === undefined ? undefined : findFlow(recording, flow);
  const messages = messagesOf(recording, found?.id);
  const legs = legsOf(messages);
  const cast = castOf(legs, messages, recording);
  const lines = [
    ...legs.map((leg) => arrowOf(leg, cast)),
    ...messages.flatMap((message) => endsOf(message, cast)),
    ...notesOf(recording, found?.id, { messages, cast }),
  ].toSorted((a, b) => a.tick - b.tick || a.rank - b.rank);
  const ofFlow = found === undefined ? "" : `flow ${found.name || found.id}`;
  const title = `%% ${[recording.scenario, ofFlow, `seed ${recording.seed}`].filter(Boolean).join(", ")}`;
  return `${["sequenceDiagram", `  ${title}`, ...cast.lines, ...lines.map(({ text }) => `  ${text}`)].join("\n")}\n`;
}

/** Who takes part, in the order in which they stand. */
interface Cast {
  /** Their declarations. */
  readonly lines: readonly string[];
  readonly nodes: ReadonlySet<string>;
  aliasOf(station: Station): string;
  /** All who stand for a node, or, without one, everybody: from the first to the last. */
  spanOf(node?: string): string;
}

function castOf(legs: readonly Leg[], messages: readonly RunMessage[], { nodes }: Recording): Cast {
  const byNode = new Map<string, Set<string>>();
  const add = ({ node, instance }: Station) => byNode.set(node, (byNode.get(node) ?? new Set()).add(instance));
  for (const message of messages) add(message);
  for (const { from, to, arrivedTick } of legs) {
    add(from);
    if (arrivedTick !== undefined || !byNode.has(to.node)) add(to); // What did not arrive has no instance.
  }
  const numbers = new Map(nodes.map(({ name, number }) => [name, number]));
  const aliases = new Map<string, string>();
  const lines: string[] = [];
  for (const [node, instances] of byNode) {
    lines.push(`  box transparent ${clean(node)}`);
    for (const [index, instance] of [...instances].entries()) {
      const alias = `n${numbers.get(node) ?? 0}${index === 0 ? "" : `_${index}`}`;
      aliases.set(`${node} ${instance}`, alias);
      lines.push(`    participant ${alias} as ${clean(shortInstance(instance) || node)}`);
    }
    lines.push("  end");
  }
  const spanOf = (node?: string) => {
    const all = [...aliases]
      .filter(([key]) => node === undefined || key.startsWith(`${node} `))
      .map(([, alias]) => alias);
    return all.length > 1 ? `${all[0]},${all.at(-1)}` : (all[0] ?? "");
  };
  const aliasOf = ({ node, instance }: Station) =>
    aliases.get(`${node} ${instance}`) ?? spanOf(node).split(",")[0] ?? "";
  return { lines, nodes: new Set(byNode.keys()), aliasOf, spanOf };
}

/** The name of an instance without what tells its lives apart: `till.0-f5kr0mdr8ndrt` is `till.0`. */
export function shortInstance(instance: string): string {
  return instance.replace(/-[0-9a-z]+$/, "");
}

function arrowOf({ kind, message, from, to, sentTick, arrivedTick, outcome }: Leg, cast: Cast): Line {
  const name = `${message.component}.${message.method}`;
  const isAway = arrivedTick === undefined;
  const head = isAway
    ? kind === "reply"
      ? "--x"
      : "-x"
    : kind === "reply"
      ? "-->>"
      : isOneWay(message)
        ? "-)"
        : "->>";
  const what = kind === "request" ? name : `${outcome} of ${name}`;
  const when = isAway ? `${formatTick(sentTick)} ms` : `${formatTick(sentTick)} → ${formatTick(arrivedTick)} ms`;
  const why = isAway && kind === "request" ? ` (${outcome || "did not arrive"})` : "";
  const text = `${cast.aliasOf(from)}${head}${cast.aliasOf(to)}: ${clean(`${what}${why}, ${when}`)}`;
  return { tick: arrivedTick ?? sentTick, rank: isAway ? 3 : 1, text };
}

function isOneWay({ mode }: RunMessage): boolean {
  return mode === "async" || mode === "broadcast";
}

/** What a sender learned without an answer. */
function endsOf(message: RunMessage, cast: Cast): readonly Line[] {
  const { outcome, returnedTick, queuedTick, component, method, handlings } = message;
  if (returnedTick === undefined || outcome === "reply" || handlings.some((one) => one.outcome === outcome)) return [];
  const after = formatTick(returnedTick - queuedTick);
  const text = clean(`${outcome} of ${component}.${method} after ${after} ms, ${formatTick(returnedTick)} ms`);
  return [{ tick: returnedTick, rank: 2, text: `Note over ${cast.aliasOf(message)}: ${text}` }];
}

interface Drawn {
  readonly messages: readonly RunMessage[];
  readonly cast: Cast;
}

/** Points of the flow, or of all, and what went wrong in its time with nodes that take part. */
function notesOf(recording: Recording, flow: string | undefined, { messages, cast }: Drawn): readonly Line[] {
  const fromTick = Math.min(...messages.map(({ queuedTick }) => queuedTick));
  const last = ({ returnedTick, handlings, queuedTick }: RunMessage) =>
    Math.max(
      queuedTick,
      returnedTick ?? 0,
      ...handlings.map(({ endedTick, receivedTick }) => endedTick ?? receivedTick),
    );
  const toTick = Math.max(...messages.map(last));
  return recording.records.flatMap((record): readonly Line[] => {
    if (record.tick < fromTick || record.tick > toTick) return [];
    const text = noteOf(record, flow, cast);
    return text === undefined ? [] : [{ tick: record.tick, rank: record.kind === "point" ? 2 : 0, text }];
  });
}

function noteOf(record: TraceRecord, wanted: string | undefined, cast: Cast): string | undefined {
  const { kind, node, flow, text, tick, what } = record;
  const at = `${formatTick(tick)} ms`;
  if (kind === "point" && (wanted === undefined || flow === wanted)) {
    const alias = cast.aliasOf({ node, instance: what?.instance ?? "" });
    return alias === "" ? undefined : `Note over ${alias}: ${clean(`${what?.step}, ${at}`)}`;
  }
  if (kind === "life" && cast.nodes.has(node))
    return `Note over ${cast.spanOf(node)}: ${clean(`${text} ${node}, ${at}`)}`;
  const isOfNode = /^(crash|restart)/.test(text); // Those are told by the node itself.
  return kind === "fault" && !isOfNode ? `Note over ${cast.spanOf()}: ${clean(`${text}, ${at}`)}` : undefined;
}

/** Takes out of a text what would end it. */
function clean(text: string): string {
  return text
    .replaceAll("#", "#35;")
    .replaceAll(/;(?<!#35;)/g, "#59;")
    .replaceAll(/\s+/g, " ");
}

import type { Span } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { colour, type Terminal } from "../terminal.ts";
import { componentFlag } from "./find-component.ts";
import { componentsOf, type Fleet, type FleetNode, pickNodes } from "./fleet.ts";
import { formatTime } from "./format.ts";
import { FOLLOW_MS } from "./limits.ts";
import { answered, tellFailed } from "./tell-failed.ts";

/** How long a watch holds where nobody says. */
const WATCH_MS = 60_000;

/** Has every node follow a flow or a component, prints what they see, and takes the watches away in the end. */
export async function watchSpans(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const flow = input.text("flow") ?? input.words[0] ?? "";
  const said = input.text("component");
  if (flow === "" && said === undefined)
    throw usageError("Cannot watch everything: name a flow or a component, with --flow=NAME or --component=NAME");
  const time = input.text("for");
  const forMs = time === undefined ? WATCH_MS : parseTime(time, "for");
  const end = new AbortController();
  const stop = terminal.onInterrupt(() => end.abort());
  try {
    const nodes = pickNodes(await fleet.look(), input.texts("node"));
    const component = componentFlag(said, componentsOf(nodes));
    const printer = createPrinter(input, terminal);
    for (const { node, value } of answered(await fleet.ask(nodes, (client, options) => client.spans({}, options))))
      printer.pass(node, value.spans);
    const asked = await fleet.ask(nodes, (client, options) => client.watch({ flow, component, forMs }, options));
    const failed = tellFailed(asked, input, terminal);
    const watched = answered(asked).map(({ node, value }) => ({ node, id: value.id }));
    if (watched.length === 0) return failed;
    terminal.say(
      `Watching ${[flow && `flow ${flow}`, component].filter(Boolean).join(", ")} at ${watched.length} nodes for ${formatTime(forMs)}, Ctrl-C ends it`,
    );
    await follow(
      fleet,
      watched.map(({ node }) => node),
      { forMs, signal: end.signal, printer },
    );
    const ids = new Map(watched.map(({ node, id }) => [node.name, id]));
    await fleet.ask(
      watched.map(({ node }) => node),
      (client, options, { name }) => client.unwatch({ id: ids.get(name) ?? 0 }, options),
    );
    return printer.isOpen() ? failed : EXIT.done;
  } finally {
    stop();
  }
}

interface FollowOptions {
  readonly forMs: number;
  readonly signal: AbortSignal;
  readonly printer: Printer;
}

async function follow(
  fleet: Fleet,
  nodes: readonly FleetNode[],
  { forMs, signal, printer }: FollowOptions,
): Promise<void> {
  const newest = new Map<string, number>();
  for (let waited = 0; waited < forMs && !signal.aborted && printer.isOpen(); waited += FOLLOW_MS) {
    await fleet.sleep(Math.min(FOLLOW_MS, forMs - waited), signal).catch(() => undefined);
    const asked = await fleet.ask(nodes, (client, options, { name }) =>
      client.spans({ sinceMs: (newest.get(name) ?? 0) - OVERLAP_MS }, options),
    );
    const found = answered(asked).flatMap(({ node, value }) => {
      const ends = value.spans.map(({ startMs, durationMs }) => startMs + durationMs);
      newest.set(node.name, Math.max(newest.get(node.name) ?? 0, ...ends));
      return printer.fresh(node, value.spans);
    });
    await printer.print([...found].sort((a, b) => a.startMs - b.startMs));
  }
}

/** A span may end a little before one that was told earlier. */
const OVERLAP_MS = 2_000;

interface Printer {
  /** Passes over spans that were there before. */
  pass(node: FleetNode, spans: readonly Span[]): void;
  /** Those that were not printed yet. */
  fresh(node: FleetNode, spans: readonly Span[]): readonly Span[];
  print(spans: readonly Span[]): Promise<void>;
  /** Whether anybody still reads. */
  isOpen(): boolean;
}

/** Spans that are remembered so that none is printed twice. */
const REMEMBERED_MAX = 100_000;

function createPrinter(input: CommandInput, terminal: Terminal): Printer {
  const seen = new Set<string>();
  let isOpen = true;
  const isNew = ({ node, spanId, side }: Span) => {
    const key = `${node} ${spanId} ${side}`;
    if (seen.has(key)) return false;
    seen.add(key);
    if (seen.size > REMEMBERED_MAX) for (const oldest of seen) if (seen.delete(oldest)) break;
    return true;
  };
  return {
    pass: (_node, spans) => void spans.forEach(isNew),
    fresh: (_node, spans) => spans.filter(isNew).filter(({ watched }) => watched),
    async print(spans) {
      for (const span of spans) {
        const line = input.text("output") === "json" ? JSON.stringify(spanFacts(span)) : spanLine(span, terminal);
        isOpen = (await terminal.write(`${line}\n`)) && isOpen;
      }
    },
    isOpen: () => isOpen,
  };
}

function spanLine(span: Span, terminal: Terminal): string {
  const { startMs, durationMs, side, node, component, method, outcome, reason, flow, flowName, traceId } = span;
  const at = new Date(startMs).toISOString().slice(11, 23);
  const arrow = side === "sender" ? `${node} ->` : `-> ${node}`;
  const end =
    outcome === "reply" ? "reply" : colour(terminal, "bad", reason === "" ? outcome : `${outcome} (${reason})`);
  return `${at}  ${formatTime(durationMs).padStart(8)}  ${component}.${method}  ${arrow}  ${end}  flow ${flowName || flow}  ${traceId.slice(0, 8)}`;
}

/** A span as JSON: without what protobuf adds. */
function spanFacts({ $typeName: _, $unknown: _unknown, ...facts }: Span): object {
  return facts;
}

import { type Recording, type TraceRecord, toMermaid, toOtel, toPerfetto, toTimeline, writeTrace } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { colour, type Terminal } from "../terminal.ts";
import { readWorldTime } from "./read-options.ts";
import { loadRecording } from "./recording-file.ts";
import { writeLines } from "./write-lines.ts";

/** Writes a trace in one of its forms, whole or a part of it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const fromMs = readWorldTime(input, "from");
  const toMs = readWorldTime(input, "to");
  const whole = await loadRecording(word, { input, terminal });
  assertNodes(whole, input.texts("node"));
  const text = await typed(() => writeAs(whole, { input, terminal, fromMs, toMs }));
  const out = input.text("out");
  if (out !== undefined) await writeLines(out, text, { terminal, what: "the trace" });
  else for (const line of text) if (!(await terminal.write(`${line}\n`))) break;
  return EXIT.done;
}

interface WriteAsOptions {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

function writeAs(whole: Recording, { input, terminal, fromMs, toMs }: WriteAsOptions): Iterable<string> {
  const form = input.text("as") ?? (input.text("output") === "json" ? "ndjson" : "timeline");
  const flow = input.text("flow");
  const nodes = input.texts("node");
  const times = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
  const ofFlow = flow === undefined ? {} : { flow };
  switch (form) {
    case "perfetto":
      return [toPerfetto(whole, ofFlow)];
    case "otel":
      return [toOtel(whole, ofFlow)];
    case "mermaid":
      return [toMermaid(whole, ofFlow).trimEnd()];
    case "ndjson":
      return writeTrace(filterRecords(whole, { fromMs, toMs, nodes, flow, kinds: input.texts("kind") }));
    default: {
      const isColoured = input.text("out") === undefined && colour(terminal, "good", "") !== "";
      const shown = nodes.length > 0 ? { nodes } : {};
      return [toTimeline(whole, { ...times, ...ofFlow, ...shown, isColoured, width: terminal.width }).trimEnd()];
    }
  }
}

interface Filter {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly nodes: readonly string[];
  readonly flow: string | undefined;
  readonly kinds: readonly string[];
}

function filterRecords(recording: Recording, { fromMs = 0, toMs, nodes, flow, kinds }: Filter): Recording {
  const ids = new Set(recording.records.flatMap((record) => (isNamed(record, flow) ? [record.flow] : [])));
  const isMeant = ({ tick, node, from, kind, flow: own }: TraceRecord) =>
    tick >= fromMs * 1000 &&
    tick <= (toMs ?? Number.POSITIVE_INFINITY) * 1000 &&
    (nodes.length === 0 || nodes.includes(node) || nodes.includes(from)) &&
    (kinds.length === 0 || kinds.includes(kind)) &&
    (flow === undefined || own === flow || ids.has(own));
  return { ...recording, records: recording.records.filter(isMeant) };
}

/** Whether a line is the beginning of a flow of that name. */
function isNamed({ kind, what }: TraceRecord, name: string | undefined): boolean {
  return name !== undefined && kind === "flow" && what?.step === "begin" && what.name === name;
}

function assertNodes({ nodes }: Recording, wanted: readonly string[]): void {
  const known = nodes.map(({ name }) => name);
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw usageError(
    `Cannot show node "${unknown}": there is none, there are ${known.map((name) => `"${name}"`).join(", ")}`,
  );
}

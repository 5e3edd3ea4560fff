import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { componentFlag } from "./find-component.ts";
import { componentsOf, type Fleet, openFleet, pickNodes } from "./fleet.ts";
import { formatTime } from "./format.ts";
import { readCount } from "./read-number.ts";
import { answered, tellFailed } from "./tell-failed.ts";
import { type Trace, traceLines, tracesOf } from "./timeline.ts";

/** Shows the newest traces of all nodes, or follows a flow or a component as it happens. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const fleet = await openFleet(input, terminal);
  try {
    if (!input.has("watch")) return await list(input, terminal, fleet);
    const { watchSpans } = await import("./watch-spans.ts");
    return await watchSpans(input, terminal, fleet);
  } finally {
    await fleet.close();
  }
}

/** Traces that are shown where nobody says how many. */
const SHOWN = 10;

async function list(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const [subject = input.text("flow") ?? ""] = input.words;
  const isTrace = /^[0-9a-f]{8,32}$/.test(subject);
  const limit = readCount(input, "limit", 1) ?? SHOWN;
  const nodes = pickNodes(await fleet.look(), input.texts("node"));
  const request = {
    traceId: isTrace ? subject : "",
    flow: isTrace ? "" : subject,
    component: componentFlag(input.text("component"), componentsOf(nodes)),
    failed: input.has("failed"),
  };
  const asked = await fleet.ask(nodes, (client, options) => client.spans(request, options));
  const spans = answered(asked).flatMap(({ value }) => value.spans);
  const traces = tracesOf(spans).slice(-limit);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(traces)}\n`);
  else if (traces.length > 0) await terminal.write(`${traces.map((one) => paragraph(one, terminal)).join("\n\n")}\n`);
  else terminal.say(nothing(subject));
  const failed = tellFailed(asked, input, terminal);
  return traces.length === 0 && failed !== EXIT.done ? failed : EXIT.done;
}

function nothing(subject: string): string {
  const about = subject === "" ? "" : ` of "${subject}"`;
  return `No trace${about} is kept: nodes trace a share of flows, 1 in 100 by default\nNext: orrery trace --watch --component=NAME follows all of one`;
}

function paragraph(trace: Trace, terminal: Terminal): string {
  const { id, flow, startMs, durationMs, nodes } = trace;
  const at = new Date(startMs).toISOString().slice(11, 23);
  const head = `${id}  ${at}  ${formatTime(durationMs)}  flow ${flow}  ${nodes.join(" ")}`;
  const rows = traceLines(trace).map((row) =>
    row.map((cell, column) => (column === 6 ? colour(terminal, "bad", cell) : cell)),
  );
  return [head, ...table([["", "BEGAN", "TOOK", "HANDLED", "MESSAGE", "FROM -> TO", ""], ...rows], 2)].join("\n");
}

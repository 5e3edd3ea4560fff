import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { componentFlag } from "./find-component.ts";
import { componentsOf, type Fleet, openFleet, pickNodes } from "./fleet.ts";
import { readCount } from "./read-number.ts";
import { answered, tellFailed } from "./tell-failed.ts";
import { tracesOf } from "./timeline.ts";
import { paragraph, SHOWN } from "./trace-text.ts";

/** Shows the newest traces of all nodes, or follows a flow or a component as it happens. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  if (input.text("app") !== undefined) return await (await import("../deploy/run-trace-app.ts")).run(input, terminal);
  const fleet = await openFleet(input, terminal);
  try {
    if (!input.has("watch")) return await list(input, terminal, fleet);
    const { watchSpans } = await import("./watch-spans.ts");
    return await watchSpans(input, terminal, fleet);
  } finally {
    await fleet.close();
  }
}

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

import type { Candidate, ExplainResponse } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { findComponent } from "./find-component.ts";
import { openFleet, pickNodes } from "./fleet.ts";
import { servedBy } from "./node-facts.ts";
import { answered, tellFailed } from "./tell-failed.ts";

/** Says where a call would go from each node, and why not elsewhere. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const distance = input.text("distance");
  const distanceMs = distance === undefined ? 0 : parseTime(distance, "distance");
  const fleet = await openFleet(input, terminal);
  try {
    const all = await fleet.look();
    const served = [...new Set(all.flatMap((node) => servedBy(node).map(({ name }) => name)))].sort();
    const { component, method } = readSubject(input.words[0] ?? "", served);
    const request = {
      ...{ component, method, distanceMs },
      version: input.text("version") ?? "",
      flow: input.text("flow") ?? "",
      scope: input.text("scope") ?? "",
    };
    const nodes = pickNodes(all, input.texts("from"));
    const asked = await fleet.ask(nodes, (client, options) => client.explain(request, options));
    const names = new Map(all.map((node) => [node.address, node.name]));
    const found = answered(asked).map(({ node, value }) => named(value, node.address, names));
    if (input.text("output") === "json") await terminal.write(`${JSON.stringify(found.map(factsOf))}\n`);
    else await terminal.write(`${found.map((one) => paragraph(one, terminal).join("\n")).join("\n\n")}\n`);
    const failed = tellFailed(asked, input, terminal);
    return found.length === 0 ? failed : EXIT.done;
  } finally {
    await fleet.close();
  }
}

/** A table of addresses knows no names, and a node's own address is no other place. */
function named(explained: ExplainResponse, own: string, names: ReadonlyMap<string, string>): ExplainResponse {
  const others = explained.candidates.filter(({ address }) => address === "" || address !== own);
  const candidates = others.map((one) => ({ ...one, node: one.node || (names.get(one.address) ?? "") }));
  return { ...explained, candidates };
}

/** Reads COMPONENT or COMPONENT.METHOD; names of components have dots, too. */
function readSubject(said: string, names: readonly string[]): { readonly component: string; readonly method: string } {
  try {
    return { component: findComponent(said, names), method: "" };
  } catch (error) {
    const at = said.lastIndexOf(".");
    if (at <= 0) throw error;
    return { component: findComponent(said.slice(0, at), names), method: said.slice(at + 1) };
  }
}

function paragraph({ node, candidates, horizon }: ExplainResponse, terminal: Terminal): readonly string[] {
  const rows = candidates.map((candidate) => [
    ...["", candidate.node || candidate.address, candidate.version, candidate.nearness],
    fate(candidate, terminal),
  ]);
  const places = rows.length === 0 ? ["  nobody is known to serve it"] : table(rows);
  return [`From ${node}:`, ...places, ...horizon.split("\n").map((line) => `  ${line}`)];
}

function fate({ stage, why, busyness }: Candidate, terminal: Terminal): string {
  if (stage === "") return colour(terminal, "good", `may be chosen, busyness ${busyness.toFixed(2)}`);
  return colour(terminal, stage === "reachable" ? "busy" : "bad", `left out by ${stage}: ${why}`);
}

function factsOf({ node, candidates, horizon }: ExplainResponse): object {
  const places = candidates.map(({ $typeName: _, $unknown: _unknown, ...facts }) => facts);
  return { node, candidates: places, horizon: horizon.split("\n") };
}

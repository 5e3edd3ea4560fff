import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { openServices } from "../reach/open-services.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { factsOf, type MethodFacts, type ServiceFacts } from "./service-facts.ts";

/** Prints what is known of one service. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const reach = await openServices(input, terminal);
  try {
    const facts = factsOf(await reach.find(input.words[0] ?? ""));
    await terminal.write(input.text("output") === "json" ? `${JSON.stringify(facts)}\n` : page(facts, terminal));
    return EXIT.done;
  } finally {
    await reach.close();
  }
}

function page({ name, version, contract, methods, instances }: ServiceFacts, terminal: Terminal): string {
  const heading = ["METHOD", "MODE", "OPTIONS", "FINGERPRINT", "SUMMARY"];
  const lines = methods.map((method) => [
    method.name,
    method.mode,
    optionsOf(method),
    method.fingerprint,
    method.summary,
  ]);
  const running = instances.map(({ id, state, incarnation, waiting, address }) => {
    const isWell = state === "ready" || state === "saturated";
    const shown = colour(terminal, isWell ? "good" : state === "failed" ? "bad" : "busy", state);
    return [id, shown, `start ${incarnation}`, `${waiting} waiting`, address];
  });
  const tail = running.length === 0 ? [] : ["", ...table([["INSTANCE", "STATE", "", "", "WHERE"], ...running])];
  const head = `${name} ${version}, contract of ${contract === "protobuf" ? "protobuf" : "schemas"}`;
  return [head, "", ...table([heading, ...lines]), ...tail, ""].join("\n");
}

function optionsOf({ idempotent, keep, horizon, timeoutMs }: MethodFacts): string {
  const options = [
    ...(idempotent ? ["idempotent"] : []),
    ...(keep ? ["keep"] : []),
    ...(horizon === "any" ? [] : [`horizon=${horizon}`]),
    ...(timeoutMs === 0 ? [] : [`timeout=${timeoutMs}ms`]),
  ];
  return options.join(" ") || "-";
}

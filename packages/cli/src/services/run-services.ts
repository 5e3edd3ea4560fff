import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { printError } from "../print-error.ts";
import { openReach, type ReachedService } from "../reach/reach.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { factsOf, type ServiceFacts } from "./service-facts.ts";

/** Lists services; a node that does not answer is told on standard error, and the command fails then. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const reach = await openReach(input, terminal);
  let silent = 0;
  try {
    const services = await reach.all((_address, error) => {
      silent++;
      terminal.say(printError(error, { form: "text", debug: input.has("debug") }));
    });
    const facts = services.map(factsOf);
    if (input.text("output") === "json") await terminal.write(`${JSON.stringify(facts)}\n`);
    else await terminal.write(listing(facts, services, terminal));
    return silent > 0 ? EXIT.notFound : EXIT.done;
  } finally {
    await reach.close();
  }
}

function listing(facts: readonly ServiceFacts[], services: readonly ReachedService[], terminal: Terminal): string {
  const heading = ["SERVICE", "VERSION", "INSTANCES", "METHODS", "WHERE"];
  const lines = facts.map((fact, index) => {
    const where = services[index]?.copies.map(({ address }) => address) ?? [];
    const methods = fact.methods.map(({ name }) => name).join(" ");
    return [fact.name, fact.version, instancesOf(fact, terminal), methods, where.join(" ") || "here"];
  });
  return `${table([heading, ...lines]).join("\n")}\n`;
}

function instancesOf({ instances }: ServiceFacts, terminal: Terminal): string {
  const ready = instances.filter(({ state }) => state === "ready" || state === "saturated").length;
  const text = ready === instances.length ? `${ready} ready` : `${ready} of ${instances.length} ready`;
  return colour(terminal, ready === instances.length ? "good" : ready > 0 ? "busy" : "bad", text);
}

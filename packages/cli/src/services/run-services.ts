import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { printError } from "../print-error.ts";
import { openServices } from "../reach/open-services.ts";
import type { ReachedService } from "../reach/reach.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { factsOf, type ServiceFacts } from "./service-facts.ts";

/** Lists services; a node that does not answer is told on standard error, and the command fails then. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  if (input.has("watch")) return await (await import("./run-space-services.ts")).run(input, terminal);
  const reach = await openServices(input, terminal);
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
    const names = fact.methods.map(({ name }) => name);
    const more = names.length > METHODS_SHOWN ? ` and ${names.length - METHODS_SHOWN} more` : "";
    const methods = `${names.slice(0, METHODS_SHOWN).join(" ")}${more}`;
    const running = services[index]?.of?.app === "" ? "" : instancesOf(fact, terminal);
    return [
      fact.name,
      fact.version,
      running,
      methods,
      where.join(" ") || (services[index]?.of === undefined ? "here" : "the platform"),
    ];
  });
  return `${table([heading, ...lines]).join("\n")}\n`;
}

/** Methods of a service that a table shows; of more, how many there are. */
const METHODS_SHOWN = 8;

function instancesOf({ instances }: ServiceFacts, terminal: Terminal): string {
  const ready = instances.filter(({ state }) => state === "ready" || state === "saturated").length;
  const text = ready === instances.length ? `${ready} ready` : `${ready} of ${instances.length} ready`;
  return colour(terminal, ready === instances.length ? "good" : ready > 0 ? "busy" : "bad", text);
}

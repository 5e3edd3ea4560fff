import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { table } from "../table.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type CapacityFact, capacityFacts } from "./capacity-facts.ts";
import { findComponent } from "./find-component.ts";
import { componentsOf, type Fleet, openFleet, pickNodes } from "./fleet.ts";
import { formatBytes, formatTime } from "./format.ts";
import { SETTLE_TIMEOUT_MS } from "./limits.ts";
import { readCount } from "./read-number.ts";
import { settleCapacity } from "./settle-capacity.ts";
import { answered, tellFailed } from "./tell-failed.ts";

/** Shows how much of each component runs, and where; or changes it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const fleet = await openFleet(input, terminal);
  try {
    return input.command.name === "capacity set"
      ? await change(input, terminal, fleet)
      : await list(input, terminal, fleet);
  } finally {
    await fleet.close();
  }
}

async function list(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const nodes = pickNodes(await fleet.look(), input.texts("node"));
  const [said] = input.words;
  const wanted = said === undefined ? undefined : findComponent(said, componentsOf(nodes));
  const facts = capacityFacts(nodes).filter(({ component }) => wanted === undefined || component === wanted);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(facts)}\n`);
  else await terminal.write(`${capacityTable(facts, terminal).join("\n")}\n`);
  const silent = nodes.filter(({ status }) => status === undefined);
  tellFailed(
    silent.map((node) => ({ node, answer: { error: node.error } })),
    input,
    terminal,
  );
  return EXIT.done;
}

/** The table of capacities. */
export function capacityTable(facts: readonly CapacityFact[], terminal: Terminal): readonly string[] {
  const rows = facts.map(
    ({ component, node, instances, ready, busy, waiting, waitedMs, inboxMessages, inboxBytes }) => {
      const mood = ready === instances ? "good" : "busy";
      const all = colour(terminal, mood, `${ready} of ${instances}`);
      const waits = waiting === 0 ? "0" : `${waiting} for ${formatTime(waitedMs)}`;
      return [component, node, all, String(busy), waits, `${inboxMessages}, ${formatBytes(inboxBytes)}`];
    },
  );
  return table([["COMPONENT", "NODE", "READY", "BUSY", "WAIT", "INBOX OF EACH"], ...rows]);
}

async function change(input: CommandInput, terminal: Terminal, fleet: Fleet): Promise<ExitCode> {
  const instances = readCount(input, "instances", 0);
  const inboxMessages = readCount(input, "inbox", 1);
  const inboxBytes = readCount(input, "inbox-bytes", 1);
  if (instances === undefined && inboxMessages === undefined && inboxBytes === undefined)
    throw usageError("Cannot set the capacity: say what of it, with --instances=N, --inbox=N or --inbox-bytes=N");
  const wait = input.text("wait");
  const waitMs = wait === undefined ? SETTLE_TIMEOUT_MS : parseTime(wait, "wait");
  const all = await fleet.look();
  const component = findComponent(input.words[0] ?? "", componentsOf(all));
  const meant = pickNodes(all, input.texts("node"));
  const nodes = meant.filter(({ status }) => status?.components.some(({ name }) => name === component) === true);
  if (nodes.length === 0) {
    const names = meant.map(({ name }) => name).join(", ");
    throw new CommandError(`Cannot set the capacity of "${component}": ${names} does not run it`, {
      exit: EXIT.notFound,
    });
  }
  const asked = await fleet.ask(nodes, (client, options) =>
    client.setCapacity(
      {
        component,
        ...(instances === undefined ? {} : { instances }),
        ...(inboxMessages === undefined ? {} : { inboxMessages: BigInt(inboxMessages) }),
        ...(inboxBytes === undefined ? {} : { inboxBytes: BigInt(inboxBytes) }),
      },
      options,
    ),
  );
  const failed = tellFailed(asked, input, terminal);
  const changed = answered(asked).map(({ node }) => node);
  if (changed.length === 0) return failed;
  const facts = await settleCapacity(fleet, changed, { component, terminal, waitMs });
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(facts)}\n`);
  else await terminal.write(`${capacityTable(facts, terminal).join("\n")}\n`);
  return failed;
}

import { type DeadMessage, Settle } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { findComponent } from "./find-component.ts";
import { componentsOf, type Fleet, type FleetNode, openFleet, pickNodes } from "./fleet.ts";
import { answered, onlyAnswer, tellFailed } from "./tell-failed.ts";

/** Lists and shows kept messages that were given up, gives them to instances again, or lets go of them. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const fleet = await openFleet(input, terminal);
  try {
    const nodes = pickNodes(await fleet.look(), input.texts("node"));
    switch (input.command.name) {
      case "dead ls":
        return await list(input, terminal, { fleet, nodes });
      case "dead show":
        return await show(input, terminal, { fleet, nodes });
      default:
        return await settle(input, terminal, { fleet, nodes });
    }
  } finally {
    await fleet.close();
  }
}

interface Place {
  readonly fleet: Fleet;
  readonly nodes: readonly FleetNode[];
}

/** What is known of one, as JSON has it. */
interface DeadFact {
  readonly id: string;
  readonly node: string;
  readonly component: string;
  readonly method: string;
  readonly agent: string;
  readonly flow: string;
  readonly idempotencyKey: string;
  readonly contentType: string;
  readonly why: string;
}

async function list(input: CommandInput, terminal: Terminal, { fleet, nodes }: Place): Promise<ExitCode> {
  const [said] = input.words;
  const { facts, asked } = await find({ fleet, nodes }, said);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(facts)}\n`);
  else if (facts.length === 0) await terminal.write("No message was set aside\n");
  else {
    const rows = facts.map(({ id, component, method, agent, why }) => [id, `${component}.${method}`, agent, why]);
    await terminal.write(`${table([["ID", "MESSAGE", "AGENT", "WHY"], ...rows]).join("\n")}\n`);
  }
  return tellFailed(asked, input, terminal);
}

async function show(input: CommandInput, terminal: Terminal, place: Place): Promise<ExitCode> {
  const [{ node, id }] = idsOf(input.words, place.nodes) as [Named];
  const asked = await place.fleet.ask([node], (client, options) => client.deadMessages({ id }, options));
  const [message] = onlyAnswer(asked).messages;
  if (message === undefined)
    throw new CommandError(`Cannot show "${input.words[0]}": it is gone`, { exit: EXIT.notFound });
  const fact = { ...factOf(node.name, message), body: message.body };
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(fact)}\n`);
  else {
    const rows = Object.entries(fact).map(([name, value]) => [name, value]);
    await terminal.write(`${table(rows).join("\n")}\n`);
  }
  return EXIT.done;
}

async function settle(input: CommandInput, terminal: Terminal, place: Place): Promise<ExitCode> {
  const isRetry = input.command.name === "dead retry";
  const doing = isRetry ? "retry" : "drop";
  const said = input.text("component");
  if ((said === undefined) === (input.words.length === 0))
    throw usageError(
      `Cannot ${doing} dead messages: name them by ID, or all of a component by --component=NAME`,
      "orrery dead",
    );
  const named = said === undefined ? idsOf(input.words, place.nodes) : await allOf(place, said);
  const nodes = [...new Set(named.map(({ node }) => node))];
  const asked = await place.fleet.ask(nodes, (client, options, node) => {
    const ids = named.filter((one) => one.node === node).map(({ id }) => id);
    return client.settleDead({ ids, how: isRetry ? Settle.RETRY : Settle.DROP }, options);
  });
  const failed = tellFailed(asked, input, terminal);
  const settled = answered(asked).flatMap(({ node, value }) =>
    value.settled.map(({ id, why }) => ({ id: `${node.name}/${id}`, why })),
  );
  const done = isRetry ? "retried" : "dropped";
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(settled)}\n`);
  else await terminal.write(settled.map(({ id, why }) => `${id}  ${why === "" ? done : why}\n`).join(""));
  return failed === EXIT.done && settled.some(({ why }) => why !== "") ? EXIT.failed : failed;
}

interface Named {
  readonly node: FleetNode;
  readonly id: bigint;
}

/** Reads ids such as `shop.orders-0/17`. */
function idsOf(words: readonly string[], nodes: readonly FleetNode[]): readonly Named[] {
  return words.map((word) => {
    const [, name = "", id] = /^(.+)\/(-?[1-9]\d{0,15})$/.exec(word) ?? [];
    if (id === undefined)
      throw usageError(`Cannot read id "${word}": write NODE/NUMBER, as orrery dead lists them`, "orrery dead");
    const [node] = pickNodes(nodes, [name]);
    return { node: node as FleetNode, id: BigInt(id) };
  });
}

async function allOf(place: Place, said: string): Promise<readonly Named[]> {
  const { facts } = await find(place, said);
  return facts.flatMap(({ id, node: name }) => {
    const node = place.nodes.find((one) => one.name === name);
    return node === undefined ? [] : [{ node, id: BigInt(id.slice(name.length + 1)) }];
  });
}

/** Those of all nodes, or of one component. */
async function find({ fleet, nodes }: Place, said: string | undefined) {
  const all = await fleet.ask(nodes, (client, options) => client.deadMessages({}, options));
  const known = answered(all).flatMap(({ node, value }) => value.messages.map((one) => factOf(node.name, one)));
  if (said === undefined) return { facts: known, asked: all };
  // Those of a component that runs nowhere any more are there, too.
  const names = new Set([...componentsOf(nodes), ...known.map(({ component }) => component)]);
  const component = findComponent(said, [...names]);
  return { facts: known.filter((one) => one.component === component), asked: all };
}

function factOf(node: string, message: DeadMessage): DeadFact {
  const { id, component, method, agent, flow, idempotencyKey, contentType, why } = message;
  return { id: `${node}/${id}`, node, component, method, agent, flow, idempotencyKey, contentType, why };
}

import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import type { Terminal } from "../terminal.ts";
import { capacityFacts } from "./capacity-facts.ts";
import { findComponent } from "./find-component.ts";
import { componentsOf, type FleetNode, openFleet, pickNodes } from "./fleet.ts";
import { SETTLE_TIMEOUT_MS } from "./limits.ts";
import { countOf } from "./read-number.ts";
import { settleCapacity } from "./settle-capacity.ts";
import { spread } from "./spread.ts";
import { answered, tellFailed } from "./tell-failed.ts";

/** Divides a number of instances among the nodes that have a component; or says how many an app has. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = "", more] = input.words;
  if (more !== undefined || input.text("space") !== undefined)
    return await (await import("../deploy/run-scale-app.ts")).run(input, terminal);
  const at = word.lastIndexOf("=");
  if (at <= 0)
    throw usageError(
      `Cannot scale "${word}": write COMPONENT=N, such as greeter=3, and an app before it, such as demo.test:shop, for one of a platform`,
    );
  const total = countOf(word.slice(at + 1), `"${word}"`, 0);
  const wait = input.text("wait");
  const waitMs = wait === undefined ? SETTLE_TIMEOUT_MS : parseTime(wait, "wait");
  const fleet = await openFleet(input, terminal);
  try {
    const all = await fleet.look();
    const component = findComponent(word.slice(0, at), componentsOf(all));
    const nodes = eligible(pickNodes(all, input.texts("node")), component);
    const before = factsOf(nodes, component);
    const targets = spread(
      total,
      before.map(({ node, instances, busy, waiting }) => ({ node, instances, load: busy + waiting })),
    );
    const changing = nodes.filter(
      ({ name }) => targets.get(name) !== before.find(({ node }) => node === name)?.instances,
    );
    const asked = await fleet.ask(changing, (client, options, { name }) =>
      client.setCapacity({ component, instances: targets.get(name) ?? 0 }, options),
    );
    const failed = tellFailed(asked, input, terminal);
    const changed = answered(asked).map(({ node }) => node);
    if (failed !== EXIT.done && changed.length === 0) return failed;
    await settleCapacity(fleet, changed, { component, terminal, waitMs });
    const moves = before.map(({ node, instances }) => ({
      node,
      before: instances,
      now: targets.get(node) ?? instances,
    }));
    if (input.text("output") === "json")
      await terminal.write(`${JSON.stringify({ component, instances: total, nodes: moves })}\n`);
    else await terminal.write(`${tell(component, total, moves)}\n`);
    return failed;
  } finally {
    await fleet.close();
  }
}

/** Nodes that have a component, and take messages. @throws CommandError when there are none. */
function eligible(nodes: readonly FleetNode[], component: string): readonly FleetNode[] {
  const found = nodes.filter(
    ({ state, status }) => state === "alive" && status?.components.some(({ name }) => name === component) === true,
  );
  if (found.length > 0) return found;
  throw new CommandError(`Cannot scale "${component}": no node that takes messages has it`, {
    exit: EXIT.notFound,
    tip: "orrery nodes",
  });
}

function factsOf(nodes: readonly FleetNode[], component: string) {
  return capacityFacts(nodes).filter((fact) => fact.component === component);
}

function tell(
  component: string,
  total: number,
  moves: readonly { readonly node: string; readonly before: number; readonly now: number }[],
): string {
  const was = moves.reduce((sum, { before }) => sum + before, 0);
  const lines = moves.map(({ node, before, now }) =>
    before === now ? `  ${node}  ${now}` : `  ${node}  ${before} -> ${now}`,
  );
  const head =
    was === total
      ? `${component} has ${total} instances already`
      : `${component} has ${total} instances, it had ${was}`;
  return [`${head}:`, ...lines].join("\n");
}

import { CommandError, EXIT } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { type CapacityFact, capacityFacts } from "./capacity-facts.ts";
import type { Fleet, FleetNode } from "./fleet.ts";
import { FOLLOW_MS } from "./limits.ts";

/** Waits until as many instances of a component are there as are wanted. @throws CommandError when some failed, or it takes too long. */
export async function settleCapacity(
  fleet: Fleet,
  nodes: readonly FleetNode[],
  { component, terminal, waitMs }: { readonly component: string; readonly terminal: Terminal; readonly waitMs: number },
): Promise<readonly CapacityFact[]> {
  const names = nodes.map(({ name }) => name);
  for (let waited = 0; ; waited += FOLLOW_MS) {
    const asked = await fleet.ask(nodes, (client, options) => client.status({}, options));
    const fresh = asked.flatMap(({ node, answer }) => ("value" in answer ? [{ ...node, status: answer.value }] : []));
    const facts = capacityFacts(fresh).filter((fact) => fact.component === component && names.includes(fact.node));
    const failed = facts.flatMap(({ node, reasons }) => reasons.map((reason) => `${node}: ${reason}`));
    if (failed.length > 0) throw new CommandError(`Cannot run all instances of "${component}": ${failed.join("; ")}`);
    const late = facts.filter(({ instances, ready }) => ready !== instances);
    if (late.length === 0 && facts.length === nodes.length) {
      terminal.progress("");
      return facts;
    }
    if (waited >= waitMs) {
      terminal.progress("");
      const where = late.map(({ node, instances, ready }) => `${node} has ${ready} of ${instances}`).join(", ");
      throw new CommandError(`Cannot wait longer for "${component}": ${where || "a node no longer answers"}`, {
        exit: EXIT.timeout,
        tip: `it goes on; orrery capacity ${component} shows how far it is`,
      });
    }
    terminal.progress(
      `${component}: ${late.map(({ node, instances, ready }) => `${node} ${ready}/${instances}`).join(", ")}`,
    );
    await fleet.sleep(FOLLOW_MS);
  }
}

import { Draining, type StatusResponse } from "@orrery/mesh/operate";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import type { Terminal } from "../terminal.ts";
import { findComponent } from "./find-component.ts";
import { type Fleet, type FleetNode, openFleet, pickNodes } from "./fleet.ts";
import { FOLLOW_MS, SETTLE_TIMEOUT_MS } from "./limits.ts";
import { onlyAnswer } from "./tell-failed.ts";

/** Lets a node, or one component of it, take nothing new, and waits until it has finished. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = "", said = ""] = (input.words[0] ?? "").split(/\/(.*)/s);
  const wait = input.text("wait");
  const waitMs = wait === undefined ? SETTLE_TIMEOUT_MS : parseTime(wait, "wait");
  const fleet = await openFleet(input, terminal);
  try {
    const [found] = pickNodes(await fleet.look(), [name]);
    const node = found && (await fleet.askAnyway(found));
    if (node?.status === undefined) throw cannot(node, name);
    const names = node.status.components.map((component) => component.name);
    const component = said === "" ? "" : findComponent(said, names);
    const { unfinished } = onlyAnswer(
      await fleet.ask([node], (client, options) => client.drain({ component }, options)),
    );
    await follow(fleet, node, { component, terminal, waitMs });
    const what = component === "" ? node.name : `${component} of ${node.name}`;
    if (input.text("output") === "json")
      await terminal.write(`${JSON.stringify({ node: node.name, component, state: "drained", unfinished })}\n`);
    else {
      await terminal.write(`${what} is drained: it takes nothing new, and ${finished(unfinished)}\n`);
      terminal.say(
        component === ""
          ? "Next: end its process, or leave it; it takes nothing any more"
          : `Next: orrery capacity set ${component} --node=${node.name} --instances=1 brings it back`,
      );
    }
    return EXIT.done;
  } finally {
    await fleet.close();
  }
}

function finished(messages: number): string {
  if (messages === 0) return "had nothing to finish";
  return messages === 1 ? "has finished the message that it had" : `has finished the ${messages} messages that it had`;
}

function cannot(node: FleetNode | undefined, name: string): CommandError {
  return new CommandError(`Cannot drain node "${name}": ${node?.why ?? "nobody knows it"}`, {
    exit: EXIT.notFound,
    tip: "orrery nodes",
  });
}

interface FollowOptions {
  readonly component: string;
  readonly terminal: Terminal;
  readonly waitMs: number;
}

/** Looks again and again, until it is over. @throws CommandError when it takes too long. */
async function follow(fleet: Fleet, node: FleetNode, { component, terminal, waitMs }: FollowOptions): Promise<void> {
  for (let waited = 0; ; waited += FOLLOW_MS) {
    const status = onlyAnswer(await fleet.ask([node], (client, options) => client.status({}, options)));
    const left = unfinishedOf(status, component);
    if (isDone(status, component)) break;
    if (waited >= waitMs) {
      terminal.progress("");
      throw new CommandError(
        `Cannot wait longer for "${node.name}": ${left} messages are not finished after ${waitMs} ms`,
        {
          exit: EXIT.timeout,
          tip: "it goes on draining; type the same again to wait on, with --wait=10m for longer",
        },
      );
    }
    terminal.progress(`${node.name}: ${left} messages to finish`);
    await fleet.sleep(FOLLOW_MS);
  }
  terminal.progress("");
}

function isDone({ draining, components }: StatusResponse, component: string): boolean {
  if (component === "") return draining === Draining.DONE;
  return components.find(({ name }) => name === component)?.instances.length === 0;
}

function unfinishedOf({ components }: StatusResponse, component: string): number {
  const meant = components.filter(({ name }) => component === "" || name === component);
  return meant.flatMap(({ instances }) => instances).reduce((sum, { busy, waiting }) => sum + busy + waiting, 0);
}

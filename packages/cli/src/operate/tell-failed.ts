import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import { exitCodeOf, isOrreryError } from "../exit-code.ts";
import type { Terminal } from "../terminal.ts";
import type { FleetNode } from "./fleet.ts";
import { type Answer, whySilent } from "./node-client.ts";

/** One node, and what came of asking it. */
export interface Asked<T> {
  readonly node: FleetNode;
  readonly answer: Answer<T>;
}

/** Those that answered. */
export function answered<T>(asked: readonly Asked<T>[]): readonly { readonly node: FleetNode; readonly value: T }[] {
  return asked.flatMap(({ node, answer }) => ("value" in answer ? [{ node, value: answer.value }] : []));
}

/** What the one node that was asked answered. @throws what it failed with. */
export function onlyAnswer<T>(asked: readonly Asked<T>[]): T {
  const answer = asked[0]?.answer;
  if (answer === undefined) throw new CommandError("Cannot ask a node: none was named");
  if ("error" in answer) throw answer.error;
  return answer.value;
}

/** Names the nodes that gave no answer on standard error, so that none is left out; gives the exit code that follows. */
export function tellFailed(asked: readonly Asked<unknown>[], input: CommandInput, terminal: Terminal): ExitCode {
  let exit: ExitCode = EXIT.done;
  for (const { node, answer } of asked) {
    if (!("error" in answer)) continue;
    const name = node.name || node.address;
    const why = node.why === "" ? whySilent(answer.error) : node.why;
    if (input.text("output") === "json") terminal.say(JSON.stringify({ node: name, state: node.state, why }));
    else terminal.say(`${name}: ${node.state}, ${why}`);
    if (exit === EXIT.done) exit = exitOf(answer.error);
  }
  return exit;
}

/** What a node refuses as an invalid argument was typed. */
function exitOf(error: unknown): ExitCode {
  return isOrreryError(error) && error.code === "invalid_argument" ? EXIT.usage : exitCodeOf(error);
}

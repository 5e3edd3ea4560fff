import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { choose } from "../environments/chosen.ts";
import type { Server } from "../resources/server.ts";
import type { Terminal } from "../terminal.ts";

/** The Space that is meant; empty: that of the agent. @throws CommandError where none can be told */
export function readSpace(input: CommandInput, terminal: Terminal): string {
  const { agent, space: said, token } = choose(input, terminal);
  if (said !== "" || agent.includes(":") || token !== undefined) return said;
  const who = agent === "" ? "anonymous" : agent;
  const tip = `orrery ${input.command.name} … --space=demo.test, or set ORRERY_SPACE`;
  throw usageError(`Cannot use a space as "${who}": none is named, and "${who}" lies in none`, tip);
}

/** Reads a whole number that a flag gives; undefined where it is not given. @throws CommandError */
export function readCount(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no whole number, write one such as 10`);
}

/** Asks a server; what it refuses says where and as whom. */
export async function asked<T>(server: Server, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw server.explain(error);
  }
}

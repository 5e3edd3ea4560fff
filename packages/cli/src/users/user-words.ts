import type { Client, SendOptions } from "@orrery/core";
import { AccountsService } from "@orrery/platform/service";
import { type CommandError, usageError } from "../command-error.ts";
import type { Server } from "../resources/server.ts";
import { readAddress } from "../resources/target.ts";

/** Asks a server about accounts; what it refuses says where and as whom. */
export async function askAccounts<T>(
  server: Server,
  question: (accounts: Client<typeof AccountsService>, options: SendOptions) => Promise<T>,
): Promise<T> {
  try {
    return await question(server.node.client(AccountsService), { timeoutMs: server.timeoutMs });
  } catch (error) {
    throw server.explain(error);
  }
}

/** The user that a command is about: who is named, else who asks. @throws CommandError where that is no user */
export async function userOf(said: string | undefined, server: Server): Promise<string> {
  if (said !== undefined) return readAddress(said);
  const { agent } = await server.ask((registry, options) => registry.whoami({}, options));
  if (agent.includes(":")) return agent;
  throw noUser(agent === "" ? "anonymous" : agent);
}

function noUser(agent: string): CommandError {
  return usageError(
    `Cannot tell which user is meant: none is named, and "${agent}" is none`,
    "orrery login USER, or name one",
  );
}

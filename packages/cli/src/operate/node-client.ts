import { type Client, type ClientNode, createTableDirectory, OrreryError, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { OPERATE, OperateService } from "@orrery/mesh/operate";
import type { OwnKeys } from "../reach/own-keys.ts";

/** Speaks with operated nodes, each at its address, and with no other. */
export interface NodeClients {
  /** Calls of the node at an address. Each waits as long as was said, unless its own options say otherwise. */
  at(address: string): Promise<Client<typeof OperateService>>;
  close(): Promise<void>;
}

/** Makes clients of nodes; one for each address, for a call must not go to another node. They connect when they are first used. */
export function createNodeClients(agent: string, keys: OwnKeys = {}): NodeClients {
  const clients = new Map<string, Promise<ClientNode>>();
  return {
    async at(address) {
      let client = clients.get(address);
      if (client === undefined) {
        const directory = createTableDirectory({ [OPERATE]: [address] });
        client = createMeshClient({ directory, agent, ...(address.includes("?key=") && keys) });
        clients.set(address, client);
      }
      return (await client).client(OperateService);
    },
    async close() {
      await Promise.all([...clients.values()].map(async (client) => (await client).stop()));
    },
  };
}

/** Whether a node was there, and does not serve operators. */
export function servesNoOperators(error: unknown): boolean {
  return error instanceof OrreryError && (error.reason === "no_such_component" || error.reason === "no_such_method");
}

/** Why a node gave no answer, in a few words. */
export function whySilent(error: unknown): string {
  if (servesNoOperators(error)) return "serves no operators";
  if (!(error instanceof OrreryError)) return error instanceof Error ? error.message : String(error);
  if (error.code === "permission_denied") return "not allowed";
  if (error.kind === "timeout" || error.code === "deadline_exceeded") return "no answer";
  if (error.kind === "unreachable") return "not reachable";
  return error.message;
}

/** What came of asking a node: a value, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly error: unknown };

/** Asks, and never throws. */
export async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  const outcome = await outcomeOf(asked);
  return outcome.kind === "reply" ? { value: outcome.value } : { error: outcome.error };
}

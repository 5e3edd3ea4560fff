import type { TellableChange, WatchTeller, WatchWish } from "./follow-changes.ts";
import type { ResourceContext } from "./resource-command.ts";
import { resourceJson } from "./resource-form.ts";

/** Tells changes to a program: a line of JSON for each. */
export function watchLines({ address, what }: WatchWish, { server, terminal, isJson }: ResourceContext): WatchTeller {
  return {
    begin: (revision) => {
      if (!isJson) terminal.say(`Watching ${address} from revision ${revision}, Ctrl-C ends it`);
    },
    tell: ({ revision, atMs, agent, parts, resource }) => {
      const facts = {
        event: eventOf(parts),
        revision: Number(revision),
        at: Number(atMs),
        agent,
        parts,
        address: resource.address,
        kind: resource.kind,
      };
      const told = what === "itself" ? { ...facts, resource: resourceJson(resource) } : facts;
      return terminal.write(`${JSON.stringify(told)}\n`);
    },
    pass: () => {},
    standing: (how, revision) =>
      terminal.say(
        how === "away"
          ? `${server.address} went away, waiting for it at revision ${revision}`
          : `${server.address} is back, going on from revision ${revision}`,
      ),
    close: async () => {},
  };
}

/** What a change was, in one word. */
export function eventOf(parts: TellableChange["parts"]): "add" | "remove" | "change" {
  return parts.includes("added") ? "add" : parts.includes("removed") ? "remove" : "change";
}

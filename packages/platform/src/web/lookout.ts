import { type Clock, isOrreryError, type Log } from "@orrery/core";
import type { ChangeView, Registry, ResourceView } from "@orrery/registry";
import { FINDS_MAX, WATCH_AGAIN_MS } from "./limits.ts";

/** What is at an address. */
export interface Found {
  readonly resource: ResourceView;
  /** Whether everybody may read it. */
  readonly isPublic: boolean;
  /** When it was last changed, in ms since 1970, where the registry still knows. */
  readonly modifiedMs?: number;
}

/**
 * Looks into the registry for the web server, without asking anybody once warm. Owns: what it found, and the watch that says what is so no more.
 * I1: what it gives is what the registry had at its newest revision when it was asked. I2: it keeps at most `FINDS_MAX` finds.
 */
export interface Lookout {
  /** What is at an address; undefined where nothing is, or where it is no address. */
  find(address: string): Promise<Found | undefined>;
  /** Whether somebody may send messages to what is at an address, by the rights of now. Default: everybody. */
  mayExecute(address: string, agent?: string): Promise<boolean>;
  /** The same, of what somebody sees who may read more than everybody. */
  as(agent: string): Pick<Lookout, "find">;
  /** The revision that all finds are of now; undefined while the watch is behind the registry. */
  exact(): number | undefined;
  /** Ends the watch. */
  close(): Promise<void>;
}

/** Options of a lookout. */
export interface LookoutOptions {
  readonly registry: Pick<Registry, "get" | "can" | "watch" | "revision">;
  /** An operator of the registry. */
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each change, in order, after it counts. It must not throw. */
  readonly onChange: (change: ChangeView) => void;
}

/** Whoever did not say who he is. */
const VISITOR = "";

/** Begins to look, and to watch. */
export function createLookout({ registry, agent, clock, log, onChange }: LookoutOptions): Lookout {
  const finds = new Map<string, Found | null>();
  const ended = new AbortController();
  let seen = registry.revision();
  const decisions = createDecisions({ registry, agent, seen: () => seen });

  const take = (change: ChangeView) => {
    const { resource, parts, revision } = change;
    decisions.clear();
    const isOfRights = resource.kind === "Grant" || resource.kind === "Role" || parts.includes("owner");
    if (isOfRights) finds.clear();
    else finds.delete(resource.address);
    seen = revision;
    onChange(change);
  };
  const watch = async () => {
    while (!ended.signal.aborted) {
      try {
        for await (const change of registry.watch({ selector: "**", after: seen }, { agent, signal: ended.signal }))
          take(change);
        return; // The registry has ended.
      } catch (error) {
        if (ended.signal.aborted) return;
        log.warn("the registry could not be watched, what was found is forgotten", { error: (error as Error).message });
        finds.clear();
        decisions.clear();
        seen = registry.revision();
        await clock.sleep(WATCH_AGAIN_MS, ended.signal).catch(() => undefined);
      }
    }
  };
  const watching = watch();
  const look = async (address: string): Promise<Found | undefined> => {
    const resource = await registry.get(address, { agent }).catch(nothingThere);
    if (resource === undefined) return undefined;
    const { allowed } = await registry.can({ agent: VISITOR, verb: "read", address }, { agent });
    if (!allowed || resource.state["content"] === undefined) return { resource, isPublic: allowed };
    const modifiedMs = await modifiedAt(registry, resource, agent);
    return { resource, isPublic: allowed, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
  };
  const lookout: Lookout = {
    find: async (address) => {
      const before = seen;
      const isExact = () => before === seen && seen === registry.revision();
      if (isExact()) {
        const known = finds.get(address);
        if (known !== undefined) return known ?? undefined;
      }
      const found = await look(address);
      if (!isExact()) return found; // I1
      if (finds.size >= FINDS_MAX) finds.delete(finds.keys().next().value ?? ""); // I2
      finds.set(address, found ?? null);
      return found;
    },
    mayExecute: (address, who = VISITOR) => decisions.may("execute", who, address),
    as: (who) => ({
      find: async (address) => {
        const found = await lookout.find(address);
        if (found === undefined || found.isPublic) return found;
        return { ...found, isPublic: await decisions.may("read", who, address) };
      },
    }),
    exact: () => (seen === registry.revision() ? seen : undefined),
    close: async () => {
      ended.abort();
      await watching;
    },
  };
  return lookout;
}

function nothingThere(error: unknown): undefined {
  if (isOrreryError(error) && (error.code === "not_found" || error.code === "invalid_argument")) return undefined;
  throw error;
}

/** The time of the change that made a resource what it is. */
async function modifiedAt(
  registry: Pick<Registry, "watch">,
  { revision }: ResourceView,
  agent: string,
): Promise<number | undefined> {
  try {
    for await (const change of registry.watch({ selector: "**", after: revision - 1 }, { agent }))
      return change.revision === revision ? change.at : undefined;
  } catch (error) {
    if (!isOrreryError(error)) throw error; // Else it is forgotten.
  }
  return undefined;
}

/** Decisions on rights, kept for as long as nothing is written. */
interface Decisions {
  may(verb: "read" | "execute", who: string, address: string): Promise<boolean>;
  clear(): void;
}

/** Makes them. `seen` is the revision of the last change that was told. */
function createDecisions({
  registry,
  agent,
  seen,
}: Pick<LookoutOptions, "registry" | "agent"> & { readonly seen: () => number }): Decisions {
  const decided = new Map<string, boolean>();
  return {
    clear: () => decided.clear(),
    may: async (verb, who, address) => {
      const before = seen();
      const isExact = () => before === seen() && before === registry.revision();
      const key = `${verb} ${who}\n${address}`;
      const known = isExact() ? decided.get(key) : undefined;
      if (known !== undefined) return known;
      const { allowed } = await registry.can({ agent: who, verb, address }, { agent });
      if (isExact() && decided.size < FINDS_MAX) decided.set(key, allowed);
      return allowed;
    },
  };
}

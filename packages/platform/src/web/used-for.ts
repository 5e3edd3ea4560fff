import type { Route } from "../bind/bind.ts";
import type { ServedFile } from "./answer-file.ts";
import type { UsedFor } from "./connection-meter.ts";
import type { SpaceApps } from "./space-apps.ts";

/** What a request counts for that leads to no file: mechtrons count their messages by themselves. */
export function usedFor({ target }: Route, space: string, apps: SpaceApps | undefined): UsedFor {
  if (target.kind === "mechtron") return { address: target.address, messages: 0 };
  const of = target.kind === "service" ? apps?.callerOf(space, target.component) : undefined;
  return of === undefined ? usedIn(space) : { address: of.app, messages: of.isMechtron ? 0 : 1 };
}

/** What a request counts for that leads to nothing of a space's own. */
export function usedIn(space: string): UsedFor {
  return { address: space, messages: 1 };
}

/** Of files that are asked for again and again, so that none is made anew. */
const USED_BY = new WeakMap<ServedFile["found"], UsedFor>();

/** What a request for a file counts for. */
export function usedBy({ found }: ServedFile): UsedFor {
  const known = USED_BY.get(found);
  if (known !== undefined) return known;
  const used = { address: found.resource.address, messages: 1 } as const;
  USED_BY.set(found, used);
  return used;
}

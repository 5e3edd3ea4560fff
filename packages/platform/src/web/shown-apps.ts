import type { Route } from "../bind/bind.ts";
import type { Answering } from "./answering.ts";
import type { SpaceApps } from "./space-apps.ts";

/** Whether a route says for whom it is, so that all are told that it is there: it asks for a login, or pages of other sites may ask about it. */
export function isPublished({ auth, cors }: Route): boolean {
  return auth !== undefined || cors !== undefined;
}

/** Address of the app or the mechtron that a route leads to; undefined where it leads to neither. */
export function calleeOf({ target }: Route, space: string, apps: Pick<SpaceApps, "callerOf">): string | undefined {
  if (target.kind === "mechtron") return target.address;
  return target.kind === "service" ? apps.callerOf(space, target.component)?.app : undefined;
}

/** The apps of a space without what somebody may not call; where there are none, rights are asked for as well, so that it takes as long. */
export async function shownTo(
  agent: string,
  space: string,
  { apps, lookout }: { readonly apps: SpaceApps } & Pick<Answering, "lookout">,
): Promise<SpaceApps> {
  const callees = apps.callees(space);
  const asked = callees.length === 0 ? [space] : callees;
  const allowed = await Promise.all(asked.map((one) => lookout.mayExecute(one, agent)));
  const hidden = new Set(callees.filter((_, index) => allowed[index] !== true));
  return hidden.size === 0 ? apps : apps.without(hidden);
}

import { type HostReport, type HostTarget, isRefusal } from "./host-target.ts";
import { HeardHosts } from "./known-hosts.ts";

/** A host that was asked how it stands. */
export interface SurveyedHost {
  readonly target: HostTarget;
  readonly state: "reached" | "refused" | "unreachable";
  /** Undefined unless it was reached. */
  readonly report: HostReport | undefined;
  /** Why it was not reached. */
  readonly error: unknown;
}

/**
 * Asks hosts how they stand, and with `others` also the hosts that they know, until all have been asked once. One that died is among them as long as
 * any host that is reached remembers it; one that left is not.
 */
export async function surveyHosts(
  hosts: readonly HostTarget[],
  others?: (name: string) => HostTarget,
): Promise<readonly SurveyedHost[]> {
  const heard = new HeardHosts();
  const asked = new Map<string, SurveyedHost>();
  for (let next = hosts; next.length > 0; ) {
    for (const one of await Promise.all(next.map(survey))) {
      asked.set(one.target.name, one);
      heard.hear(one.report?.hosts ?? []);
    }
    const more = others === undefined ? [] : heard.expected().filter((name) => !asked.has(name));
    next = others === undefined ? [] : more.map(others);
  }
  const isOver = ({ target, state }: SurveyedHost) => state === "unreachable" && heard.hasLeft(target.name);
  return [...asked.values()].filter((one) => others === undefined || !isOver(one));
}

async function survey(target: HostTarget): Promise<SurveyedHost> {
  try {
    return { target, state: "reached", report: await target.status({ hosts: true }), error: undefined };
  } catch (error) {
    return { target, state: isRefusal(error) ? "refused" : "unreachable", report: undefined, error };
  }
}

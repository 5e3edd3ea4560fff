import { contractOf } from "@orrery/core/internal";
import { createJsonCaller, type JsonCaller } from "@orrery/http";
import type { ChildStatus } from "@orrery/mesh/supervise";
import { type AppCallee, createAppCallee } from "./app-callee.ts";
import type { AppService } from "./app-runtime.ts";
import { placesOf } from "./process-app-spec.ts";
import { retryingSource } from "./retrying-source.ts";
import { serviceOf, servicesAt } from "./serving-processes.ts";
import type { AppMeeting } from "./system-app-meeting.ts";

/** How the services of an app are called. */
export interface LearnedServices {
  readonly caller: JsonCaller;
  readonly callee: AppCallee;
  readonly services: readonly AppService[];
}

/**
 * Asks the processes of an app what they serve; undefined as long as not all of it is found by name.
 * @throws OrreryError where one has just ended
 */
export async function learnServices(
  { node, directory }: Pick<AppMeeting, "node" | "directory">,
  children: readonly ChildStatus[],
): Promise<LearnedServices | undefined> {
  const places = placesOf(children);
  const all = await servicesAt(node, places);
  const names = all.map(({ service }) => contractOf(service).name);
  if (names.some((name) => directory.resolve(name).length === 0)) return undefined;
  const asked = await Promise.all([...places.values()].map((address) => node.describe(address)));
  const described = asked.flatMap(({ components }) => components).filter(({ name }) => names.includes(name));
  const services = all.map(({ service }) => service);
  const { name, clock } = node;
  const calling = retryingSource(node, clock);
  return {
    caller: createJsonCaller({ node: { name, clock, ...calling }, services }),
    callee: createAppCallee({ node: calling, described, services }),
    services: all.map(({ component, service }) => serviceOf(component, service)),
  };
}

import type { ClientNode, Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { describedServices } from "@orrery/http";
import { OPERATE } from "@orrery/mesh/operate";
import type { AppService } from "./app-runtime.ts";

/** A service, and the component of the app that serves it. */
export interface ServiceOfApp {
  readonly component: string;
  readonly service: Service;
}

/** What processes serve, of which one of each component is asked; what they serve to operators is not for callers. */
export async function servicesAt(
  node: ClientNode,
  places: ReadonlyMap<string, string>,
): Promise<readonly ServiceOfApp[]> {
  const all = await Promise.all(
    [...places].map(async ([component, address]) =>
      (await describedServices(node, address)).map((service) => ({ component, service })),
    ),
  );
  return all.flat().filter(({ service }) => contractOf(service).name !== OPERATE);
}

/** What is told of a service. */
export function serviceOf(component: string, service: Service): AppService {
  const { name, methods } = contractOf(service);
  return { component, name, methods: [...methods.values()].map((method) => method.name) };
}

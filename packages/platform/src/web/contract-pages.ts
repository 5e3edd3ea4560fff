import type { Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { createOpenApi, descriptorSetOf, type OpenApiCall } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import type { Answering } from "./answering.ts";
import type { SpaceState } from "./bind-keeper.ts";
import { servicesPage } from "./services-page.ts";
import type { CONTRACT_PAGES } from "./web-paths.ts";

/** A space that is asked what may be called there. */
export interface AskedSpace {
  readonly space: string;
  readonly state: SpaceState;
  readonly page: (typeof CONTRACT_PAGES)[number];
}

/**
 * Answers `/-/openapi.json`, `/-/descriptors.binpb` and `/-/services` of a space: what whoever asks may call there, and nothing else.
 * Gives undefined for other methods than those that read.
 */
export async function answerContracts(
  request: WebRequest,
  { space, state, page }: AskedSpace,
  answering: Answering,
): Promise<Answer | undefined> {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const services = await servicesOf(space, answering);
  if (page === "descriptors.binpb")
    return document(descriptorSetOf(services.map(({ service }) => service)), "application/x-protobuf");
  const bound = state.kind === "bound" ? state.inForce.bind.routes : [];
  const routes = [...bound, ...(answering.apps?.routes(space) ?? [])];
  const own = services.flatMap(({ service }) => ownCalls(service));
  const routed = routes.flatMap((route) => routedCalls(route, services));
  const calls = [...own, ...routed];
  if (page === "services") return servicesPage(request, { space, calls });
  const text = JSON.stringify(createOpenApi({ title: space, version: "1", calls }));
  return document(new TextEncoder().encode(text), "application/json", headerOf(request, "origin") !== undefined);
}

interface Callable {
  readonly name: string;
  readonly service: Service;
}

/** Services of the space's apps that everybody may call. */
async function servicesOf(space: string, { apps, lookout }: Answering): Promise<readonly Callable[]> {
  const found: Callable[] = [];
  for (const { name, app, service } of apps?.services(space) ?? [])
    if (await lookout.mayExecute(app)) found.push({ name, service });
  return found;
}

function ownCalls(service: Service): readonly OpenApiCall[] {
  const { name, methods } = contractOf(service);
  return [...methods.values()].map((method) => ({ service, method: method.name, path: `/${name}/${method.name}` }));
}

/** Calls that a route leads to: one, or all methods of a service. */
function routedCalls({ path, target, methods }: Route, services: readonly Callable[]): readonly OpenApiCall[] {
  if (target.kind !== "service") return [];
  const service = services.find(({ name }) => name === target.component)?.service;
  if (service === undefined) return [];
  const contract = contractOf(service);
  const verbs = methods.filter((one) => one !== "HEAD" && one !== "OPTIONS").map((one) => one.toLowerCase());
  const pathOf = (method: string) => {
    const place = typeof target.method === "string" ? undefined : target.method.in;
    const words = path.parts.map((part) =>
      part.form === "text" ? part.text : part.name === place ? method : `{${part.name}}`,
    );
    return `/${words.join("/")}`;
  };
  return [...contract.methods.values()]
    .filter(({ name, localName }) => typeof target.method !== "string" || [name, localName].includes(target.method))
    .map(({ name }) => ({
      ...{ service, method: name, path: pathOf(name) },
      verbs: typeof target.method === "string" ? verbs : ["post"],
    }));
}

/** What may be asked for by pages of any site: it is for everybody, and no cookie counts. */
function document(body: Uint8Array, type: string, isForPage = false): Answer {
  return {
    status: 200,
    headers: [
      ["content-type", type],
      ["cache-control", "no-cache"],
      ["x-content-type-options", "nosniff"],
      ...(isForPage ? ([["access-control-allow-origin", "*"]] as const) : []),
    ],
    body,
  };
}

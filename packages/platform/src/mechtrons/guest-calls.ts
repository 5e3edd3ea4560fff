import { OrreryError } from "@orrery/core";
import { type GuestReply, type GuestRequest, guestReply, RESOURCES_SERVICE } from "@orrery/guest/abi";
import type { JsonCaller } from "@orrery/http";
import { parentText, parseAddress, printAddress, type Registry } from "@orrery/registry";
import type { CallChains } from "./call-chains.ts";
import type { GuestResourceCalls } from "./guest-resources.ts";
import { assertForOthers } from "./host-services.ts";
import type { CallContext, MechtronHost } from "./mechtron-host.ts";

/** Options of `createGuestCalls`. */
export interface GuestCallsOptions {
  readonly registry: Pick<Registry, "can">;
  readonly resources: GuestResourceCalls;
  readonly ask: MechtronHost["ask"];
  /** What calls the components of an app; undefined while it takes no calls. */
  readonly callerOf: (app: string) => JsonCaller | undefined;
  /** Who waits for the calls of components. */
  readonly chains: Pick<CallChains, "open">;
  /** Asks about rights, an operator. */
  readonly agent: string;
}

/**
 * Makes what answers the calls of mechtrons: about resources, to other mechtrons, and to the components of their own app. What is asked is asked
 * in the name of the mechtron, whoever asked it.
 */
export function createGuestCalls(options: GuestCallsOptions): MechtronHostCalls {
  const { resources, callerOf, chains } = options;
  return async (request, context) => {
    const { service, method } = request;
    const { release, timeoutMs, signal, via, chain } = context;
    if (service === RESOURCES_SERVICE) return await resources(request, release);
    if (service.includes("/")) return await askMechtron(request, context, options);
    const app = parentText(release.address);
    const caller = callerOf(app);
    if (caller?.has(service) !== true)
      throw new OrreryError(
        "not_found",
        `Cannot call "${service}.${method}": ${app} has no such service, write MECHTRON/SERVICE for that of a mechtron`,
      );
    assertJson(request);
    const body = request.body.length === 0 ? new TextEncoder().encode("{}") : request.body;
    using waiting = chains.open(chain);
    const reply = await caller.call({ component: service, method }, body, {
      ...{ timeoutMs, signal, agent: release.address, flow: waiting.flow },
      ...(via?.app === app && { via: via.node }),
    });
    return guestReply({ contentType: "application/json", body: reply });
  };
}

type MechtronHostCalls = (request: GuestRequest, context: CallContext) => Promise<GuestReply>;

/** Hands another mechtron a message: one of the same app, or one that this may execute. */
async function askMechtron(
  request: GuestRequest,
  { release, chain, timeoutMs, via, cause }: CallContext,
  { registry, ask, agent }: GuestCallsOptions,
): Promise<GuestReply> {
  const slash = request.service.indexOf("/");
  const [name, service] = [request.service.slice(0, slash), request.service.slice(slash + 1)];
  const app = parentText(release.address);
  const said = name.includes(":") ? name : `${app}:${name}`;
  const address = printAddress(parseAddress(said, { base: parseAddress(parentText(app)) }));
  assertForOthers(service, `Cannot call "${address}"`);
  if (parentText(address) !== app) {
    const asked = { agent: release.address, verb: "execute", address } as const;
    const { allowed, why } = await registry.can(asked, { agent });
    if (!allowed)
      throw new OrreryError("permission_denied", `Cannot call "${address}" as "${release.address}": ${why}`);
  }
  return await ask(address, { ...request, service }, { agent: release.address, timeoutMs, chain, via, cause });
}

function assertJson({ service, method, contentType, body }: GuestRequest): void {
  if (body.length === 0 || contentType === "application/json") return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot call "${service}.${method}" with "${contentType}": send application/json`,
  );
}

import { isOrreryError, OrreryError } from "@orrery/core";
import { type Address, parseAddress, type Registry, type Verb } from "@orrery/registry";
import { type CoreService, coreAddress } from "./core-service.ts";
import { SPACES_KNOWN_MAX } from "./limits.ts";

/** What a request to a core service says of where it goes. */
export interface SpaceRequest {
  /** The Space; empty: the caller's own, where its address says which. */
  readonly space: string;
  readonly service: CoreService;
  /** Names below the service, such as those of a database and a table. Default: the whole service. */
  readonly part?: readonly string[];
  readonly verb: Verb;
}

/** A Space that somebody may do something in. */
export interface SpacePlace {
  /** Its address. */
  readonly space: string;
  /** The revision that made it: what is kept under this number is never that of another Space, though it has the same name. */
  readonly id: number;
  /** What the right is on, as `coreAddress` has it. */
  readonly address: string;
}

/** The one way into Spaces for all core services: which one is meant, and whether the caller may. */
export interface Spaces {
  /**
   * Finds the Space of a request. Whoever may not is told the same whether the Space, or anything in it, is there or not.
   * @throws OrreryError `permission_denied`; `invalid_argument` where no Space is named, or a name is none; `not_found` for those who may do
   * everything, where there is no such Space
   */
  enter(request: SpaceRequest, by: { readonly agent: string }): Promise<SpacePlace>;
  /** Whether somebody may; as `enter`, without its refusals of rights. */
  may(request: SpaceRequest, by: { readonly agent: string }): Promise<boolean>;
}

/** Options of `createSpaces`. */
export interface SpacesOptions {
  readonly registry: Pick<Registry, "can" | "get" | "revision">;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** Makes the way into the Spaces of a registry. What it found holds as long as nothing is written there: calls come many times more often. */
export function createSpaces({ registry, agent: operator = "operator" }: SpacesOptions): Spaces {
  const decide = async (request: SpaceRequest, agent: string) => {
    const space = spaceOf(request, agent);
    const address = addressOf(request, space);
    const { verb } = request;
    const decision = await registry.can({ agent, verb, address }, { agent: operator });
    return { space, address, ...decision };
  };
  const found = new Map<string, SpacePlace>();
  let foundAt = -1;
  /** The place, where the same was asked since the last change of the registry. */
  const knownPlace = (key: string) => {
    if (foundAt !== registry.revision()) {
      found.clear();
      foundAt = registry.revision();
    }
    return found.get(key);
  };
  return {
    may: async (request, { agent }) => (await decide(request, agent)).allowed,
    enter: async (request, { agent }) => {
      const { service, part = [] } = request;
      const key = JSON.stringify([agent, request.space, service, part, request.verb]);
      const known = knownPlace(key);
      if (known !== undefined) return known;
      const before = registry.revision();
      const { space, address, allowed, why } = await decide(request, agent);
      const { verb } = request;
      if (!allowed)
        throw new OrreryError(
          "permission_denied",
          `Cannot ${verb} "${address}" as "${agent || "anonymous"}": ${why}, ask an owner for a grant`,
          { details: { agent, verb, address } },
        );
      const place = { space, address, id: await idOf(space, { registry, operator, verb }) };
      if (before === registry.revision() && foundAt === before && found.size < SPACES_KNOWN_MAX) found.set(key, place);
      return place;
    },
  };
}

/** The Space that a request names, or the one that its caller is in. */
function spaceOf({ space, service }: SpaceRequest, agent: string): string {
  const failing = `Cannot use ${service} of "${space || agent || "anonymous"}"`;
  if (space === "") {
    const colon = agent.indexOf(":");
    if (colon > 0) return agent.slice(0, colon);
    throw new OrreryError("invalid_argument", `${failing}: no Space is named, name one, such as demo.test`);
  }
  const address: Address = parseAddress(space);
  const [first] = address.segments;
  if (address.segments.length === 1 && address.path === undefined && address.authority === undefined)
    return (first as (typeof address.segments)[0]).text;
  throw new OrreryError("invalid_argument", `${failing}: it is no Space, name "${first?.text}" alone`);
}

/** Names are one segment each, so that none can lead to what another is about. */
function addressOf({ service, part = [] }: SpaceRequest, space: string): string {
  const wrong = part.find((name) => !NAME.test(name));
  if (wrong === undefined) return coreAddress(space, service, part);
  throw new OrreryError(
    "invalid_argument",
    `Cannot use "${wrong}" in ${service} of "${space}": it is no name, write up to 63 small letters, digits and "-", such as my-orders`,
  );
}

/** As a segment of an address that is a name. */
const NAME = /^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

async function idOf(
  space: string,
  {
    registry,
    operator,
    verb,
  }: { readonly registry: Pick<Registry, "get">; readonly operator: string; readonly verb: Verb },
): Promise<number> {
  try {
    return (await registry.get(space, { agent: operator })).created;
  } catch (error) {
    if (!isOrreryError(error) || error.code !== "not_found") throw error;
    throw new OrreryError("not_found", `Cannot ${verb} in "${space}": there is no such Space, look at orrery ls`, {
      details: { space },
    });
  }
}

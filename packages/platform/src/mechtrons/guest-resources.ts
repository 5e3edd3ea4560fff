import { OrreryError } from "@orrery/core";
import { type GuestReply, type GuestRequest, guestReply, RESOURCES_SERVICE } from "@orrery/guest/abi";
import {
  type ChangeView,
  type PropertyValue,
  parentText,
  parseAddress,
  printAddress,
  type Registry,
  type ResourceView,
} from "@orrery/registry";
import { LISTED_MAX } from "./limits.ts";
import type { MechtronWatches } from "./mechtron-watches.ts";
import type { GuestFiles } from "./system-guest-files.ts";

/** Who asks, and whose it is. */
export interface GuestIdentity {
  readonly address: string;
  readonly owner: string;
}

/** Options of `createGuestResources`. */
export interface GuestResourcesOptions {
  readonly registry: Registry;
  readonly files: GuestFiles;
  readonly watches: Pick<MechtronWatches, "watch" | "unwatch">;
  /** Shows what was just made, an operator. */
  readonly agent: string;
}

/** Answers calls of service `orrery.resources`, with the rights of the mechtron that asks. @throws OrreryError as the registry does */
export type GuestResourceCalls = (request: GuestRequest, who: GuestIdentity) => Promise<GuestReply>;

/** What a mechtron says in a call. */
type Said = Readonly<Record<string, unknown>>;

/** Makes what answers mechtrons about resources. */
export function createGuestResources(options: GuestResourcesOptions): GuestResourceCalls {
  const { registry, files, watches } = options;
  const methods: Readonly<
    Record<string, (said: Said, who: GuestIdentity, request: GuestRequest) => Promise<GuestReply>>
  > = {
    get: async (said, who) => json(shownOf(await registry.get(addressIn(said, who), { agent: who.address }))),
    list: async (said, who) => {
      const page = await registry.list(
        { selector: textIn(said, "selector"), limit: LISTED_MAX },
        { agent: who.address },
      );
      return json(page.resources.map(shownOf));
    },
    create: async (said, who) => json(shownOf(await create(said, who, options))),
    set: async (said, who) => {
      const [address, by] = [addressIn(said, who), { agent: who.address }];
      const given = Object.entries(propertiesIn(said)).map(([name, value]) => [
        name,
        value === null ? undefined : value,
      ]);
      await registry.change({ address, properties: Object.fromEntries(given) }, by);
      return json(shownOf(await registry.get(address, { agent: options.agent })));
    },
    delete: async (said, who) => {
      await registry.remove({ address: addressIn(said, who) }, { agent: who.address });
      return guestReply({});
    },
    read: async (said, who) => files.read(addressIn(said, who), who),
    write: async (_, who, { path, contentType, body }) => {
      const address = addressIn({ address: path }, who);
      await files.write({ address, contentType, body }, who);
      return json(shownOf(await registry.get(address, { agent: options.agent })));
    },
    watch: async (said, who) => {
      const since = said["since"];
      if (since !== undefined && !(typeof since === "number" && Number.isSafeInteger(since) && since >= 0))
        throw wrong(`since is ${JSON.stringify(since)}, write a revision`);
      watches.watch(who.address, { selector: textIn(said, "selector"), ...(since !== undefined && { since }) });
      return guestReply({});
    },
    unwatch: async (said, who) => {
      watches.unwatch(who.address, textIn(said, "selector"));
      return guestReply({});
    },
  };
  return async (request, who) => {
    const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (method !== undefined) return await method(request.method === "write" ? {} : saidIn(request), who, request);
    const known = Object.keys(methods).join(", ");
    throw new OrreryError("unimplemented", `Cannot answer "${RESOURCES_SERVICE}.${request.method}": it has ${known}`);
  };
}

/**
 * What a mechtron makes is its owner's, in one write. A write of several steps may make what is sealed, which others may not: that is refused.
 */
async function create(
  said: Said,
  who: GuestIdentity,
  { registry, agent }: GuestResourcesOptions,
): Promise<ResourceView> {
  const [address, kind] = [addressIn(said, who), textIn(said, "kind")];
  const known = registry.kinds().find(({ name }) => name === kind);
  if (known?.data.sealed === true)
    throw new OrreryError("failed_precondition", `Cannot create "${address}" as ${kind}: publish a bundle to make one`);
  const steps = [
    { create: { address, kind, properties: propertiesIn(said) } },
    { change: { address, owner: who.owner } },
  ];
  try {
    await registry.apply(steps, { agent: who.address });
  } catch (error) {
    const isThere = said["ensure"] === true && (error as OrreryError).code === "already_exists";
    if (!isThere) throw error;
    const found = await registry.get(address, { agent: who.address });
    if (found.kind === kind) return found;
    throw error;
  }
  return await registry.get(address, { agent });
}

/** A resource as mechtrons are shown it. */
export function shownOf({ address, kind, properties, status, revision }: ResourceView): object {
  return { address, kind, properties, status: status.state, revision };
}

/** A change as mechtrons are told it. */
export function toldOf({ parts, resource }: ChangeView, selector: string): object {
  const change = parts.includes("added") ? "created" : parts.includes("removed") ? "deleted" : "changed";
  return { selector, change, resource: shownOf(resource) };
}

/** Reads an address; one that begins with `.:` starts where the mechtron's app lies, as in its `orrery.yaml`. */
function addressIn(said: Said, { address }: GuestIdentity): string {
  const base = parseAddress(parentText(parentText(address)));
  return printAddress(parseAddress(textIn(said, "address"), { base }));
}

function saidIn({ body }: GuestRequest): Said {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null) return value as Said;
  } catch {}
  throw wrong("its body is no JSON object");
}

function textIn(said: Said, name: string): string {
  const value = said[name];
  if (typeof value === "string") return value;
  throw wrong(`${name} is ${value === undefined ? "missing" : JSON.stringify(value)}, write a text`);
}

function propertiesIn({ properties = {} }: Said): Readonly<Record<string, PropertyValue>> {
  if (typeof properties === "object" && properties !== null && !Array.isArray(properties))
    return properties as Readonly<Record<string, PropertyValue>>;
  throw wrong("properties is no record");
}

function wrong(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read the call: ${why}`);
}

function json(value: unknown): GuestReply {
  return guestReply({ contentType: "application/json", body: new TextEncoder().encode(JSON.stringify(value)) });
}

import { OrreryError } from "@orrery/core";
import { ancestorsOf } from "../address/address.ts";
import type { Property } from "../kinds/kind.ts";
import type { Resource } from "../resource.ts";
import type { StoredPlace } from "../store/store.ts";
import { planError, spacePlanOf } from "./space-plan.ts";

/** The property by which a resource says how many bytes of content may lie in it. Only those set it who may write what the resource lies in. */
export const QUOTA: Property = {
  summary: "How many bytes of content may lie in it: bytes of all, and of single agents by what they own",
  schema: {
    type: "object",
    properties: {
      bytes: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      of: {
        type: "object",
        additionalProperties: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
        maxProperties: 1_000,
      },
    },
    additionalProperties: false,
  },
  locked: true,
};

/** One bound on what may lie somewhere. */
export interface Quota extends StoredPlace {
  readonly bytesMax: number;
  /** Name of the plan that says it. Absent: whoever may write what the resource lies in does. */
  readonly plan?: string;
}

/** A quota, and how much of it is used. */
export interface QuotaState extends Quota {
  /** Bytes that lie there: of content, and `held`. */
  readonly bytes: number;
  /** Those of them that are no content of resources, such as what the store of a Space has. Absent: none. */
  readonly held?: number;
}

/** What a resource says of quotas. */
export function quotasOf(resource: Pick<Resource, "address" | "kind" | "properties">): readonly Quota[] {
  const { address, properties } = resource;
  const { name: plan = "", storageBytes } = spacePlanOf(resource) ?? {};
  const planned = storageBytes === undefined ? [] : [{ address, bytesMax: storageBytes, plan }];
  const said = properties["quota"] as
    | { readonly bytes?: number; readonly of?: Readonly<Record<string, number>> }
    | undefined;
  if (typeof said !== "object" || said === null) return planned;
  const all = typeof said.bytes === "number" ? [{ address, bytesMax: said.bytes }] : [];
  return [
    ...planned,
    ...all,
    ...Object.entries(said.of ?? {}).map(([owner, bytesMax]) => ({ address, owner, bytesMax })),
  ];
}

/** Bytes beside content that a quota of a resource counts: what a Space holds is everybody's, and no agent's own. */
export async function heldUnder(
  { owner }: Quota,
  resource: Resource,
  held: (space: Resource) => Promise<number>,
): Promise<number> {
  return owner === undefined && resource.kind === "Space" ? await held(resource) : 0;
}

/** A resource and all that it lies in, the nearest first. */
export function placesOf(address: string): readonly string[] {
  return [address, ...ancestorsOf(address)];
}

/** Makes the error of what would be more than a quota allows. */
export function quotaError(doing: string, quota: QuotaState, reserved = 0): OrreryError {
  const { address, owner, bytesMax, bytes, plan } = quota;
  if (plan !== undefined)
    return planError(doing, { space: address, plan, limit: "storage", used: `${usedOf(bytes, bytesMax)} of storage` });
  const whose = owner === undefined ? "" : ` of "${owner}"`;
  const why = reserved === 0 ? "" : `, uploads under way included`;
  return new OrreryError(
    "resource_exhausted",
    `Cannot ${doing}: quota: ${usedOf(bytes, bytesMax)}${whose} in "${address}"${why}, remove something there, or have the quota raised`,
    { details: { quota: address, bytes, bytesMax, ...(owner === undefined ? {} : { owner }) } },
  );
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Writes how much of a quota would be used, as in `1.2 of 1.0 MiB`; to the byte, where it looked the same otherwise. */
export function usedOf(bytes: number, bytesMax: number): string {
  let unit = 0;
  while (unit < UNITS.length - 1 && bytesMax >= 1024 ** (unit + 1)) unit++;
  const written = (count: number) => (count / 1024 ** unit).toFixed(unit === 0 ? 0 : 1);
  if (unit > 0 && written(bytes) === written(bytesMax) && bytes !== bytesMax) return `${bytes} of ${bytesMax} bytes`;
  return `${written(bytes)} of ${written(bytesMax)} ${UNITS[unit]}`;
}

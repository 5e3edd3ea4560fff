import { OrreryError } from "@orrery/core";
import { lastPart, parentText } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import { REFERRERS_MAX } from "../bundles/limits.ts";
import type { KindTable, KnownKind } from "../kinds/kind-table.ts";
import type { Properties } from "../kinds/property-rules.ts";
import type { Resource } from "../resource.ts";
import type { Draft } from "./draft.ts";
import type { Reads } from "./ground.ts";

/** @throws OrreryError `not_found` where a property names something in the parent that is not there */
export async function assertReferences(
  reads: Reads,
  { address, kind, properties }: { address: string; kind: KnownKind; properties: Properties },
): Promise<void> {
  for (const [name, { refers }] of Object.entries(kind.data.properties ?? {})) {
    const value = properties[name];
    if (refers !== "sibling" || typeof value !== "string") continue;
    const target = `${parentText(address)}:${value}`;
    if ((await reads.get(target)) !== undefined) continue;
    throw new OrreryError(
      "not_found",
      `Cannot set "${name}" of "${address}": there is no "${target}", name one that is there`,
      {
        details: { address, target },
      },
    );
  }
}

/** @throws OrreryError `failed_precondition` where something that lies beside a resource names it */
export async function assertUnnamed(draft: Draft, { address }: Resource, kinds: KindTable): Promise<void> {
  const parent = parentText(address);
  const above = parent === "" ? undefined : await draft.get(parent);
  if (above === undefined) return;
  const name = lastPart(parseAddress(address));
  for (const { name: kind, data } of kinds.all()) {
    const naming = Object.entries(data.properties ?? {}).filter(([, { refers }]) => refers === "sibling");
    if (naming.length === 0 || !data.parents.includes(above.kind)) continue;
    const beside = await draft.childrenOf(parent, REFERRERS_MAX, kind);
    const by = beside.find(({ properties }) => naming.some(([property]) => properties[property] === name));
    if (by === undefined && beside.length < REFERRERS_MAX) continue;
    const why =
      by === undefined
        ? `${REFERRERS_MAX} of kind ${kind} lie beside it, remove some`
        : `"${by.address}" names it, move or remove that first`;
    throw new OrreryError("failed_precondition", `Cannot remove "${address}": ${why}`, { details: { address } });
  }
}

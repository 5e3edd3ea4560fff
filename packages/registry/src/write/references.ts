import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { Properties } from "../kinds/property-rules.ts";
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
    throw new OrreryError("not_found", `Cannot set "${name}" of "${address}": there is no "${target}"`, {
      details: { address, target },
    });
  }
}

import type { JsonObject } from "@bufbuild/protobuf";
import type { ResourceContext } from "../resources/resource-command.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import type { WrittenMessage } from "../resources/written.ts";
import type { QuotaPlace } from "./quota-words.ts";

/** Sets one of the quotas of a resource, or takes it away, and leaves the others. Gives what was written. */
export async function changeQuota(
  { address, owner }: QuotaPlace,
  bytes: number | undefined,
  { server }: ResourceContext,
): Promise<WrittenMessage | undefined> {
  return untilUndisturbed(async () => {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const before = (resource?.properties?.["quota"] ?? {}) as { readonly bytes?: number; readonly of?: JsonObject };
    const { [owner ?? ""]: _gone, ...others } = before.of ?? {};
    const of =
      owner === undefined ? (before.of ?? {}) : { ...others, ...(bytes === undefined ? {} : { [owner]: bytes }) };
    const all = owner === undefined ? bytes : before.bytes;
    const quota = { ...(all === undefined ? {} : { bytes: all }), ...(Object.keys(of).length === 0 ? {} : { of }) };
    const isEmpty = Object.keys(quota).length === 0;
    const change = {
      address,
      ...(isEmpty ? { removedProperties: ["quota"] } : { properties: { quota } }),
      ifRevision: resource?.revision ?? 0n,
    };
    const { written } = await server.ask((registry, options) => registry.change(change, options));
    return written;
  });
}

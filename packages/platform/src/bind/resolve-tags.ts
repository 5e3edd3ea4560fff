import { type Address, printAddress, type ResourceView, type Segment } from "@orrery/registry";

/** Reads a resource; undefined where there is none. */
export type Get = (address: string) => Promise<Pick<ResourceView, "kind" | "properties"> | undefined>;

/** Puts the versions that tags name now in their place; undefined where a tag is missing. */
export async function resolveTags(address: Address, get: Get): Promise<Address | undefined> {
  if (!address.segments.some(({ form }) => form === "tag")) return address;
  const segments: Segment[] = [];
  for (const segment of address.segments) {
    if (segment.form !== "tag") {
      segments.push(segment);
      continue;
    }
    const tag = await get(printAddress({ segments: [...segments, segment] }));
    const version = tag?.properties["version"];
    if (typeof version !== "string") return undefined;
    segments.push({ form: "version", text: version });
  }
  return { ...address, segments };
}

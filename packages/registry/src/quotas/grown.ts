import { ancestorsOf } from "../address/address.ts";
import type { Change, Grown, Resource } from "../resource.ts";
import type { StoredPlace } from "../store/store.ts";

/** What of a change says how content grew. */
export type GrowingChange = Pick<Change, "grown"> & { readonly resource: Pick<Resource, "address"> };

/** Bytes of all content of a resource. */
export function bytesOf({ state }: Pick<Resource, "state">): number {
  let bytes = 0;
  for (const name in state) bytes += state[name]?.bytes ?? 0;
  return bytes;
}

/** Says of a change how content grew by it; of one without, nothing. */
export function grownBy(
  before: Resource | undefined,
  after: Resource | undefined,
): { readonly grown?: readonly Grown[] } {
  const was = before === undefined ? 0 : bytesOf(before);
  const is = after === undefined ? 0 : bytesOf(after);
  if (before !== undefined && after !== undefined && before.owner === after.owner)
    return was === is ? {} : { grown: [{ owner: after.owner, bytes: is - was }] };
  const grown = [
    ...(before === undefined || was === 0 ? [] : [{ owner: before.owner, bytes: -was }]),
    ...(after === undefined || is === 0 ? [] : [{ owner: after.owner, bytes: is }]),
  ];
  return grown.length === 0 ? {} : { grown };
}

/** Bytes that came to a place by changes. */
export function grownIn({ address, owner }: StoredPlace, changes: readonly GrowingChange[]): number {
  let bytes = 0;
  for (const { grown, resource } of changes) {
    if (grown === undefined || !isIn(resource.address, address)) continue;
    for (const one of grown) if (owner === undefined || owner === one.owner) bytes += one.bytes;
  }
  return bytes;
}

/** Whether an address is a place, or lies in it. */
function isIn(address: string, place: string): boolean {
  if (!address.startsWith(place)) return false;
  return address === place || ancestorsOf(address).includes(place);
}

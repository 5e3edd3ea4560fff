import { secretPlace } from "../secret-box.ts";
import type { Draft } from "./draft.ts";
import { existing, type Ground } from "./ground.ts";

/** Closes the secrets of one resource with the newest key, where they are not. Nobody who watches sees a difference. Gives its address. */
export async function applyReseal(
  draft: Draft,
  address: string,
  { secrets: box }: Ground,
  agent: string,
): Promise<string> {
  const resource = await existing(draft, address, "reseal");
  const { secrets = {} } = resource;
  if (Object.values(secrets).every((sealed) => box.isCurrent(sealed))) return address;
  const again = Object.entries(secrets).map(([name, sealed]) => {
    const place = secretPlace(address, name);
    return [name, box.isCurrent(sealed) ? sealed : box.seal(box.open(sealed, place), place)];
  });
  draft.put({ ...resource, secrets: Object.fromEntries(again) }, ["properties"], agent);
  return address;
}

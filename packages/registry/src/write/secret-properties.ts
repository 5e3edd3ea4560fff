import type { PropertyValue } from "../kinds/kind.ts";
import type { KnownKind } from "../kinds/kind-table.ts";
import type { Properties } from "../kinds/property-rules.ts";
import { type SecretBox, secretPlace } from "../secret-box.ts";

/** What stands in the place of a secret wherever properties are shown. */
const HIDDEN = "(secret)";

/** Properties with secrets taken out and closed. A secret that says `(secret)` stays as it was. */
export function sealSecrets(
  said: Properties,
  {
    address,
    kind,
    box,
    before = {},
  }: { address: string; kind: KnownKind; box: SecretBox; before?: Readonly<Record<string, string>> },
): { readonly properties: Properties; readonly secrets: Readonly<Record<string, string>> } {
  const properties: Record<string, PropertyValue> = {};
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(said)) {
    if (!kind.rules.isSecret(name)) {
      properties[name] = value;
      continue;
    }
    properties[name] = HIDDEN;
    const sealed = before[name];
    secrets[name] =
      value === HIDDEN && sealed !== undefined ? sealed : box.seal(JSON.stringify(value), secretPlace(address, name));
  }
  return { properties, secrets };
}

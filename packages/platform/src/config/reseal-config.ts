import type { SecretBox } from "@orrery/registry";
import { mapSecrets, secretPaths, writeConfig } from "./config-node.ts";
import { documentOf, secretAbout, withKey } from "./config-parts.ts";
import type { ConfigPlace, ConfigStore } from "./config-store.ts";
import { CONFIG_PAGE_MAX } from "./limits.ts";

/** Closes all secrets with the newest key; versions stay, for nothing is changed that anybody sees. Gives how many there are. */
export async function resealConfig(over: {
  readonly store: ConfigStore;
  readonly box: SecretBox | undefined;
}): Promise<number> {
  let count = 0;
  for (let after: ConfigPlace | undefined; ; ) {
    const page = await over.store.scopes(after, CONFIG_PAGE_MAX);
    for (const record of page) count += await resealScope(record, over);
    after = page.at(-1);
    if (page.length < CONFIG_PAGE_MAX) return count;
  }
}

async function resealScope(
  { space, scope }: ConfigPlace,
  { store, box }: { readonly store: ConfigStore; readonly box: SecretBox | undefined },
): Promise<number> {
  let count = 0;
  await store.change({ space, scope }, (record) => {
    const node = documentOf(record);
    count = secretPaths(node, []).length;
    if (count === 0) return undefined;
    const key = withKey(box, "close secrets anew");
    const closed = mapSecrets(node, [], (sealed, path) => {
      const about = secretAbout({ space, scope }, path);
      return key.isCurrent(sealed) ? sealed : key.seal(key.open(sealed, about), about);
    });
    return { document: JSON.stringify(writeConfig(closed)) };
  });
  return count;
}

import { PAGE_MAX } from "../limits.ts";
import type { Resource } from "../resource.ts";
import type { Store } from "../store/store.ts";

/** All resources of a store, or all of one kind, page by page. */
export async function* allResources(store: Pick<Store, "list">, kind?: string): AsyncGenerator<Resource> {
  const plan = kind === undefined ? { reach: "below" as const, root: "" } : { reach: "kind" as const, root: kind };
  for (let after: string | undefined; ; ) {
    const page = await store.list({ ...plan, limit: PAGE_MAX, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < PAGE_MAX) return;
    after = page.at(-1)?.address;
  }
}

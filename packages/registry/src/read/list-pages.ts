import type { ListPage, Registry } from "../registry.ts";
import type { By } from "../write/ground.ts";

/** All that a selector means, page by page, as an agent sees it. */
export async function* listPages(
  registry: Pick<Registry, "list">,
  selector: string,
  { agent }: By,
): AsyncGenerator<ListPage> {
  for (let after: string | undefined; ; ) {
    const page = await registry.list({ selector, ...(after === undefined ? {} : { after }) }, { agent });
    yield page;
    if (page.next === undefined) return;
    after = page.next;
  }
}

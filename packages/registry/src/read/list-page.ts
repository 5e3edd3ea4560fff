import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import { searchPlan, selects } from "../address/select.ts";
import { parseSelector } from "../address/selector.ts";
import { PAGE_MAX } from "../limits.ts";
import type { ListPage, ListRequest, ResourceView } from "../registry.ts";
import type { Resource } from "../resource.ts";
import type { RightsRules } from "../rights/decide.ts";
import { type By, judge } from "../write/ground.ts";
import type { Feed } from "./feed.ts";
import type { RegistryReads } from "./reads.ts";
import { outlineOf, viewOf } from "./view.ts";

/** Resources that are looked through for one page, before it ends early. */
const LOOKED_THROUGH_MAX = 10 * PAGE_MAX;

/** Lists a page of what a selector means and the agent may read. A page may be short, and even empty, before the last. */
export async function listPage(
  { selector: text, after, limit = PAGE_MAX }: ListRequest,
  { agent }: By,
  { reads, rights, feed }: { reads: RegistryReads; rights: RightsRules; feed: Feed },
): Promise<ListPage> {
  if (!(Number.isInteger(limit) && limit > 0 && limit <= PAGE_MAX))
    throw new OrreryError("invalid_argument", `Cannot list ${limit} at once: a page has from 1 to ${PAGE_MAX}`);
  const selector = parseSelector(text);
  const revision = feed.revision();
  const { root, reach, isExact } = searchPlan(selector);
  const found: ResourceView[] = [];
  const over = { reads, rights };
  /** Whoever owns what all of it lies in may read all of it. */
  const { rule } = await judge({ agent, verb: "read", address: root }, over);
  const mayAll = rule === "operator" || rule === "owner";
  /** Who may read it sees it all; who may select in what it lies in sees that it is there. */
  const look = async (one: Resource) => {
    if (!isExact && !selects(selector, one)) return;
    if (mayAll || (await judge({ agent, verb: "read", address: one.address }, over)).allowed) found.push(viewOf(one));
    else if ((await judge({ agent, verb: "select", address: parentText(one.address) }, over)).allowed)
      found.push(outlineOf(one));
  };
  if (reach === "itself") {
    const one = await reads.get(root);
    if (one !== undefined && selects(selector, one)) await look(one);
    return { resources: found, revision };
  }
  const kind = selector.kind === undefined ? {} : { kind: selector.kind };
  let from = after;
  for (let looked = 0; looked < LOOKED_THROUGH_MAX; ) {
    const asked = Math.min(PAGE_MAX, limit + 1); // One more tells whether there is a next page.
    const page = await reads.list({
      reach,
      root,
      limit: asked,
      ...(from === undefined ? {} : { after: from }),
      ...kind,
    });
    for (const one of page) {
      if (found.length === limit) return { resources: found, next: from as string, revision };
      await look(one);
      from = one.address;
    }
    if (page.length < asked) return { resources: found, revision };
    looked += page.length;
  }
  return { resources: found, ...(from === undefined ? {} : { next: from }), revision };
}

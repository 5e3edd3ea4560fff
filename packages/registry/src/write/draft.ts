import { parentText } from "../address/address.ts";
import { grownBy, grownIn } from "../quotas/grown.ts";
import type { Change, ChangePart, Resource } from "../resource.ts";
import type { ListPlan, OwnedPlan, StoredPlace } from "../store/store.ts";
import type { Reads } from "./ground.ts";

/** What a draft is made over: the registry as it is. */
export interface DraftBase {
  /** What is in memory of an address: a resource, `null` for none, `undefined` for nothing known. */
  peek(address: string): Resource | null | undefined;
  load(address: string): Promise<Resource | undefined>;
  /** As `Reads` has them. */
  all?(addresses: readonly string[]): Promise<{ readonly found: readonly Resource[]; readonly isAsked: boolean }>;
  ask?(addresses: readonly string[]): Promise<void>;
  list(plan: ListPlan): Promise<readonly Resource[]>;
  owned(plan: OwnedPlan): Promise<readonly Resource[]>;
  /** Bytes of content in a place. */
  stored(place: StoredPlace): Promise<number>;
}

/** One change that is not written yet; the resource has its revision already. */
export type DraftChange = Pick<Change, "agent" | "parts" | "resource" | "grown" | "witnesses">;

/**
 * What several writes, one after the other, will have done. Each sees those before it.
 *
 * I1 A write that fails leaves no trace: what it did lies in `#now` until `keep`.
 */
export interface Draft extends Reads {
  /** The same without asking the store: what is not in memory is presumed to be absent, which writing it then finds out. */
  presume(address: string): Resource | undefined;
  /** All that were presumed to be absent. */
  presumed(): readonly string[];
  /** Up to `limit` of those in a resource, of all kinds or of one. */
  childrenOf(address: string, limit: number, kind?: string): Promise<readonly Resource[]>;
  /** Up to `limit` of those at any depth below it, in the order of their addresses. */
  below(address: string, limit: number): Promise<readonly Resource[]>;
  /** Up to `limit` of what any of the owners owns, except what lies in `outside` and that itself. */
  owned(plan: OwnedPlan): Promise<readonly Resource[]>;
  /** Bytes of content in a place. */
  stored(place: StoredPlace): Promise<number>;
  put(resource: Resource, parts: readonly ChangePart[], agent: string): void;
  /** With the owners of what it lies in, who could see it, too. */
  remove(resource: Resource, by: { readonly agent: string; readonly owners: readonly string[] }): void;
  /** The revision that the next change will have. */
  nextRevision(): number;
  keep(): void;
  undo(): void;
  /** Changes since the last `keep`, in order. */
  pending(): readonly DraftChange[];
  /** All changes that were kept, in order. */
  changes(): readonly DraftChange[];
}

/** Makes an empty draft over a base that shows a revision. */
export function createDraft(base: DraftBase, revision: number): Draft {
  const kept: DraftChange[] = [];
  const known = new Map<string, Resource | null>();
  let now: DraftChange[] = [];
  const latest = new Map<string, Resource | null>();
  const loaded = new Map<string, Resource | undefined>();
  const drafted = (address: string) => (latest.has(address) ? latest.get(address) : known.get(address));
  const get = async (address: string) => {
    const one = drafted(address);
    if (one !== undefined) return one ?? undefined;
    const found = await base.load(address);
    loaded.set(address, found);
    return found;
  };
  const seen = (found: readonly Resource[]) => {
    for (const one of found) loaded.set(one.address, one);
    return found;
  };
  /** How a resource is before the next change, which only comes once it was read. */
  const before = (address: string) => {
    const one = drafted(address);
    return one === undefined ? loaded.get(address) : (one ?? undefined);
  };
  const presumed = new Set<string>();
  const presume = (address: string) => {
    const one = [drafted(address), base.peek(address)].find((value) => value !== undefined);
    if (one === undefined) presumed.add(address);
    return one ?? undefined;
  };
  const nextRevision = () => revision + kept.length + now.length + 1;
  const stamped = (resource: Resource): Resource => ({ ...resource, revision: nextRevision() });
  const list = async (plan: ListPlan, isMeant: (address: string) => boolean) =>
    seen(await listOver(base, plan, new Map([...known, ...latest].filter(([address]) => isMeant(address)))));
  return {
    ...{ get, presume, nextRevision },
    all: (addresses) => allOver(base, addresses, { drafted, loaded }),
    ask: async (addresses) => base.ask?.(addresses),
    presumed: () => [...presumed],
    childrenOf: (root, limit, kind) => {
      const plan = { reach: "children", root, limit, ...(kind === undefined ? {} : { kind }) } as const;
      return list(plan, (address) => parentText(address) === root);
    },
    below: (root, limit) => list({ reach: "below", root, limit }, (address) => isBelow(address, root)),
    owned: async (plan) => seen(await ownedIn(plan, { base, changed: new Map([...known, ...latest]) })),
    stored: async (place) => grownIn(place, [...kept, ...now]) + (await base.stored(place)),
    pending: () => now,
    put: (said, parts, agent) => {
      const resource = stamped(said);
      const grown = grownBy(before(resource.address), resource);
      latest.set(resource.address, resource);
      now.push({ agent, parts, resource, ...grown });
    },
    remove: (resource, { agent, owners }) => {
      latest.set(resource.address, null);
      const more = { ...grownBy(resource, undefined), ...(owners.length === 0 ? {} : { witnesses: { owners } }) };
      now.push({ agent, parts: ["removed"], resource: stamped(resource), ...more });
    },
    keep: () => {
      for (const one of withSpan(now)) kept.push(one);
      for (const [address, one] of latest) known.set(address, one);
      now = [];
      latest.clear();
    },
    undo: () => {
      now = [];
      latest.clear();
    },
    changes: () => kept,
  };
}

/** What a draft has of addresses, and what its base has of the others. */
async function allOver(
  base: DraftBase,
  addresses: readonly string[],
  { drafted, loaded }: { readonly drafted: DraftBase["peek"]; readonly loaded: Map<string, Resource | undefined> },
): Promise<Awaited<ReturnType<NonNullable<Reads["all"]>>>> {
  const rest = addresses.filter((address) => drafted(address) === undefined);
  const { found, isAsked } = (await base.all?.(rest)) ?? {
    found: await Promise.all(rest.map((address) => base.load(address))),
    isAsked: true,
  };
  const read = new Map(found.flatMap((one) => (one === undefined ? [] : [[one.address, one] as const])));
  for (const address of rest) loaded.set(address, read.get(address));
  return { found: addresses.flatMap((address) => drafted(address) ?? read.get(address) ?? []), isAsked };
}

async function ownedIn(
  { owners, outside, limit }: OwnedPlan,
  { base, changed }: { readonly base: DraftBase; readonly changed: ReadonlyMap<string, Resource | null> },
): Promise<readonly Resource[]> {
  const isMeant = ({ address, owner }: Resource) =>
    owners.includes(owner) && address !== outside && !isBelow(address, outside);
  const mine = [...changed.values()].filter((one) => one !== null).filter(isMeant);
  const stored = await base.owned({ owners, outside, limit: limit + changed.size });
  const all = [...stored.filter(({ address }) => !changed.has(address)), ...mine];
  return all.sort((a, b) => (a.address < b.address ? -1 : 1)).slice(0, limit);
}

/** What a base lists, without what a draft took away, and with what it added. */
async function listOver(
  base: DraftBase,
  plan: ListPlan,
  drafted: ReadonlyMap<string, Resource | null>,
): Promise<readonly Resource[]> {
  const mine = [...drafted].filter(([, one]) => one === null || plan.kind === undefined || one.kind === plan.kind);
  const gone = mine.filter(([, one]) => one === null).length;
  const stored = await base.list({ ...plan, limit: plan.limit + gone });
  const changed = new Map(mine);
  const all = [
    ...stored.filter(({ address }) => !changed.has(address)),
    ...mine.flatMap(([, one]) => (one === null ? [] : [one])),
  ];
  return all.sort((a, b) => (a.address < b.address ? -1 : 1)).slice(0, plan.limit);
}

function isBelow(address: string, root: string): boolean {
  for (let above = parentText(address); above !== ""; above = parentText(above)) if (above === root) return true;
  return false;
}

/** Says of what one write removed where the grants and roles are that went with it. */
function withSpan(changes: readonly DraftChange[]): readonly DraftChange[] {
  const isGone = ({ parts }: DraftChange) => parts.includes("removed");
  const [first, last] = [changes[0], changes.at(-1)];
  const isOfRights = ({ resource: { kind } }: DraftChange) => kind === "Grant" || kind === "Role";
  if (first === undefined || last === undefined || !changes.some((one) => isGone(one) && isOfRights(one)))
    return changes;
  const span = [first.resource.revision, last.resource.revision] as const;
  return changes.map((one) => (isGone(one) ? { ...one, witnesses: { owners: [], ...one.witnesses, span } } : one));
}

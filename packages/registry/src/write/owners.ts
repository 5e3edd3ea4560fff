import { OrreryError } from "@orrery/core";
import { ancestorsOf } from "../address/address.ts";
import { OWNER_STEPS_MAX, PASSED_ON_MAX } from "../limits.ts";
import type { Resource } from "../resource.ts";
import { isNobody } from "../rights/decide.ts";
import type { Draft } from "./draft.ts";
import { type Doing, type Ground, judge } from "./ground.ts";

/** How long the way from an owner to a User or an operator is; or why it does not lead there. */
export type OwnerWay = { readonly steps: number } | { readonly why: string };

/** Reads resources, one by one, as far as owners are concerned. */
export interface OwnerReads {
  get(address: string): Promise<Pick<Resource, "kind" | "owner"> | undefined>;
}

/** What decides whether somebody may own things. */
export interface OwnerGround {
  readonly operators: ReadonlySet<string>;
  readonly kinds: { all(): readonly { readonly name: string; readonly data: { readonly driver?: string } }[] };
}

/**
 * Follows an owner: to itself, where that is an operator, a User, or what drives a kind; else over the owner of an app or the like. The way
 * from a resource is one step longer.
 */
export async function wayOfOwner(
  owner: string,
  reads: OwnerReads,
  { operators, kinds }: OwnerGround,
): Promise<OwnerWay> {
  const all = kinds.all();
  const passed = new Set<string>();
  for (let at = owner; ; ) {
    if (at === "") return { why: `${passed.size === 0 ? "it" : `"${[...passed].at(-1)}"`} has no owner` };
    if (operators.has(at) || all.some(({ data }) => data.driver === at)) return { steps: passed.size };
    if (passed.has(at)) return { why: `"${at}" leads back to itself` };
    const resource = at.includes(":") ? await reads.get(at) : undefined;
    if (resource === undefined) return { why: `there is no "${at}"` };
    if (resource.kind === "User") return { steps: passed.size };
    if (all.find(({ name }) => name === resource.kind)?.data.driver === undefined)
      return { why: `"${at}" is a ${resource.kind}, which acts for nobody` };
    passed.add(at);
    at = resource.owner ?? "";
  }
}

/** Who owns what an agent makes: itself, or the user for whom a token acts; the first operator where nobody said who he is, or is known by that name. */
export async function ownerByDefault(draft: Pick<Draft, "get">, { by: { agent }, ground }: Doing): Promise<string> {
  const [operator = agent] = ground.rights.operators;
  if (isNobody(agent)) return operator;
  const owner = ground.rights.grants.token(agent)?.user ?? agent;
  if (!ground.ownersKnown) return owner;
  return (await whyNotOwner(draft, owner, ground)) === undefined ? owner : operator;
}

/** @throws OrreryError `failed_precondition` where whoever is named cannot own anything */
export async function assertMayOwn(
  draft: Draft,
  { address, owner }: { readonly address: string; readonly owner: string },
  { ground }: Doing,
): Promise<void> {
  if (!ground.ownersKnown) return;
  const why = owner === address ? "nothing owns itself" : await whyNotOwner(draft, owner, ground, address);
  if (why === undefined) return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot give "${address}" to "${owner}": ${why}, name a User, an operator, or what one of them owns and acts, such as an app`,
    { details: { address, owner } },
  );
}

async function whyNotOwner(
  draft: Pick<Draft, "get">,
  owner: string,
  ground: Ground,
  address?: string,
): Promise<string | undefined> {
  const { kinds, rights } = ground;
  const reads: OwnerReads = {
    get: async (at) => {
      const one = await draft.get(at);
      return at === address && one !== undefined ? { ...one, owner } : one; // As it will be.
    },
  };
  const way = await wayOfOwner(owner, reads, { kinds, operators: rights.operators });
  if ("why" in way) return way.why;
  if (way.steps >= OWNER_STEPS_MAX) return `the way from it to a User has more than ${OWNER_STEPS_MAX} steps`;
  const state = owner.includes(":") ? (await draft.get(owner))?.status.state : undefined;
  return state === "Destroying" ? `"${owner}" is being removed` : undefined;
}

/** Whether an agent may give something away: who owns it, or what it lies in, and operators. */
export async function assertMayGive(
  draft: Draft,
  { before, owner }: { readonly before: Resource; readonly owner: string },
  doing: Doing,
): Promise<void> {
  const { by, ground } = doing;
  const { address } = before;
  const { rule } = await judge({ agent: by.agent, verb: "write", address }, { reads: draft, rights: ground.rights });
  if (rule !== "operator" && rule !== "owner")
    throw new OrreryError(
      "permission_denied",
      `Cannot give "${address}" to "${owner}" as "${by.agent}": only its owner, owners of what it lies in and operators may`,
    );
  await assertMayOwn(draft, { address, owner }, doing);
  if (!ground.ownersKnown || before.kind === "User") return;
  const way = await wayOfOwner(owner, draft, { kinds: ground.kinds, operators: ground.rights.operators });
  if (!("steps" in way) || way.steps === 0) return;
  const [owned] = await draft.owned({ owners: [address], outside: address, limit: 1 });
  if (owned === undefined) return;
  const why = `it owns others, whose way to a User would be longer, name a User or an operator`;
  throw new OrreryError("failed_precondition", `Cannot give "${address}" to "${owner}": ${why}`, {
    details: { address, owner },
  });
}

/** What goes, and from where down. */
interface Going {
  readonly going: readonly Resource[];
  readonly root: string;
}

/**
 * Sees to it that nothing is left to nobody: what an app or the like owns passes to that one's owner.
 * @throws OrreryError `failed_precondition` where a User among those that go owns something that stays
 */
export async function passOn(draft: Draft, { going, root }: Going, { by, ground }: Doing): Promise<void> {
  const acting = new Map(going.filter(({ kind }) => mayAct(kind, ground)).map((one) => [one.address, one]));
  if (acting.size === 0) return;
  const owned = await draft.owned({ owners: [...acting.keys()], outside: root, limit: PASSED_ON_MAX + 1 });
  const isKept = ({ owner }: Resource) => acting.get(owner)?.kind === "User";
  const kept = owned.find(isKept) ?? (owned.length > PASSED_ON_MAX ? owned[0] : undefined);
  if (kept !== undefined) throw await ownsStill(draft, { kept, others: owned.length - 1, root }, { by, ground });
  for (const one of owned) {
    const owner = await heirOf(draft, { owner: acting.get(one.owner)?.owner ?? "", root }, ground);
    draft.put({ ...one, owner }, ["owner"], by.agent);
  }
}

async function ownsStill(
  draft: Draft,
  { kept, others, root }: { readonly kept: Resource; readonly others: number; readonly root: string },
  { by, ground }: Doing,
): Promise<OrreryError> {
  const { address, owner } = kept;
  const { allowed } = await judge({ agent: by.agent, verb: "read", address }, { reads: draft, rights: ground.rights });
  const what = allowed ? `"${address}"${others === 0 ? "" : " and others"}` : "what you may not see";
  const who = owner === root ? "it" : `"${owner}" in it`;
  return new OrreryError(
    "failed_precondition",
    `Cannot remove "${root}": ${who} owns ${what}, give that to somebody else first`,
    { details: { address: root, owns: owner } },
  );
}

/** Whom something belongs to whose owner is that: the first operator, where it goes too. */
export async function heirOf(
  draft: Draft,
  { owner, root }: { readonly owner: string; readonly root: string },
  { rights }: Ground,
): Promise<string> {
  const [operator = owner] = rights.operators;
  if (!owner.includes(":")) return owner;
  if (owner === root || ancestorsOf(owner).includes(root)) return operator;
  return (await draft.get(owner))?.status.state === "Destroying" ? operator : owner;
}

function mayAct(kind: string, { kinds }: Ground): boolean {
  return kind === "User" || kinds.get(kind).data.driver !== undefined;
}

import { isOrreryError } from "@orrery/core";
import { sql } from "kysely";
import { BROKEN_OWNERS_TOLD } from "../limits.ts";
import { listPages } from "../read/list-pages.ts";
import type { By, Registry, ResourceView } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { type OwnerWay, wayOfOwner } from "../write/owners.ts";
import { assertOperator } from "./rotate-secrets.ts";

/** What is looked at. */
export interface CheckOwnersOptions {
  readonly registry: Pick<Registry, "list" | "get" | "kinds">;
  /** Where the registry is kept. */
  readonly database: Pick<Database, "kysely">;
  /** Agents that may, and to whom owners lead. */
  readonly operators: readonly string[];
}

/** A resource whose owner is nobody. */
export interface BrokenOwner {
  readonly address: string;
  readonly owner: string;
  readonly why: string;
}

/** What was found of owners. */
export interface OwnersFound {
  readonly resources: number;
  readonly owners: number;
  /** The longest way from a resource over owners to a User or an operator. */
  readonly steps: number;
  readonly brokenCount: number;
  /** The first thousand of them. */
  readonly broken: readonly BrokenOwner[];
}

/**
 * Follows every resource over its owner to a User, an operator or a driver. What others write meanwhile does not make it wrong: what seems
 * to lead to nobody is read once more.
 * @throws OrreryError `permission_denied` for anybody but operators
 */
export async function checkOwners(options: CheckOwnersOptions, { agent }: By): Promise<OwnersFound> {
  const { registry, operators } = options;
  assertOperator(operators, agent, "check owners");
  const reads = { get: (address: string) => found(registry, address, { agent }) };
  const ground = { operators: new Set(operators), kinds: { all: registry.kinds } };
  const wayOf = (owner: string) => wayOfOwner(owner, reads, ground);
  const ways = new Map<string, OwnerWay>();
  const stray = await ownersOtherwiseKept(options);
  const broken: BrokenOwner[] = [];
  let [resources, steps, brokenCount] = [0, 0, 0];
  const look = async ({ address, owner = "" }: ResourceView) => {
    resources++;
    const way = ways.get(owner) ?? (await wayOf(owner));
    ways.set(owner, way);
    if ("steps" in way) steps = Math.max(steps, way.steps + 1);
    const now = "why" in way || stray.has(address) ? await reads.get(address) : undefined;
    if (now === undefined) return;
    const again = await wayOf(now.owner ?? "");
    const other = stray.get(address);
    const why = "why" in again ? again.why : other === undefined ? undefined : `the index of owners has "${other}"`;
    if (why === undefined) return;
    brokenCount++;
    if (broken.length < BROKEN_OWNERS_TOLD) broken.push({ address, owner: now.owner ?? "", why });
  };
  for await (const page of listPages(registry, "**", { agent })) for (const one of page.resources) await look(one);
  return { resources, owners: ways.size, steps, brokenCount, broken };
}

/** Resources of which the index of owners says something else than they do, with what it says. */
async function ownersOtherwiseKept({ database }: CheckOwnersOptions): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ address: string; owner: string }>`
    select address, owner from resource where owner <> coalesce(body->>'owner', '')
    order by address limit ${BROKEN_OWNERS_TOLD}`.execute(database.kysely);
  return new Map(rows.map(({ address, owner }) => [address, owner]));
}

async function found(registry: Pick<Registry, "get">, address: string, by: By): Promise<ResourceView | undefined> {
  try {
    return await registry.get(address, by);
  } catch (error) {
    if (isOrreryError(error) && (error.code === "not_found" || error.code === "invalid_argument")) return undefined;
    throw error;
  }
}

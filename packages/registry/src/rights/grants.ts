import { ancestorsOf, parentText } from "../address/address.ts";
import { searchPlan, selects } from "../address/select.ts";
import { parseSelector, type Selector } from "../address/selector.ts";
import type { Resource } from "../resource.ts";
import { parseVerbs, type Verb } from "./verbs.ts";

/** That somebody may do something. */
export interface Grant {
  /** The address of the resource that says so. */
  readonly address: string;
  /** An agent, a role, or `anyone`. */
  readonly to: string;
  readonly verbs: readonly Verb[];
  readonly on: Selector;
}

/** By which a program acts for a user. */
export interface ActingToken {
  /** The address of the user. */
  readonly user: string;
  readonly scopes: readonly { readonly verbs: readonly Verb[]; readonly on: Selector }[];
}

/** Kinds of which rights are made. */
export const RIGHTS_KINDS: readonly string[] = ["Grant", "Role", "ApiToken"];

/** Everybody, also those who did not say who they are. */
export const ANYONE = "anyone";

/** Options of `find`. */
export interface FindGrantOptions {
  /** Further roles of the agent. Default: none. */
  readonly roles?: readonly string[];
  /** Leaves out grants that lie in this or below it. Default: none is left out. */
  readonly outside?: string;
}

/** All grants, roles and tokens of a registry, kept as changes come. */
export interface Grants {
  /** Takes a resource as it is now; kinds other than `RIGHTS_KINDS` are nothing to it. */
  put(resource: Resource): void;
  /** Takes it that a resource is gone. */
  remove(address: string): void;
  /** The first grant by which an agent may do it; the time it takes does not grow with the number of resources. */
  find(
    agent: string,
    verb: Verb,
    on: { readonly address: string; readonly kind: string },
    options?: FindGrantOptions,
  ): Grant | undefined;
  /** Whether an agent is a token, and of what. */
  token(agent: string): ActingToken | undefined;
  /** Whether an agent, which is no token, has one of some roles. */
  hasRole(agent: string, among: ReadonlySet<string>): boolean;
  /** The roles that an agent has. */
  rolesOf(agent: string): readonly string[];
}

/** Makes an empty set of grants. */
export function createGrants(): Grants {
  const grants = new Map<string, Grant>();
  /** Of each subject, its grants by where their search starts. */
  const bySubject = new Map<string, Map<string, Grant[]>>();
  const members = new Map<string, readonly string[]>();
  const roles = new Map<string, Set<string>>();
  const tokens = new Map<string, ActingToken>();

  const drop = (address: string) => {
    const grant = grants.get(address);
    if (grant !== undefined) {
      grants.delete(address);
      const roots = bySubject.get(grant.to);
      const root = searchPlan(grant.on).root;
      const left = roots?.get(root)?.filter((one) => one.address !== address) ?? [];
      if (left.length > 0) roots?.set(root, left);
      else roots?.delete(root);
      if (roots?.size === 0) bySubject.delete(grant.to);
    }
    for (const member of members.get(address) ?? []) {
      roles.get(member)?.delete(address);
      if (roles.get(member)?.size === 0) roles.delete(member);
    }
    members.delete(address);
    tokens.delete(address);
  };
  return {
    put: (resource) => {
      if (!RIGHTS_KINDS.includes(resource.kind)) return;
      drop(resource.address);
      if (resource.kind === "ApiToken") return void tokens.set(resource.address, readToken(resource));
      if (resource.kind === "Role") {
        const now = resource.properties["members"] as readonly string[];
        members.set(resource.address, now);
        for (const member of now) getOr(roles, member, () => new Set()).add(resource.address);
        return;
      }
      const grant = readGrant(resource);
      grants.set(grant.address, grant);
      getOr(
        getOr(bySubject, grant.to, () => new Map<string, Grant[]>()),
        searchPlan(grant.on).root,
        () => [],
      ).push(grant);
    },
    remove: drop,
    find: (agent, verb, on, { roles: further = [], outside } = {}) => {
      const roots = [on.address, ...ancestorsOf(on.address), ""];
      const isMeant = ({ address }: Grant) => outside === undefined || !ancestorsOf(address).includes(outside);
      for (const subject of [agent, ...(roles.get(agent) ?? []), ...further, ANYONE])
        for (const root of roots)
          for (const grant of bySubject.get(subject)?.get(root) ?? [])
            if (grant.verbs.includes(verb) && selects(grant.on, on) && isMeant(grant)) return grant;
      return undefined;
    },
    token: (agent) => tokens.get(agent),
    hasRole: (agent, among) => {
      if (tokens.has(agent)) return false;
      for (const role of roles.get(agent) ?? []) if (among.has(role)) return true;
      return false;
    },
    rolesOf: (agent) => [...(roles.get(agent) ?? [])].sort(),
  };
}

function readGrant({ address, properties }: Resource): Grant {
  const { to, verbs, on } = properties as { to: string; verbs: string; on: string };
  return { address, to, verbs: parseVerbs(verbs), on: parseSelector(on) };
}

function readToken({ address, properties }: Resource): ActingToken {
  const scopes = properties["scopes"] as readonly { readonly verbs: string; readonly on: string }[];
  return {
    user: parentText(address),
    scopes: scopes.map(({ verbs, on }) => ({ verbs: parseVerbs(verbs), on: parseSelector(on) })),
  };
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

import { OrreryError } from "@orrery/core";
import { selects } from "../address/select.ts";
import { printSelector } from "../address/selector.ts";
import type { ActingToken, Grants } from "./grants.ts";
import { printVerbs, type Verb } from "./verbs.ts";

/** Whether an agent may do something, and the rule that says so. */
export interface Decision {
  readonly allowed: boolean;
  readonly rule: "operator" | "owner" | "grant" | "none";
  /** The rule for people, such as `demo.test:g1 grants rw on demo.test:files:** to demo.test:editors`. */
  readonly why: string;
}

/** What is asked. */
export interface RightsQuestion {
  readonly agent: string;
  readonly verb: Verb;
  readonly address: string;
  /** The kind of what is there, `""` where nothing is. */
  readonly kind: string;
  /** What is there and what it lies in, the nearest first; only those that exist. */
  readonly owned: readonly { readonly address: string; readonly owner: string }[];
  /** What was made later than what is asked about: grants that lie in it say nothing. Default: nothing was. */
  readonly later?: string;
}

/** Options of `decide`. */
export interface RightsRules {
  /** Agents that may do everything, and roles whose members may. */
  readonly operators: ReadonlySet<string>;
  readonly grants: Grants;
}

/**
 * Decides by the first rule that allows it: operators, owners of the resource or of what it lies in, grants; else it is refused. A token may
 * what its user may, within its scopes.
 */
export function decide(question: RightsQuestion, rules: RightsRules): Decision {
  const { agent, verb, address, kind, owned, later } = question;
  const { grants } = rules;
  const token = grants.token(agent);
  if (token !== undefined) return decideForToken(token, question, rules);
  if (isOperator(agent, rules))
    return { allowed: true, rule: "operator", why: `${agent} is an operator of the registry` };
  const own = isNobody(agent) ? undefined : owned.find(({ owner }) => owner === agent);
  if (own !== undefined) return { allowed: true, rule: "owner", why: `${agent} owns ${own.address}` };
  const grant = grants.find(agent, verb, { address, kind }, later === undefined ? {} : { outside: later });
  if (grant === undefined)
    return {
      allowed: false,
      rule: "none",
      why: `no rule lets ${agent || "anonymous"} ${verb} ${address === "" ? "spaces" : `${INSIDE.has(verb) ? "in " : ""}${address}`}`,
    };
  const why = `${grant.address} grants ${printVerbs(grant.verbs)} on ${printSelector(grant.on)} to ${grant.to}`;
  return { allowed: true, rule: "grant", why };
}

/** What a token may by its user's rights is no ownership: it reaches as far as the scope, and no further down. */
function decideForToken({ user, scopes }: ActingToken, question: RightsQuestion, rules: RightsRules): Decision {
  const { agent, verb, address, kind } = question;
  const scope = scopes.find(({ verbs, on }) => verbs.includes(verb) && selects(on, { address, kind }));
  if (scope === undefined) {
    const all = scopes.map(({ verbs, on }) => `${printVerbs(verbs)} on ${printSelector(on)}`).join(", ");
    return { allowed: false, rule: "none", why: `the scopes of ${agent} are ${all}` };
  }
  const { allowed, why } = decide({ ...question, agent: user }, rules);
  if (!allowed) return { allowed, rule: "none", why: `${agent} may no more than ${user}, and ${why}` };
  return {
    allowed,
    rule: "grant",
    why: `its scope ${printVerbs(scope.verbs)} on ${printSelector(scope.on)} and ${why}`,
  };
}

/** Whether an agent may do everything, itself or by a role. No token may. */
export function isOperator(agent: string, { operators, grants }: RightsRules): boolean {
  return operators.has(agent) || (operators.size > 1 && grants.hasRole(agent, operators));
}

/** Whether an agent is whoever did not say who he is: all of them have one name, so that nothing is theirs. */
export function isNobody(agent: string): boolean {
  return agent === "" || agent === "anonymous";
}

/** Makes the error of what is not allowed. */
export function denied(
  { agent, verb, address }: Pick<RightsQuestion, "agent" | "verb" | "address">,
  { why }: Decision,
): OrreryError {
  const whose = agent === "" ? "anonymous" : agent;
  return new OrreryError(
    "permission_denied",
    `Cannot ${verb} ${INSIDE.has(verb) ? "in " : ""}"${address}" as "${whose}": ${why}, ask an owner for a grant`,
    { details: { agent, verb, address } },
  );
}

const INSIDE: ReadonlySet<Verb> = new Set(["create", "select", "delete"]);

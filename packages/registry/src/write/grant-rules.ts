import { OrreryError } from "@orrery/core";
import { ancestorsOf, parentText } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import { searchPlan } from "../address/select.ts";
import { parseSelector } from "../address/selector.ts";
import type { Resource } from "../resource.ts";
import { isOperator } from "../rights/decide.ts";
import { ANYONE } from "../rights/grants.ts";
import { parseVerbs } from "../rights/verbs.ts";
import type { Draft } from "./draft.ts";
import type { Doing } from "./ground.ts";

/**
 * A grant, or who has a role, is judged by more than the right to write there: nobody gives away what he does not own. A grant reaches no
 * further than what it lies in, so that it goes when that goes.
 * @throws OrreryError `permission_denied`, `invalid_argument`
 */
export async function assertMayGrant(draft: Draft, resource: Resource, { by, ground }: Doing): Promise<void> {
  if (resource.kind === "ApiToken") assertScopes(resource);
  if (resource.kind !== "Grant" && resource.kind !== "Role") return;
  const parent = parentText(resource.address);
  if (resource.kind === "Grant") assertGrant(resource, parent);
  if (isOperator(by.agent, ground.rights)) return;
  for (const address of [parent, ...ancestorsOf(parent)]) if ((await draft.get(address))?.owner === by.agent) return;
  const what = resource.kind === "Grant" ? "Cannot grant" : "Cannot say who has the role";
  throw new OrreryError(
    "permission_denied",
    `${what} by "${resource.address}" as "${by.agent}": only who owns "${parent}" may`,
  );
}

function assertScopes({ properties }: Resource): void {
  for (const { verbs, on } of properties["scopes"] as readonly { readonly verbs: string; readonly on: string }[]) {
    parseVerbs(verbs);
    parseSelector(on);
  }
}

function assertGrant({ address, properties }: Resource, parent: string): void {
  const { to, verbs, on } = properties as { to: string; verbs: string; on: string };
  if (to !== ANYONE && !/^[a-z][a-z0-9-]*$/.test(to)) parseAddress(to);
  parseVerbs(verbs);
  const { root } = searchPlan(parseSelector(on));
  if (root === parent || ancestorsOf(root).includes(parent)) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot grant on "${on}" by "${address}": a grant reaches only what it lies in, "${parent}" and below`,
  );
}

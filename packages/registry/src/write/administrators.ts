import { OrreryError } from "@orrery/core";
import type { RightsRules } from "../rights/decide.ts";
import type { Draft } from "./draft.ts";

/**
 * Sees to it that somebody can always come in as administrator: a role whose members are operators stays, its members are users that are there,
 * one at least, and no user goes who has it, so that nobody has it who comes later by the same name.
 * @throws OrreryError `failed_precondition`
 */
export async function assertAdministratorsStay(draft: Draft, { operators }: RightsRules): Promise<void> {
  if (operators.size === 1) return;
  const changed = new Set<string>();
  const gone = new Set<string>();
  for (const { parts, resource } of draft.pending()) {
    if (operators.has(resource.address)) changed.add(resource.address);
    if (resource.kind === "User" && parts.includes("removed")) gone.add(resource.address);
  }
  if (changed.size === 0 && gone.size === 0) return;
  for (const role of [...operators].filter((one) => one.includes(":"))) {
    const members = await membersOf(draft, role);
    const lost = members.find((one) => gone.has(one));
    if (changed.has(role) && (members.length === 0 || lost !== undefined))
      throw refusal(`take the last user from "${role}"`, "nobody could come in as administrator any more", role);
    if (lost !== undefined)
      throw refusal(`remove "${lost}"`, `it is an administrator by "${role}", which must not be without users`, role);
    if (!changed.has(role)) continue;
    for (const member of members)
      if ((await draft.get(member))?.kind !== "User")
        throw refusal(`give "${role}" to "${member}"`, "administrators are users, and that is none", role);
  }
}

async function membersOf(draft: Draft, role: string): Promise<readonly string[]> {
  const members = (await draft.get(role))?.properties["members"];
  return Array.isArray(members) ? members.map(String) : [];
}

function refusal(what: string, why: string, role: string): OrreryError {
  const text = `Cannot ${what}: ${why}, give the role to another user first`;
  return new OrreryError("failed_precondition", text, { details: { address: role } });
}

import type { Log } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { nothingThere } from "@orrery/registry";
import type { Accounts, Asking } from "./accounts.ts";

/** The space of the platform itself, and in it the role whose members may do everything. */
const SPACE = "orrery";
/** Name it among the operators of the registry. */
export const ADMINISTRATORS = `${SPACE}:administrators`;
/** The first administrator. */
export const ADMINISTRATOR = `${SPACE}:users:admin`;

/**
 * Makes the first administrator of a platform that never had one, with a secret that is good for one login; `keep` has it before anything else
 * says that there is one, so that a start that ends in between is done again. Gives nothing where there was one.
 * @throws OrreryError as the registry
 */
export async function makeAdministrator({
  registry,
  accounts,
  by,
  keep,
  log,
}: {
  readonly registry: Registry;
  readonly accounts: Pick<Accounts, "issueSecret">;
  readonly by: Asking;
  readonly keep: (secret: string) => void;
  readonly log: Log;
}): Promise<{ readonly user: string; readonly secret: string } | undefined> {
  const found = async (address: string) => registry.get(address, by).catch(nothingThere);
  if ((await found(ADMINISTRATORS)) !== undefined) return undefined;
  const space = await found(SPACE);
  if (space !== undefined && space.owner !== by.agent) {
    log.warn(`no administrator is made: the space ${SPACE} is somebody's`, { owner: space.owner });
    return undefined;
  }
  const ensured = { strategy: "ensure" } as const;
  await registry.apply(
    [
      { create: { address: SPACE, kind: "Space", ...ensured } },
      { create: { address: `${SPACE}:users`, kind: "UserBase", ...ensured } },
      { create: { address: ADMINISTRATOR, kind: "User", ...ensured } },
    ],
    by,
  );
  const secret = await accounts.issueSecret(ADMINISTRATOR, by);
  keep(secret);
  const properties = { members: [ADMINISTRATOR] };
  await registry.apply([{ create: { address: ADMINISTRATORS, kind: "Role", ...ensured, properties } }], by);
  return { user: ADMINISTRATOR, secret };
}

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, type Component, isOrreryError, type Log, type Random } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { Oidc } from "../login/oidc.ts";
import type { OidcOptions } from "../login/system-oidc.ts";
import { createWebLogins, type WebLogins } from "../login/web-logins.ts";
import type { AccessKeys } from "./access-keys.ts";
import { createAccountsComponent } from "./accounts-component.ts";
import { ADMINISTRATOR, makeAdministrator } from "./administrator.ts";
import { createAccounts } from "./create-accounts.ts";
import { createDoorAgent, type DoorAgent } from "./door-agent.ts";
import { openAccessKeys } from "./system-access-keys.ts";
import { createArgon2Hasher } from "./system-argon2.ts";

/** What accounts are opened over. */
export interface OpenAccountsOptions {
  /** Where users are; one of its operators is `ADMINISTRATORS`, another `operator`. */
  readonly registry: Registry;
  /** Where the keys lie that sign access tokens, and the secret of the first administrator until it was used. */
  readonly folder: string;
  /** Says when sessions and tokens end. */
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** Told of refresh tokens that come twice. */
  readonly log: Log;
  /** An issuer at which users of one list may log in by browser. Default: by passwords alone. */
  readonly oidc?: OidcOptions | undefined;
}

/** Accounts of a platform. */
export interface OpenedAccounts {
  /** Serves `orrery.accounts.v1.AccountsService`. */
  readonly component: Component;
  /** Tells an HTTP door who comes. */
  readonly authenticate: DoorAgent;
  /** Signs access tokens, for whoever rotates its key. */
  readonly accessKeys: Pick<AccessKeys, "rotate">;
  /** Lets browsers log in, for a web server. */
  readonly logins: WebLogins;
  /** The first administrator, where this start made it. */
  readonly administrator?: {
    /** Address of the user. */
    readonly user: string;
    /** Good for one login; nothing but the file has it besides. */
    readonly secret: string;
    /** Which nobody else may read. */
    readonly file: string;
  };
}

/** Opens them; the first time it makes an administrator. @throws OrreryError as `openAccessKeys` and the registry */
export async function openAccounts(options: OpenAccountsOptions): Promise<OpenedAccounts> {
  const { registry, folder, clock, random, log, oidc } = options;
  const keys = await openAccessKeys(join(folder, "access.key"));
  const issuer = oidc && (await openOidc(oidc));
  const hasher = createArgon2Hasher({ random });
  const accounts = await createAccounts({ registry, keys, hasher, clock, random, log, oidc: issuer });
  const file = join(folder, "administrator.secret");
  const by = { agent: "operator" };
  const keep = (secret: string) => {
    rmSync(file, { force: true }); // Else it would have the mode of the one before.
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: "wx", flush: true });
  };
  const made = await makeAdministrator({ registry, accounts, by, keep, log });
  if (made === undefined && existsSync(file) && !(await isWaiting(registry))) rmSync(file);
  return {
    component: createAccountsComponent(accounts),
    accessKeys: keys,
    authenticate: createDoorAgent({ accounts, clock }),
    logins: createWebLogins({ web: accounts.web, clock, random, ...(issuer && { oidc: issuer }) }),
    ...(made === undefined ? {} : { administrator: { ...made, file } }),
  };
}

/** Loads what it needs where it is used alone. */
async function openOidc(options: OidcOptions): Promise<Oidc> {
  const { createOidc } = await import("../login/system-oidc.ts");
  return createOidc(options);
}

/** Whether the first secret has not been used. */
async function isWaiting(registry: Registry): Promise<boolean> {
  try {
    const password = await registry.get(`${ADMINISTRATOR}:password`, { agent: "operator" });
    return password.properties["once"] === true;
  } catch (error) {
    if (isOrreryError(error) && error.code === "not_found") return false;
    throw error;
  }
}

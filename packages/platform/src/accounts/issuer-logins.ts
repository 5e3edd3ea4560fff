import { isOrreryError, OrreryError } from "@orrery/core";
import type { Oidc } from "../login/oidc.ts";
import type { Accounts } from "./accounts.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

/** What logins of commands by an issuer are made of. */
export interface IssuerLoginsOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  /** Default: there is none. */
  readonly oidc: Pick<Oidc, "name" | "commands"> | undefined;
}

/** Makes them. An issuer says who somebody is, and makes nobody a user. */
export function createIssuerLogins({
  users,
  sessions,
  oidc,
}: IssuerLoginsOptions): Pick<Accounts, "issuer" | "loginByIssuer"> {
  const known = () => {
    if (oidc?.commands !== undefined) return { name: oidc.name, ...oidc.commands };
    const text = "Cannot log in by an issuer: this platform has none for commands, orrery up --oidc names one";
    throw new OrreryError("failed_precondition", text);
  };
  return {
    issuer: () => known().facts,
    loginByIssuer: async ({ idToken, client = "" }) => {
      const { name, userOf } = known();
      const user = await userOf(idToken);
      const nobody = () =>
        new OrreryError("unauthenticated", `Cannot log in by "${name}": there is no user "${user}"`, {
          details: { user },
        });
      if ((await users.find(user)) === undefined) throw nobody();
      try {
        return await sessions.open({ user, client });
      } catch (error) {
        throw isOrreryError(error) && error.code === "not_found" ? nobody() : error; // The user went in between.
      }
    },
  };
}

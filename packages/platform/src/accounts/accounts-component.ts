import { type Component, defineComponent } from "@orrery/core";
import { AccountsService } from "../gen/orrery/accounts/v1/accounts_pb.ts";
import type { Accounts, ApiTokenView, SessionTokens, SessionView } from "./accounts.ts";
import { ACCOUNTS_INSTANCES } from "./limits.ts";

/** Makes the component by which a network uses accounts: `orrery.accounts.v1.AccountsService`. Whoever calls is the message's agent. */
export function createAccountsComponent(accounts: Accounts): Component {
  return defineComponent(
    AccountsService,
    () => ({
      login: async ({ user, password, client }) => {
        const { mustSetPassword, ...tokens } = await accounts.login({ user, password, client });
        return { tokens: tokensMessage(tokens), mustSetPassword };
      },
      getIssuer: async () => accounts.issuer(),
      loginByIssuer: async ({ idToken, client }) => ({
        tokens: tokensMessage(await accounts.loginByIssuer({ idToken, client })),
      }),
      refresh: async ({ refreshToken }) => ({ tokens: tokensMessage(await accounts.refresh(refreshToken)) }),
      logout: async ({ refreshToken }) => {
        await accounts.logout(refreshToken);
        return {};
      },
      setPassword: async ({ user, password, oldPassword }, { agent }) => {
        await accounts.setPassword({ user, password, oldPassword }, { agent });
        return {};
      },
      issueSecret: async ({ user }, { agent }) => ({ secret: await accounts.issueSecret(user, { agent }) }),
      listSessions: async ({ user }, { agent }) => ({
        sessions: (await accounts.sessions(user, { agent })).map(sessionMessage),
      }),
      revokeSessions: async ({ user, sessions }, { agent }) => ({
        ended: await accounts.revokeSessions({ user, sessions }, { agent }),
      }),
      createToken: async ({ user, name, scopes, untilMs }, { agent }) => {
        const until = untilMs === 0n ? {} : { untilMs: Number(untilMs) };
        return accounts.createToken({ user, name, scopes, ...until }, { agent });
      },
      listTokens: async ({ user }, { agent }) => ({
        tokens: (await accounts.tokens(user, { agent })).map(tokenMessage),
      }),
      revokeToken: async ({ user, name }, { agent }) => {
        await accounts.revokeToken({ user, name }, { agent });
        return {};
      },
    }),
    { instances: ACCOUNTS_INSTANCES },
  );
}

function tokensMessage({ accessUntilMs, refreshUntilMs, ...rest }: SessionTokens) {
  return { ...rest, accessUntilMs: BigInt(accessUntilMs), refreshUntilMs: BigInt(refreshUntilMs) };
}

function sessionMessage({ openedMs, refreshedMs, untilMs, ...rest }: SessionView) {
  return { ...rest, openedMs: BigInt(openedMs), refreshedMs: BigInt(refreshedMs), untilMs: BigInt(untilMs) };
}

function tokenMessage({ name, scopes, untilMs = 0, usedMs = 0 }: ApiTokenView) {
  return {
    name,
    scopes: scopes.map(({ verbs, on }) => ({ verbs, on })),
    untilMs: BigInt(untilMs),
    usedMs: BigInt(usedMs),
  };
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, createNode } from "@orrery/core";
import { createHttpDoor } from "@orrery/http";
import { createRegistryComponent } from "@orrery/registry";
import { RegistryService } from "@orrery/registry/service";
import { request } from "undici";
import { AccountsService } from "../gen/orrery/accounts/v1/accounts_pb.ts";
import { ANN, OPERATOR, openTestAccounts, PASSWORD, type TestAccounts } from "../testing/open-accounts.ts";
import { createAccountsComponent } from "./accounts-component.ts";
import { ADMINISTRATOR, ADMINISTRATORS, makeAdministrator } from "./administrator.ts";
import { createDoorAgent } from "./door-agent.ts";
import { SOURCE_BURST, SOURCE_PER_MINUTE } from "./limits.ts";

/** Accounts behind a door, as `orrery up` has them. */
async function openDoor(at: TestAccounts) {
  const components = [createRegistryComponent(at.registry), createAccountsComponent(at.accounts)];
  const node = createNode({ components });
  await node.start();
  const authenticate = createDoorAgent({ accounts: at.accounts, clock: at.clock });
  const door = createHttpDoor({ node, services: [RegistryService, AccountsService], authenticate });
  const url = await door.listen();
  const call = async (method: string, body: object, authorization?: string) => {
    const headers = { "content-type": "application/json", ...(authorization !== undefined && { authorization }) };
    const answer = await request(`${url}/orrery.${method}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
  };
  const close = async () => {
    await door.close();
    await node.stop();
  };
  return { call, [Symbol.asyncDispose]: close };
}

const WHOAMI = "registry.v1.RegistryService/Whoami";
const LOGIN = "accounts.v1.AccountsService/Login";

describe("createDoorAgent", () => {
  it("has requests come as the user or token of their bearer, on every message, and as nobody without", async () => {
    await using at = await openTestAccounts();
    await using door = await openDoor(at);
    const { body } = await door.call(LOGIN, { user: ANN, password: PASSWORD });
    const { accessToken, refreshToken } = body["tokens"] as Record<string, string>;
    const whoami = async (authorization?: string) => (await door.call(WHOAMI, {}, authorization)).body["agent"];
    assert.equal(await whoami(`Bearer ${accessToken}`), ANN);
    assert.equal(await whoami(`bearer  ${accessToken} `), ANN);
    assert.equal(await whoami(), "anonymous");
    const scopes = [{ verbs: "r", on: "demo.test" }];
    const create = { user: ANN, name: "ci", scopes };
    const made = await door.call("accounts.v1.AccountsService/CreateToken", create, `Bearer ${accessToken}`);
    assert.equal(await whoami(`Bearer ${String(made.body["token"])}`), `${ANN}:ci`);
    assert.equal((await door.call("accounts.v1.AccountsService/CreateToken", { ...create, name: "b" })).status, 403);
    await door.call("accounts.v1.AccountsService/Logout", { refreshToken });
    const { status, body: refused } = await door.call(WHOAMI, {}, `Bearer ${accessToken}`);
    assert.deepEqual([status, refused["code"]], [401, "unauthenticated"]);
  });

  it("refuses what is no good token, whoever may do without one, and lets nobody name himself", async () => {
    await using at = await openTestAccounts();
    await using door = await openDoor(at);
    for (const text of [
      "Bearer operator",
      "Bearer ",
      "Basic b3BlcmF0b3I6",
      "operator",
      "Bearer a b",
      `Bearer ${"a".repeat(9_000)}`,
    ])
      assert.equal((await door.call(WHOAMI, {}, text)).status, 401, text.slice(0, 20));
    const space = { address: "a.test", kind: "Space" };
    const { status, body } = await door.call("registry.v1.RegistryService/Create", space);
    assert.deepEqual([status, body["code"]], [403, "permission_denied"]);
  });

  it("lets each source guess so often and no more, and others as before", async () => {
    await using at = await openTestAccounts();
    const { clock, accounts } = at;
    const agentOf = createDoorAgent({ accounts, clock });
    const ask = (remoteAddress: string, path = `/orrery.${LOGIN}`) =>
      agentOf({ get: () => null }, { remoteAddress, path }).then(
        (agent) => agent,
        (error: { readonly code: string }) => error.code,
      );
    const answers = async (remoteAddress: string, times: number) => {
      const all: string[] = [];
      for (let n = 0; n < times; n++) all.push(await ask(remoteAddress));
      return all;
    };
    assert.deepEqual(new Set(await answers("192.0.2.1", SOURCE_BURST)), new Set(["anonymous"]));
    assert.equal(await ask("192.0.2.1"), "resource_exhausted");
    assert.equal(await ask("::ffff:192.0.2.1"), "resource_exhausted", "the same source");
    assert.equal(await ask("192.0.2.2"), "anonymous");
    assert.equal(await ask("192.0.2.1", `/orrery.${WHOAMI}`), "anonymous", "only guessing is counted");
    clock.pass(60_000 / SOURCE_PER_MINUTE);
    assert.deepEqual(await answers("192.0.2.1", 2), ["anonymous", "resource_exhausted"]);
    await answers("2001:db8::1", SOURCE_BURST);
    assert.equal(await ask("2001:db8:0:0:ffff::2"), "resource_exhausted", "the same network");
    assert.equal(await ask("2001:db8:0:1::1"), "anonymous");
  });
});

describe("makeAdministrator", () => {
  it("makes one where there was none, with a secret that is good for one login, and never again", async () => {
    await using at = await openTestAccounts();
    const kept: string[] = [];
    const log = createLog({ sink: () => {}, now: at.clock.now, fields: {} });
    const make = () => makeAdministrator({ ...at, by: OPERATOR, log, keep: (secret) => void kept.push(secret) });
    const made = await make();
    assert.deepEqual(made, { user: ADMINISTRATOR, secret: kept[0] });
    assert.deepEqual((await at.registry.get(ADMINISTRATORS, OPERATOR)).properties["members"], [ADMINISTRATOR]);
    const login = (password: string) => at.accounts.login({ user: ADMINISTRATOR, password });
    assert.equal((await login(kept[0] ?? "")).mustSetPassword, true);
    await assert.rejects(login(kept[0] ?? ""), /there is no such user, or the password is another/);
    assert.equal(await make(), undefined);
    assert.equal(kept.length, 1);
  });

  it("begins anew where it was ended in between, and leaves alone what is somebody's", async () => {
    await using at = await openTestAccounts();
    const log = createLog({ sink: () => {}, now: at.clock.now, fields: {} });
    const make = (keep: (secret: string) => void) => makeAdministrator({ ...at, by: OPERATOR, log, keep });
    const ended = make(() => {
      throw new Error("the process was killed");
    });
    await assert.rejects(ended, /killed/);
    const made = await make(() => {});
    await at.accounts.login({ user: ADMINISTRATOR, password: made?.secret ?? "" });
    await using other = await openTestAccounts();
    await other.registry.create({ address: "orrery", kind: "Space", owner: ANN }, OPERATOR);
    assert.equal(await makeAdministrator({ ...other, by: OPERATOR, log, keep: assert.fail }), undefined);
  });
});

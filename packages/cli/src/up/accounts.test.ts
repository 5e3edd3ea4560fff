import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-accounts-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
const DATA = join(cwd, ".orrery/data");
let up: Running | undefined;
after(async () => {
  await stop();
  rmSync(cwd, { recursive: true, force: true });
});

type Ready = RunEvent & {
  readonly http: string;
  readonly administrator?: { readonly user: string; readonly file: string };
};

async function start(): Promise<Ready> {
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0"], { cwd });
  return (await up.next("ready")) as Ready;
}

async function stop() {
  up?.child.kill("SIGTERM");
  const ended = await up?.ended;
  up = undefined;
  return ended;
}

async function call(http: string, method: string, body: object, token?: string) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${http}/orrery.${method}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

/** All files below a folder. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}

const LOGIN = "accounts.v1.AccountsService/Login";
const SET = "accounts.v1.AccountsService/SetPassword";
const WHOAMI = "registry.v1.RegistryService/Whoami";
const USER = "orrery:users:admin";
const PASSWORD = "clockwork of the planets";

describe("orrery up", () => {
  it("makes one administrator at its first start, whose secret is in a file of its user alone and good once", async () => {
    const { http, administrator } = await start();
    assert.equal(administrator?.user, USER);
    const file = administrator?.file ?? "";
    assert.equal(file, join(DATA, "administrator.secret"));
    for (const secret of [file, join(DATA, "access.key")]) assert.equal(statSync(secret).mode & 0o777, 0o600);
    const password = readFileSync(file, "utf8").trim();
    const { body } = await call(http, LOGIN, { user: USER, password });
    const { accessToken } = body["tokens"] as { accessToken: string };
    assert.equal(body["mustSetPassword"], true);
    assert.deepEqual((await call(http, WHOAMI, {}, accessToken)).body, {
      agent: USER,
      operator: true,
      roles: ["orrery:administrators"],
    });
    assert.equal((await call(http, SET, { user: USER, password: PASSWORD }, accessToken)).status, 200);
    assert.equal((await call(http, WHOAMI, {}, accessToken)).status, 401);
    assert.equal((await call(http, LOGIN, { user: USER, password })).status, 401);
    assert.equal((await call(http, LOGIN, { user: USER, password: PASSWORD })).status, 200);
  });

  it("keeps users over a restart, forgets the first secret, and makes no other", async () => {
    const before = readFileSync(join(DATA, "administrator.secret"), "utf8").trim();
    await stop();
    const { http, administrator } = await start();
    assert.equal(administrator, undefined);
    assert.ok(!existsSync(join(DATA, "administrator.secret")));
    assert.equal((await call(http, LOGIN, { user: USER, password: before })).status, 401);
    assert.equal((await call(http, LOGIN, { user: USER, password: PASSWORD })).status, 200);
    assert.equal((await call(http, LOGIN, { user: USER, password: "admin" })).status, 401);
  });

  it("keeps no password, no token and no secret that anybody could read in its folder, nor in what it prints", async () => {
    await stop();
    const { http } = await start();
    const login = (await call(http, LOGIN, { user: USER, password: PASSWORD })).body["tokens"] as Record<
      string,
      string
    >;
    const refreshed = await call(http, "accounts.v1.AccountsService/Refresh", { refreshToken: login["refreshToken"] });
    assert.equal(refreshed.status, 200);
    const printed = JSON.stringify(await stop());
    const secrets = [PASSWORD, ...(login["refreshToken"] ?? "").split("."), login["accessToken"] ?? "?"].map((one) =>
      Buffer.from(one),
    );
    const files = filesIn(DATA);
    assert.ok(files.length > 100, "a whole PostgreSQL is looked through");
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of secrets.filter((one) => !one.toString().startsWith("orr_")))
        assert.ok(!bytes.includes(secret), `${secret} is in ${file}`);
    }
    for (const secret of secrets) assert.ok(!printed.includes(secret.toString()), `${secret} is printed`);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** What is read of answers here. */
interface Said {
  readonly secret?: string;
  readonly beforeUntil?: string | null;
  readonly tokens?: { readonly accessToken: string; readonly refreshToken: string };
}

describe("orrery admin", () => {
  let up: TestUp;
  before(async () => {
    up = await openTestUp();
    await up.done("create ann.test<Space>");
    await up.done("create ann.test:users<UserBase>");
    await up.done("create ann.test:users:ann<User>");
    await up.done("chown ann.test:users:ann ann.test");
    await up.done("billing subscribe ann@example.com --space=ann.test");
    await up.done("billing mark-paid ann.test/1");
    await up.done("invite zoe@example.com --own");
  });
  after(() => up?.[Symbol.asyncDispose]());

  it("shows acts with actor, time, target and outcome, as tables and as JSON, and checks that they are whole", async () => {
    await up.orrery("billing mark-paid ann.test/7");
    await up.orrery("billing mark-paid ann.test/1 --agent=ann.test:users:ann");
    const text = await up.done("admin audit");
    assert.match(text, /^AT +ACTOR +ACT +TARGET +OUTCOME\n/);
    assert.match(text, /operator +BillingService\.MarkPaid +ann\.test\/1 +done/);
    const all = JSON.parse(await up.done("admin audit --since=1h --output=json")) as {
      readonly number: number;
      readonly actor: string;
      readonly act: string;
      readonly target: string;
      readonly outcome: string;
    }[];
    assert.deepEqual(
      all.filter(({ act }) => act.endsWith(".MarkPaid")).map(({ actor, target, outcome }) => [actor, target, outcome]),
      [
        ["operator", "ann.test/1", "done"],
        ["operator", "ann.test/7", "not_found"],
        ["ann.test:users:ann", "ann.test/1", "permission_denied"],
      ],
    );
    assert.deepEqual(
      all.map(({ number }) => number),
      [...all.keys()].map((at) => at + 1),
    );
    assert.ok(all.some(({ act, target }) => act.endsWith("MembersService.Invite") && target === "zoe@example.com"));
    const own = JSON.parse(await up.done("admin audit --actor=ann.test:users:ann --output=json")) as object[];
    assert.equal(own.length, 1);
    assert.match(
      await up.done("admin audit --check"),
      /^All \d+ entries are as they were written, up to [0-9a-f]{64}\n$/,
    );
  });

  it("writes down what an operator does to the space of somebody else, and not what its owner does", async () => {
    await up.done("store set a 1 --space=ann.test --agent=ann.test:users:ann");
    await up.done("store set b 2 --space=ann.test");
    const acts = JSON.parse(await up.done("admin audit --output=json")) as { act: string; actor: string }[];
    const stores = acts.filter(({ act }) => act.endsWith("StoreService.Set"));
    assert.deepEqual(
      stores.map(({ actor }) => actor),
      ["operator"],
    );
  });

  it("lists customers, spaces, subscriptions, usage and invites", async () => {
    const customers = JSON.parse(await up.done("admin customers --output=json")) as object[];
    assert.deepEqual(customers, [
      { email: "ann@example.com", spaces: [{ space: "ann.test", plan: "developer", standing: "active" }] },
    ]);
    assert.match(await up.done("admin customers"), /ann@example\.com +ann\.test +developer +active/);
    assert.match(await up.done("admin spaces"), /ann\.test +ann\.test:users:ann +served/);
    assert.match(await up.done("admin subscriptions"), /ann\.test +active/);
    assert.match(await up.done("admin invites"), /zoe@example\.com +operator/);
    await up.done("admin usage");
  });

  it("rotates the key of access tokens: what was signed before is good until it ends, or refused at once", async () => {
    const post = async (method: string, body: object, token = "") => {
      const response = await fetch(`${up.http}/orrery.${method}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(token !== "" && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      });
      return { status: response.status, said: (await response.json()) as Said };
    };
    const user = "ann.test:users:ann";
    const { secret } = JSON.parse(await up.done(`call AccountsService IssueSecret '{"user":"${user}"}'`)) as Said;
    const { said } = await post("accounts.v1.AccountsService/Login", { user, password: secret });
    const look = async (token = "") => (await post("registry.v1.RegistryService/Whoami", {}, token)).status;
    const first = said.tokens?.accessToken;
    assert.match(
      await up.done("admin rotate-key"),
      /^Access tokens are signed by the key \S{16} from now on; those of before are good until \d{4}-/,
    );
    assert.equal(await look(first), 200);
    const early = await up.orrery("admin rotate-key");
    assert.deepEqual([early.exit, /rotate after that, or with --now/.test(early.err)], [1, true], early.err);
    const { beforeUntil } = JSON.parse(await up.done("admin rotate-key --now --output=json")) as Said;
    assert.deepEqual([beforeUntil, await look(first)], [null, 401]);
    const refreshToken = said.tokens?.refreshToken;
    const next = await post("accounts.v1.AccountsService/Refresh", { refreshToken });
    assert.equal(await look(next.said.tokens?.accessToken), 200);
    const acts = JSON.parse(await up.done("admin audit --output=json")) as { act: string; outcome: string }[];
    assert.deepEqual(
      acts.filter(({ act }) => act.endsWith(".RotateAccessKey")).map(({ outcome }) => outcome),
      ["done", "failed_precondition", "done"],
    );
  });

  it("refuses everybody but operators", async () => {
    for (const line of [
      "admin audit",
      "admin audit --check",
      "admin customers",
      "admin subscriptions",
      "admin invites",
      "admin rotate-key --now",
    ]) {
      const { exit, out, err } = await up.orrery(`${line} --agent=ann.test:users:ann`);
      assert.deepEqual([exit, out], [3, ""], `${line}: ${err}`);
    }
    assert.match((await up.orrery("admin audit --since=yesterday")).err, /Cannot read flag --since/);
  });
});

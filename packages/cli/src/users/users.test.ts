import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const ANN = "demo.test:users:ann";
const BOB = "demo.test:users:bob";
const PASSWORD = "clockwork of the planets";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
  await up.done(`env add lab ${up.http} --use`);
});
after(() => up?.[Symbol.asyncDispose]());

const ENV = { ORRERY_SERVER: "" };
/** As whoever is logged in, by HTTP. */
const asUser = (line: string, options: { input?: string; secrets?: string[]; env?: Record<string, string> } = {}) =>
  up.orrery(line, { ...options, env: { ...ENV, ...options.env } });
const done = async (line: string, options: Parameters<typeof asUser>[1] = {}) => {
  const told = await asUser(line, options);
  assert.equal(told.exit, 0, `${line}: ${told.err}`);
  return told.out;
};

describe("orrery user", () => {
  it("adds a user with a secret for one login, who sets a password and goes on", async () => {
    const { out: secret, err } = await up.orrery(`user add ${ANN}`);
    assert.match(secret, /^[\w-]{27}\n$/);
    assert.ok(!err.includes(secret.trim()));
    const login = await asUser(`login ${ANN} --password-file=-`, { input: secret });
    assert.equal(login.err, "The secret was good for this login alone\nNext: orrery user password\n");
    const set = await asUser("user password", { secrets: [PASSWORD, PASSWORD] });
    assert.deepEqual(
      [set.exit, set.out, set.err],
      [
        0,
        `Set the password of ${ANN}; its sessions have ended\n`,
        `New password of ${ANN}: \nThe same again: \nYou are logged in anew\n`,
      ],
    );
    assert.equal(await done("whoami"), `${ANN}\n`);
    assert.equal((await asUser(`login ${ANN} --password-file=-`, { input: secret })).exit, 3);
  });

  it("has whoever sets his own password show the one before, and ends the sessions of the old", async () => {
    const files = { old: PASSWORD, wrong: "wrong password", new: "a password of moons" };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(up.cwd, name), `${text}\n`);
    const told = await asUser("user password --old-password-file=wrong --password-file=new");
    assert.deepEqual([told.exit, /the password is another/.test(told.err)], [3, true], told.err);
    await done("user password --old-password-file=old --password-file=new");
    assert.equal(await done("whoami"), `${ANN}\n`);
    assert.equal((await asUser(`login ${ANN} --password-file=old`)).exit, 3);
    const slip = await asUser("user password --old-password-file=new", { secrets: ["one password", "another one"] });
    assert.deepEqual([slip.exit, /the second one differs from the first/.test(slip.err)], [2, true]);
  });

  it("gives whoever may write a user a secret for him, which ends his password", async () => {
    const secret = await up.done(`user password ${ANN} --secret`);
    assert.equal((await asUser(`login ${ANN} --password-file=new`)).exit, 3);
    await done(`login ${ANN} --password-file=-`, { input: secret });
    await up.done(`user password ${ANN} --password-file=old`);
    await done(`login ${ANN} --password-file=old`);
    const own = await asUser("user password --secret");
    assert.deepEqual([own.exit, /Cannot make a secret of/.test(own.err)], [3, true]);
  });

  it("lists users, refuses to remove what is none or who owns something, and removes one with all that is his", async () => {
    await up.done(`user add ${BOB} --no-password`);
    assert.equal(await up.done("user ls demo.test"), `${ANN}\n${BOB}\n`);
    assert.equal((await asUser("user list demo.test")).err, "No users that you may see\n");
    const refused = await up.orrery("user rm demo.test:users");
    assert.deepEqual([refused.exit, /it is no User but a UserBase/.test(refused.err)], [2, true]);
    await up.done(`create 'demo.test:own<Base>' --owner=${BOB}`);
    const owner = await up.orrery(`user rm ${BOB}`);
    assert.deepEqual([owner.exit, /Try: orrery chown AGENT/.test(owner.err)], [1, true], owner.err);
    await up.done(`chown operator demo.test:own`);
    await up.done(`user remove ${BOB}`);
    assert.equal(await up.done("user ls demo.test"), `${ANN}\n`);
  });

  for (const [line, text] of [
    ["user password --password-file=- --old-password-file=-", /Cannot read both passwords from standard input/],
    ["user password --password-file=empty", /Cannot read a password by --password-file\n {2}the first line is empty/],
    ["token add ci", /Cannot make a token that may do nothing/],
    ["token add ci --scope=r", /Cannot read scope "r"/],
    ["token add ci --scope='r on **' --ttl=1y", /Cannot read flag --ttl/],
    ["token ls", /Cannot tell which user is meant\n {2}none is named, and "operator" is none/],
  ] as const)
    it(`refuses ${line}`, async () => {
      writeFileSync(join(up.cwd, "empty"), "\n");
      const user = line.startsWith("user") ? line.replace("password ", `password ${ANN} `) : line;
      const told = await up.orrery(user);
      assert.deepEqual([told.exit, text.test(told.err)], [2, true], told.err);
    });
});

describe("orrery token", () => {
  it("makes a token that is shown once, by which a program acts within its scopes until it is revoked", async () => {
    await up.done(`auth grant csdrwx on 'demo.test:**' to ${ANN}`);
    await up.done("create 'demo.test:files<FileSystem>'");
    const made = await asUser(
      "token add ci --scope='r on demo.test:files:**' --scope='r on demo.test:files' --ttl=30d",
    );
    const token = made.out.trim();
    assert.match(token, /^ort_/);
    assert.ok(!made.err.includes(token));
    const env = { ORRERY_TOKEN: token };
    assert.equal(await done("whoami", { env }), `${ANN}:ci\n`);
    assert.match(await done("get demo.test:files", { env }), /FileSystem/);
    const refused = await asUser("set demo.test:files --label=a=b", { env });
    assert.deepEqual([refused.exit, /scopes of demo.test:users:ann:ci/.test(refused.err)], [3, true], refused.err);
    const listed = await done("token ls");
    assert.match(
      listed,
      /^NAME +SCOPES +UNTIL +USED\nci +r on demo.test:files:\*\*, r on demo.test:files +\d{4}-.*Z +\d{4}-.*Z\n$/,
    );
    assert.ok(
      !listed.includes(token) && !readFileSync(join(up.cwd, ".config/orrery/tokens/lab.json"), "utf8").includes(token),
    );
    assert.equal(await done("token revoke ci"), `Revoked token ci of ${ANN}\n`);
    const gone = await asUser("whoami", { env });
    assert.deepEqual(
      [gone.exit, /environment lab at .* as the holder of ORRERY_TOKEN/.test(gone.err)],
      [3, true],
      gone.err,
    );
    assert.equal((await asUser("token ls")).err, `${ANN} has no tokens\n`);
  });
});

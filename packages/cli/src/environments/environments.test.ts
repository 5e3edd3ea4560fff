import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const ANN = "demo.test:users:ann";
const PASSWORD = "clockwork of the planets";
/** Commands find the platform by their environments, not by its address. */
const env = { ORRERY_SERVER: "" };

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
  await up.done("create 'demo.test:users<UserBase>'");
  await up.done(`create '${ANN}<User>'`);
  for (const on of ["demo.test", "demo.test:**"]) await up.done(`auth grant csdrwx on '${on}' to ${ANN}`);
  await up.done(`user password ${ANN} --password-file=-`, { input: `${PASSWORD}\n` });
  await up.done(`env add lab ${up.http} --space=demo.test --use`, { env });
});
after(() => up?.[Symbol.asyncDispose]());

const typed = (line: string, input = "") => up.orrery(line, { env, input });
const done = (line: string, input = "") => up.done(line, { env, input });
const login = () => done(`login ${ANN} --password-file=-`, `${PASSWORD}\n`);
/** Logs in where nobody is: logins of one machine are counted. */
const known = async () => {
  if ((await typed("whoami")).out !== `${ANN}\n`) await login();
};
const file = () => join(up.cwd, ".config/orrery/tokens/lab.json");
const tokens = () => JSON.parse(readFileSync(file(), "utf8")) as Record<string, string | number>;
const spoil = (change: object) => writeFileSync(file(), JSON.stringify({ ...tokens(), ...change }), { mode: 0o600 });

describe("orrery env", () => {
  it("lists environments with their places, spaces and users, marks the one in use, and forgets one with its tokens", async () => {
    await known();
    await done(`env add old http://127.0.0.1:1/`);
    assert.deepEqual(
      (await done("env")).split("\n").map((row) => row.split(/ +/)),
      [
        ["", "NAME", "PLACE", "SPACE", "USER"],
        ["", "local", "tcp://127.0.0.1:7700"],
        ["*", "lab", up.http, "demo.test", ANN],
        ["", "old", "http://127.0.0.1:1"],
        [""],
      ],
    );
    assert.match(await done("env use old"), /^Environment old at http:\/\/127.0.0.1:1 is in use now\n$/);
    await done("env use lab");
    await done("env remove old");
    const { environments } = JSON.parse(await done("env ls --output=json"));
    assert.deepEqual(
      environments.map(({ name, user, current }: Record<string, unknown>) => [name, user, current]),
      [
        ["local", undefined, false],
        ["lab", ANN, true],
      ],
    );
    assert.match((await up.orrery("env ls")).err, /ORRERY_SERVER names .*, which commands are about instead/);
  });

  it("forgets what was kept under a name for another place", async () => {
    await known();
    const kept = tokens();
    await done(`env add twin ${up.http}`);
    writeFileSync(file().replace("lab", "twin"), JSON.stringify({ ...kept, place: "http://127.0.0.1:1" }), {
      mode: 0o600,
    });
    assert.equal(await done("whoami --env=twin"), "anonymous\n");
    await done("env rm twin");
  });

  for (const [line, exit, text] of [
    ["env add local https://a.test", 2, /Cannot add environment "local": it is there|it is there, at/],
    ["env add Prod https://a.test", 2, /Cannot name an environment "Prod"/],
    ["env add prod nowhere", 2, /Cannot add an environment at "nowhere"/],
    ["env add prod ftp://a.test", 2, /Cannot reach "ftp:\/\/a.test"/],
    ["env use lap", 4, /Cannot find environment "lap"\n {2}did you mean "lab"/],
    ["env rm local", 2, /Cannot remove environment "local"/],
    ["whoami --env=lab --to=tcp://127.0.0.1:1", 2, /Cannot use --to and --env together/],
    ["whoami --env=none", 4, /Cannot find environment "none"/],
    ["login ann --env=local --password-file=none", 4, /Cannot read the password in "none"/],
  ] as const)
    it(`refuses ${line}`, async () => {
      const told = await typed(line);
      assert.deepEqual([told.exit, text.test(told.err)], [exit, true], told.err);
    });

  it("names environment, address and how to switch where nobody answers", async () => {
    await done("env add dead http://127.0.0.1:1 --space=demo.test");
    const told = await typed("ls demo.test --env=dead");
    assert.equal(told.exit, 4);
    assert.equal(
      told.err,
      'Cannot reach environment "dead" at "http://127.0.0.1:1"\n  nobody answers there\nTry: orrery env ls, and orrery env use NAME for another\n',
    );
    const login = await typed("login ann --env=dead --password-file=-", "0123456789\n");
    assert.deepEqual([login.exit, /Cannot reach environment "dead"/.test(login.err)], [4, true]);
    await done("env rm dead");
  });

  it("takes a data folder, whose operator one is until one logs in, and whom --agent names", async () => {
    await done(`env add here ${join(up.cwd, "data")}`);
    const here = async (line: string, input = "") => (await done(`${line} --env=here`, input)).trim();
    assert.equal(await here("whoami"), "operator, an operator");
    assert.equal(await here(`whoami --agent=${ANN}`), ANN);
    await here(`login ${ANN} --password-file=-`, PASSWORD);
    assert.equal(await here("whoami"), ANN);
    assert.equal(await here("whoami --agent=operator"), "operator, an operator");
    await here("logout");
    assert.equal(await here("whoami"), "operator, an operator");
    await done("env rm here");
    mkdirSync(join(up.cwd, "quiet"));
    await done(`env add quiet ${join(up.cwd, "quiet")}`);
    const told = await typed("whoami --env=quiet");
    assert.deepEqual(
      [told.exit, /no orrery up runs over that folder\nTry: orrery up --data=/.test(told.err)],
      [4, true],
    );
    await done("env rm quiet");
  });
});

describe("orrery login", () => {
  beforeEach(known);

  it("keeps tokens in a file of one's own, and acts as that user until logout", async () => {
    for (const [path, mode] of [
      [file(), 0o600],
      [join(file(), ".."), 0o700],
    ] as const)
      assert.equal(statSync(path).mode & 0o777, mode, path);
    assert.ok(!readFileSync(file(), "utf8").includes(PASSWORD));
    assert.equal(await done("whoami"), `${ANN}\n`);
    const session = tokens();
    assert.equal(await done("logout"), `Logged ${ANN} out of lab\n`);
    assert.equal(await done("whoami"), "anonymous\n");
    const options = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    const headers = { ...options.headers, authorization: `Bearer ${session["accessToken"]}` };
    const stale = await fetch(`${up.http}/orrery.registry.v1.RegistryService/Whoami`, { ...options, headers });
    assert.equal(stale.status, 401);
    assert.equal((await typed("logout")).err, "Nobody is logged in to lab\n");
  });

  it("asks for the password without showing it, and for the user who was there before", async () => {
    const told = await up.orrery("login", { env, secrets: [PASSWORD] });
    assert.deepEqual([told.exit, told.err], [0, `Password of ${ANN} in lab: \nNext: orrery whoami\n`]);
    const nobody = await typed(`login ${ANN}`);
    assert.deepEqual([nobody.exit, /Cannot ask for a password\n {2}nobody types here/.test(nobody.err)], [2, true]);
    assert.equal((await up.orrery("login demo.test:users ann", { env, secrets: [PASSWORD] })).exit, 0);
  });

  it("says the same of a wrong password and of a user who is not there, with the environment", async () => {
    const errors = [];
    for (const user of [ANN, "demo.test:users:bob"]) {
      const { exit, err } = await typed(`login ${user} --password-file=-`, "wrong password\n");
      assert.equal(exit, 3);
      errors.push(err.replaceAll(user, "USER").replaceAll(up.http, "LAB"));
    }
    assert.equal(errors[0], errors[1]);
    assert.match(errors[0] ?? "", /^Cannot log in as "USER"\n .*\(environment lab at LAB\)\n$/);
    assert.equal(await done("whoami"), `${ANN}\n`, "who was logged in still is");
  });

  it("gets new tokens where the old are over, as after a sleep, and where they are refused", async () => {
    const first = tokens();
    spoil({ accessUntilMs: Date.now() - 3_600_000 });
    assert.equal(await done("whoami"), `${ANN}\n`);
    const second = tokens();
    assert.notEqual(second["refreshToken"], first["refreshToken"]);
    spoil({ accessToken: "eyJhbGciOiJFZERTQSJ9.e30.bm90IHNpZ25lZA" });
    assert.equal(await done("whoami"), `${ANN}\n`);
    assert.notEqual(tokens()["refreshToken"], second["refreshToken"]);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it("renews once for many commands at once, none of which loses the session", async () => {
    spoil({ accessUntilMs: 0 });
    const all = await Promise.all(Array.from({ length: 8 }, () => done("whoami")));
    assert.deepEqual(new Set(all), new Set([`${ANN}\n`]));
    spoil({ accessUntilMs: 0 });
    assert.equal(await done("whoami"), `${ANN}\n`);
  });

  it("names environment and user where the session has ended, and becomes nobody else", async () => {
    const kept = tokens();
    await done("logout --all");
    writeFileSync(file(), JSON.stringify({ ...kept, accessUntilMs: 0 }), { mode: 0o600 });
    for (let time = 1; time <= 2; time++) {
      const told = await typed("ls demo.test");
      assert.equal(told.exit, 3);
      assert.equal(
        told.err.replaceAll(up.http, "LAB"),
        `Cannot use environment "lab" at "LAB" as "${ANN}"\n  the session has ended, log in again\nTry: orrery login ${ANN} --env=lab\n`,
      );
    }
  });

  it("refuses tokens that others may read, and passwords in the clear to other machines", async () => {
    chmodSync(file(), 0o644);
    const told = await typed("whoami");
    assert.deepEqual(
      [told.exit, /others may read them, for its mode is 644\nTry: chmod 600 /.test(told.err)],
      [1, true],
    );
    await done("env add far http://192.0.2.1");
    const far = await typed("login ann --env=far --password-file=-", "0123456789\n");
    assert.deepEqual([far.exit, /everybody on the way could read the password/.test(far.err)], [2, true]);
    await done("env rm far");
  });

  it("names environment, space and user in what is refused, and proposes to log in to who is not", async () => {
    const refused = await typed("auth grant r on 'other.test:**' to anyone");
    assert.match(refused.err, new RegExp(`\\(environment lab at ${up.http} as ${ANN}, space demo.test\\)`));
    assert.equal(refused.exit, 3);
    await done("logout");
    const nobody = await typed("get demo.test");
    assert.deepEqual(
      [nobody.exit, /as anonymous, space demo.test\)\nTry: orrery login USER --env=lab\n$/.test(nobody.err)],
      [3, true],
      nobody.err,
    );
    const other = await typed("whoami --agent=operator");
    assert.deepEqual(
      [other.exit, /by HTTP you are who logs in, and nobody is logged in there/.test(other.err)],
      [2, true],
    );
  });

  it("does over HTTP what commands do, in the space of the environment", async () => {
    await done("create 'demo.test:files<FileSystem>'");
    writeFileSync(join(up.cwd, "big.bin"), Buffer.alloc(5_000_000, 7));
    await done("cp big.bin demo.test:files:/big.bin");
    await done("cp demo.test:files:/big.bin back.bin");
    assert.ok(readFileSync(join(up.cwd, "back.bin")).equals(Buffer.alloc(5_000_000, 7)));
    assert.match(await done("ls demo.test:files"), /big\.bin/);
    await done("config set theme dark");
    assert.equal(await done("config get theme"), "dark\n");
    await done("store set orders/1 open");
    assert.equal(await done("store get orders/1"), "open");
    await done("events publish news hello");
    assert.match(await done("events read news --output=json"), /"hello"/);
    assert.match(await done("get demo.test:files --output=json"), new RegExp(`"owner":"${ANN}"`));
    await done("create 'demo.test:news<Broadcast>'");
    assert.match(await done("send demo.test:news say hello"), /^{.*}\n$/);
  });

  it("follows changes over HTTP", async () => {
    await done("create 'demo.test:seen<Base>'");
    const from = (await done("get 'demo.test:seen{ revision }'")).trim();
    await done("set demo.test:seen --set title=one");
    await done("set demo.test:seen --set title=two");
    const told = await done(`watch demo.test:seen --after=${from} --count=2`);
    assert.equal(told.trim().split("\n").length, 2);
  });
});

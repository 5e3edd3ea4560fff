import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
});
after(() => up[Symbol.asyncDispose]());

describe("orrery lock and unlock", () => {
  it("let only who has the token write, and give the next one a greater fence", async () => {
    await up.done("create 'demo.test:b<Base>'");
    const first = JSON.parse(await up.done("lock demo.test:b --ttl=1h --output=json")) as {
      token: string;
      fence: number;
    };
    const other = await up.orrery("set demo.test:b --set title=x");
    assert.equal(other.exit, 1);
    assert.match(
      other.err,
      /^Cannot write "demo.test:b"\n {2}it is locked by "operator" until \S+Z, wait or show its token \(SERVER as operator\)\n$/,
    );
    await up.done(`set demo.test:b --set title=x --token=${first.token}`);
    assert.equal(await up.done("get 'demo.test:b{ title }'"), "x\n");
    assert.equal((await up.orrery("unlock demo.test:b --token=1.wrong")).exit, 3);
    await up.done(`unlock demo.test:b --token=${first.token}`);
    const stale = await up.orrery(`set demo.test:b --set title=y --token=${first.token}`);
    assert.match(stale.err, /the lock of that token has ended, lock it again/);
    const second = JSON.parse(await up.done("lock demo.test:b --output=json")) as { token: string; fence: number };
    assert.ok(second.fence > first.fence);
    await up.done("unlock demo.test:b --force");
    assert.match(await up.done("lock demo.test:b"), /^\d+\.[0-9a-f]{32}\n$/);
    await up.done("unlock demo.test:b --force");
  });
});

describe("orrery auth", () => {
  it("grants, explains, lists and takes back", async () => {
    await up.done("create 'demo.test:files<FileSystem>'");
    const before = await up.orrery("auth can ann write demo.test:files");
    assert.deepEqual([before.exit, before.out], [3, "no: no rule lets ann write demo.test:files\n"]);
    await up.done("auth grant r on 'demo.test:**' to ann");
    await up.done("auth grant write on 'demo.test:**' to ann");
    const [, name] = /grant +rw +on demo.test:\*\* +to ann +(\S+)/.exec(await up.done("auth ls demo.test")) ?? [];
    assert.equal(
      await up.done("auth can ann write demo.test:files"),
      `yes: ${name} grants rw on demo.test:** to ann\n`,
    );
    assert.equal((await up.orrery("get demo.test:files --agent=ann")).exit, 0);
    await up.done("auth revoke w on 'demo.test:**' to ann");
    assert.equal((await up.orrery("auth can ann write demo.test:files")).exit, 3);
    await up.done("auth revoke r on 'demo.test:**' to ann");
    assert.equal(await up.done("auth ls demo.test"), "");
    assert.equal((await up.orrery("auth revoke r on 'demo.test:**' to ann")).exit, 4);
  });

  it("gives a role to several, who may what it may", async () => {
    await up.done("auth role demo.test:editors --add=ann --add=bob");
    await up.done("auth grant rw on demo.test to demo.test:editors");
    assert.equal((await up.orrery("auth can bob write demo.test")).exit, 0);
    await up.done("auth role demo.test:editors --drop=bob");
    assert.equal((await up.orrery("auth can bob write demo.test")).exit, 3);
    assert.match(await up.done("auth ls"), /role +has ann +demo.test:editors/);
  });
});

describe("orrery auth, by several at once", () => {
  const all = (lines: readonly string[]) => Promise.all(lines.map((line) => up.done(line)));
  const LETTERS = [..."csdrwx"];

  it("loses nothing that any of them granted or took back", async () => {
    const words = "on 'demo.test:at-once:**' to cid";
    await all(LETTERS.map((letter) => `auth grant ${letter} ${words}`));
    assert.match(await up.done("auth ls demo.test"), /grant +csdrwx +on demo.test:at-once:\*\* +to cid/);
    await all([..."csd"].map((letter) => `auth revoke ${letter} ${words}`));
    assert.match(await up.done("auth ls demo.test"), /grant +rwx +on demo.test:at-once:\*\* +to cid/);
    await all([...[..."rwx"].map((letter) => `auth revoke ${letter} ${words}`), `auth grant c ${words}`]);
    assert.match(await up.done("auth ls demo.test"), /grant +c +on demo.test:at-once:\*\* +to cid/);
  });

  it("loses nobody who was given a role, and keeps nobody who lost it", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const members = async () => {
      const role = JSON.parse(await up.done("get demo.test:many --output=json")) as {
        properties: { members: readonly string[] };
      };
      return role.properties.members;
    };
    await all(names.map((name) => `auth role demo.test:many --add=${name}`));
    assert.deepEqual([...(await members())].sort(), names);
    await all([...names.map((name) => `auth role demo.test:many --drop=${name}`), "auth role demo.test:many --add=g"]);
    assert.deepEqual(await members(), ["g"]);
  });
});

describe("orrery status and send", () => {
  it("tell how it is, and that nobody takes its messages", async () => {
    assert.equal(await up.done("status demo.test"), "Ready\n");
    assert.deepEqual(JSON.parse(await up.done("status demo.test --output=json")), {
      address: "demo.test",
      kind: "Space",
      state: "Ready",
    });
    const { exit, err } = await up.orrery("send demo.test hello '{}'");
    assert.equal(exit, 1);
    assert.match(err, /its kind Space has no component that takes messages, kinds that do are App/);
  });
});

describe("orrery script and exec", () => {
  const write = (text: string) => writeFileSync(join(up.cwd, "site.orrery"), text);

  it("do one line after the other, with comments, quotes and braces", async () => {
    write(`# a site
create script.test<Space>{ +title="Semi; colon" } --ensure; create script.test:docs<Base>
set 'script.test:docs{ +title="Docs" }'   # behind a command
get script.test{ title }
`);
    assert.match(await up.done("script site.orrery"), /Semi; colon\n$/);
    assert.equal(await up.done("get 'script.test:docs{ title }'"), "Docs\n");
  });

  it("stop at the first that fails, and say where", async () => {
    write("create 'script.test:one<Base>'\n\ncreate 'script.test:one<Base>'\ncreate 'script.test:two<Base>'\n");
    const { exit, err } = await up.orrery("script site.orrery");
    assert.equal(exit, 1);
    assert.match(err, /^site.orrery:3\n {2}Cannot create "script.test:one": the address is already in use, by a Base/);
    assert.equal((await up.orrery("get script.test:two")).exit, 4);
  });

  it("do nothing where a line cannot be read, and nothing at all with --dry-run", async () => {
    write("create 'script.test:three<Base>'\ncraete 'script.test:four<Base>'\n");
    const wrong = await up.orrery("script site.orrery");
    assert.equal(wrong.exit, 2);
    assert.match(
      wrong.err,
      /^site.orrery:2\n {2}Cannot run "craete": it is no command of scripts, did you mean "create"\?/,
    );
    assert.equal((await up.orrery("get script.test:three")).exit, 4);
    const dry = await up.orrery("exec 'create script.test:five<Base>; create script.test:six<Bsae>' --dry-run");
    assert.equal(dry.exit, 2);
    assert.match(
      dry.err,
      /^line:1\n {2}Cannot create "script.test:six": there is no kind "Bsae", did you mean "Base"\?/,
    );
    assert.equal((await up.orrery("get script.test:five")).exit, 4);
  });
});

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { openTestUp, type TestUp } from "../testing/up.ts";

describe("orrery space", () => {
  let up: TestUp;
  const OWNER = "--agent=own.test:users:ann";
  const PHRASE = "--passphrase-file=phrase";
  const SECRET = "swordfish-7731";
  const lines = (file: string) =>
    gunzipSync(readFileSync(join(up.cwd, file)))
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  /** What a space has, whatever name it has, and however its secrets are closed. */
  const contents = (file: string, space: string) =>
    lines(file)
      .filter(({ kind }) => kind !== "head" && kind !== "end")
      .map((line) => JSON.stringify({ ...line, sealed: "" }).replaceAll(space, "SPACE"))
      .sort();
  before(async () => {
    up = await openTestUp();
    writeFileSync(join(up.cwd, "phrase"), "four quiet horses\n");
    writeFileSync(join(up.cwd, "a.txt"), "hello ".repeat(200_000));
    for (const line of [
      ...["create own.test<Space>", "create own.test:users<UserBase>", "create own.test:users:ann<User>"],
      ...["create own.test:users:bob<User>", "chown own.test:users:ann own.test"],
      `create 'own.test:files<FileSystem>{ +title="Ours" }' ${OWNER}`,
      `cp a.txt own.test:files:/docs/a.txt ${OWNER}`,
      `auth grant read on own.test:files:** to own.test:users:bob ${OWNER}`,
      `config set db.host localhost db.port 5432 --space=own.test ${OWNER}`,
      `store set orders/1 open --space=own.test ${OWNER}`,
      `store set orders/2 paid --table=done --space=own.test ${OWNER}`,
      `events publish orders '{"n":1}' two --space=own.test ${OWNER}`,
      "billing subscribe ann@example.com --space=own.test",
      "billing mark-paid own.test/1",
    ])
      await up.done(line);
    await up.done(`config set db.password - --secret --space=own.test ${OWNER}`, { input: SECRET });
  });
  after(() => up?.[Symbol.asyncDispose]());

  it("exports all that its owner may read, secrets only under a passphrase, and restores it under another name", async () => {
    const plain = await up.orrery(`space export own.test plain ${OWNER}`);
    assert.deepEqual([plain.exit, /Left out: the secret db\.password of config/.test(plain.err)], [0, true], plain.err);
    const whole = await up.done(`space export own.test whole ${PHRASE} ${OWNER} --output=json`);
    const { counts } = JSON.parse(whole) as { readonly counts: Readonly<Record<string, number>> };
    assert.deepEqual(
      ["file", "config", "secret", "entry", "topic", "event"].map((kind) => counts[kind]),
      [1, 1, 1, 2, 1, 2],
    );
    assert.equal(statSync(join(up.cwd, "whole")).mode & 0o777, 0o600);
    for (const file of ["plain", "whole"]) assert.ok(!JSON.stringify(lines(file)).includes(SECRET));
    assert.equal((await up.orrery(`space export own.test whole ${OWNER}`)).exit, 1); // It is there already.
    await up.done(`space import whole --space=copy.test ${PHRASE}`);
    assert.equal(await up.done("config get db.password --secrets --space=copy.test"), `${SECRET}\n`);
    assert.equal(await up.done("store get orders/2 --table=done --space=copy.test"), "paid");
    await up.done("cp copy.test:files:/docs/a.txt b.txt");
    assert.equal(readFileSync(join(up.cwd, "b.txt"), "utf8"), "hello ".repeat(200_000));
    await up.done(`space export copy.test again ${PHRASE}`);
    assert.deepEqual(contents("again", "copy.test"), contents("whole", "own.test"));
  });

  it("deletes only what is confirmed by its name, ends its bill, and leaves the next of that name empty; the export restores it", async () => {
    const unsure = await up.orrery(`space delete own.test ${OWNER}`);
    assert.deepEqual([unsure.exit, /--confirm=own\.test/.test(unsure.err)], [2, true], unsure.err);
    assert.equal((await up.orrery(`space delete own.test --confirm=other.test ${OWNER}`)).exit, 2);
    assert.equal((await up.orrery("space delete own.test --confirm=own.test --agent=own.test:users:bob")).exit, 3);
    await up.done(`space rename own.test 'Our shop' ${OWNER}`);
    assert.match(await up.done("get own.test"), /Our shop/);
    assert.match(await up.done(`space delete own.test --confirm=own.test ${OWNER}`), /^Deleted own\.test/);
    assert.equal((await up.orrery("get own.test")).exit, 4);
    for (let tries = 0; /own\.test +(active|ended)/.test(await up.done("billing ls")); tries++) assert.ok(tries < 500);
    await up.done("create own.test<Space>");
    assert.equal(await up.done("config get --space=own.test"), "{}\n");
    assert.equal((await up.orrery("store ls --space=own.test")).out, "");
    assert.equal((await up.orrery("events topics --space=own.test")).out, "own.test has no topics\n");
    assert.equal((await up.orrery("ls own.test")).out, "");
    await up.done(`space import whole ${PHRASE}`);
    await up.done(`space export own.test restored ${PHRASE}`);
    assert.deepEqual(contents("restored", "own.test"), contents("whole", "own.test"));
  });

  it("refuses a file that was cut off or changed, a wrong passphrase, and a short one, and makes nothing", async () => {
    const bytes = readFileSync(join(up.cwd, "whole"));
    writeFileSync(join(up.cwd, "cut"), bytes.subarray(0, bytes.length - 100));
    const cut = await up.orrery("space import cut --space=none.test");
    assert.deepEqual([cut.exit, /Cannot read ".*cut"/.test(cut.err)], [1, true], cut.err);
    assert.equal((await up.orrery("get none.test")).exit, 4);
    writeFileSync(join(up.cwd, "wrong"), "four loud horses\n");
    assert.equal((await up.orrery("space import whole --space=bad.test --passphrase-file=wrong")).exit, 1);
    writeFileSync(join(up.cwd, "short"), "abc\n");
    assert.equal((await up.orrery("space export own.test other --passphrase-file=short")).exit, 2);
    assert.equal((await up.orrery("space import nowhere")).exit, 4);
    assert.equal((await up.orrery(`space export own.test stolen --agent=own.test:users:eve`)).exit, 3);
  });
});

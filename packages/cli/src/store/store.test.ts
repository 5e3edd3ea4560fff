import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
});
after(() => up?.[Symbol.asyncDispose]());

const env = { ORRERY_SPACE: "demo.test" };
const done = (line: string, input = "") => up.done(line, { env, input });
const json = async (line: string) => JSON.parse(await done(`${line} --output=json`));

describe("orrery store", () => {
  it("sets, shows, lists and removes entries, by key and by table", async () => {
    assert.equal(await done("store set a/1 one"), 'Set "a/1" at version 1\n');
    await done("store set a/2 - --ttl=1h", "two\n");
    await done("store set b three --table=others");
    assert.equal(await done("store get a/2"), "two\n");
    const { value, text, version, expires } = await json("store get a/2");
    assert.deepEqual([value, text, version, expires > 1_000_000], ["dHdvCg==", "two\n", 2, true]);
    assert.equal(await done("store ls a/ --descending"), "a/2\na/1\n");
    const { next, entries } = await json("store ls --limit=1");
    assert.deepEqual(entries, [{ key: "a/1", version: 1 }]);
    assert.equal(await done(`store ls --limit=1 --after=${next}`), "a/2\n");
    assert.deepEqual((await json("store tables")).tables[1], {
      database: "main",
      table: "others",
      entries: 1,
      bytes: 6,
    });
    assert.deepEqual(await json("store set a/1 uno --if-version=1"), { version: 4 });
    assert.equal(await done("store rm a/1 --if-version=4"), 'Removed "a/1"\n');
    assert.equal(await done("store ls"), "a/2\n");
  });

  it("takes what a Space kept away with it, and leaves what another keeps", async () => {
    await up.done("create 'gone.test<Space>'");
    await up.done("store set k v --space=gone.test");
    await up.done("config set k v --space=gone.test");
    await up.done("rm gone.test");
    await up.done("create 'gone.test<Space>'");
    assert.equal(await up.done("store ls --space=gone.test"), "");
    assert.equal(await up.done("config get --space=gone.test"), "{}\n");
    assert.equal(await done("store ls --table=others"), "b\n");
  });

  const mistakes: [line: string, exit: number, text: string][] = [
    ["store get nothing", 4, "there is no such entry in main/main"],
    ["store rm nothing", 4, "there is no such entry in main/main"],
    ["store set k v --if-version=7", 1, "there is none, get it anew"],
    ["store set k v --ttl=soon", 2, "is no time"],
    ["store set k v --table=No", 2, "it is no name"],
    ["store ls --after=%%%", 2, "no page of this list ended there"],
    ["store ls --agent=bob", 3, "no rule lets bob read demo.test:[store]:main:main"],
    ["store tables --agent=bob", 3, "no rule lets bob read demo.test:[store]"],
  ];
  for (const [line, exit, text] of mistakes)
    it(`tells what is wrong with: ${line}`, async () => {
      const said = await up.orrery(line, { env });
      assert.equal(said.exit, exit, said.err);
      assert.ok(said.err.replace(/\s+/g, " ").includes(text), said.err);
    });
});

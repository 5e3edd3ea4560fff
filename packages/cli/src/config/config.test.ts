import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
});
after(() => up?.[Symbol.asyncDispose]());

const SERVICE = "orrery.config.v1.ConfigService";
const env = { ORRERY_SPACE: "demo.test" };
const done = (line: string, input = "") => up.done(line, { env, input });
const json = async (line: string) => JSON.parse(await done(`${line} --output=json`));

describe("orrery config", () => {
  it("sets several values as one, merges, shows and removes", async () => {
    assert.equal(await done("config set db.host localhost db.port 5432"), "Set 2 paths at version 1\n");
    assert.equal(await done(`config set db '{"pool":{"max":8}}'`), 'Set "db" at version 2\n');
    assert.equal(await done("config get db.host"), "localhost\n");
    assert.equal(await done("config get db.pool"), '{\n  "max": 8\n}\n');
    const value = { host: "localhost", port: 5432, pool: { max: 8 } };
    assert.deepEqual(await json("config get db"), { value, version: 2, secretPaths: [] });
    assert.equal(await done("config rm db.pool db.port"), "Removed 2 paths at version 3\n");
    assert.deepEqual(await json("config set db.host localhost"), { version: 3, changed: false });
    assert.deepEqual(await json("config get --scope=greeter"), { value: {}, version: 0, secretPaths: [] });
  });

  it("takes a secret from standard input, and shows it only when it is asked for", async () => {
    assert.equal(
      await done("config set word - --secret --scope=safe", "open sesame\n"),
      'Set secret "word" at version 1\n',
    );
    assert.equal(await done("config get word --scope=safe"), "[secret]\n");
    assert.equal(await done("config get word --secrets --scope=safe"), "open sesame\n");
    assert.deepEqual((await json("config history --scope=safe")).changes[0].paths, [{ path: "word", secret: true }]);
    await up.done("auth grant r on 'demo.test:[config]:safe' to ann");
    assert.equal(await done("config get word --scope=safe --agent=ann"), "[secret]\n");
    const { exit, err } = await up.orrery("config get word --secrets --scope=safe --agent=ann", { env });
    assert.deepEqual([exit, err.includes(`orrery auth can ann read 'demo.test:[secrets]:safe'`)], [3, true], err);
    assert.match(await up.done("secrets rotate"), /^Closed|^Rotated|key/);
    assert.equal(await done("config get word --secrets --scope=safe"), "open sesame\n");
  });

  it("keeps no secret in the clear in any file of its data, where it keeps what is none", async () => {
    await done("config set plain in-the-clear-7351 --scope=files");
    await done("config set word - --secret --scope=files", "behind-a-lock-7351");
    const files = readdirSync(join(up.cwd, "data"), { recursive: true, encoding: "utf8" })
      .map((name) => join(up.cwd, "data", name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
    const holding = (text: string) => files.filter((path) => readFileSync(path).includes(text));
    assert.deepEqual([holding("in-the-clear-7351").length > 0, holding("behind-a-lock-7351")], [true, []]);
  });

  it("shows what was changed, and changes as they are made", async () => {
    await done("config set a.b 1 --scope=watched");
    const watching = done("config watch a --count=2 --after=0 --scope=watched --output=json");
    await done("config set z 1 --scope=watched");
    await done("config rm a --scope=watched");
    const lines = (await watching).trim().split("\n");
    const told = lines.map((line) => JSON.parse(line) as { version: number; paths: unknown });
    assert.deepEqual(
      told.map(({ version, paths }) => ({ version, paths })),
      [
        { version: 1, paths: [{ path: "a.b", value: 1 }] },
        { version: 3, paths: [{ path: "a", removed: true }] },
      ],
    );
    const shown = (await done("config history a.b --scope=watched")).split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(shown[0], ["VERSION", "AT", "BY", "PATH", "VALUE"]);
    assert.deepEqual(
      shown.slice(1, 3).map(([version, , ...rest]) => [version, ...rest]),
      [
        ["3", "operator", "a", "(removed)"],
        ["1", "operator", "a.b", "1"],
      ],
    );
  });

  it("is set and read by orrery call, and over HTTP by whoever may", async () => {
    const steps = `'{"space":"demo.test","scope":"web","steps":[{"path":"greeting","value":{"text":"hello"}}]}'`;
    const set = await up.done(`call --address=${up.address} --agent=operator ${SERVICE} set ${steps}`);
    assert.deepEqual(JSON.parse(set), { version: "1", changed: true });
    const post = () =>
      fetch(`${up.http}/${SERVICE}/Get`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ space: "demo.test", scope: "web", path: "greeting.text" }),
      });
    const refused = await post();
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [403, "permission_denied"]);
    await up.done("auth grant r on 'demo.test:[config]:web' to anyone");
    assert.deepEqual(await (await post()).json(), { value: "hello", version: "1" });
  });

  const mistakes: [line: string, exit: number, text: string][] = [
    ["config get --agent=ann", 2, 'none is named, and "ann" lies in none'],
    ["config set a", 2, "PATH VALUE"],
    ["config set a 1 b", 2, "it has no value, write PATH VALUE"],
    ["config set a - b -", 2, "standard input is one value"],
    ["config set a..b 1", 2, "a name is missing, write it as in db.host"],
    ["config set a 1 --if-version=x", 2, "is no whole number"],
    ["config set a 1 --if-version=99", 1, "it is at 3, get it anew"],
    ["config get nothing.there", 4, "nothing is set there"],
    ["config rm nothing.there", 4, "nothing is set there"],
    ["config get --space=demo.test:files", 2, 'it is no Space, name "demo.test" alone'],
    ["config get --space=never.test", 4, "there is no such Space"],
    ["config get --agent=bob", 3, "no rule lets bob read demo.test:[config]"],
    ["config watch --after=99", 1, "it is at 3"],
    ["config gte", 2, "config get"],
  ];
  for (const [line, exit, text] of mistakes)
    it(`tells what is wrong with: ${line}`, async () => {
      const said = await up.orrery(line, line.includes("ann") ? {} : { env });
      assert.equal(said.exit, exit, said.err);
      assert.ok(said.err.replace(/\s+/g, " ").includes(text), said.err);
    });
});

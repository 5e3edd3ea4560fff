import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const KIB = 1024;
const ANN = "demo.test:users:ann";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const what of ["demo.test<Space>", "demo.test:users<UserBase>", `${ANN}<User>`])
    await up.done(`create '${what}'`);
  for (const [name, bytes] of [
    ["600.bin", 600 * KIB],
    ["100.bin", 100 * KIB],
  ] as const)
    writeFileSync(join(up.cwd, name), Buffer.alloc(bytes, name));
});
after(() => up[Symbol.asyncDispose]());

/** What a command says that is refused. */
async function refused(line: string): Promise<string> {
  const { exit, err } = await up.orrery(line);
  assert.equal(exit, 1, `${line}: ${err}`);
  return err;
}

/** A file system of its own, which anyone may write. */
async function openFiles(name: string): Promise<string> {
  await up.done(`create 'demo.test:${name}<FileSystem>'`);
  await up.done(`auth grant csdrw on 'demo.test:${name}' to ${ANN}`);
  await up.done(`auth grant csdrw on 'demo.test:${name}:**' to ${ANN}`);
  return `demo.test:${name}`;
}

function uploads(): readonly string[] {
  const folder = join(up.cwd, "data", "blobs", "uploads");
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe("orrery quota", () => {
  it("refuses the second upload of 600 KiB over 1 MiB, leaves nothing of it, and lets it come once the first is deleted", async () => {
    const files = await openFiles("files");
    await up.done(`quota set ${ANN} ${files} 1MiB`);
    await up.done(`cp 600.bin ${files}:/a.bin --agent=${ANN}`);
    const why = await refused(`cp 600.bin ${files}:/b.bin --agent=${ANN}`);
    assert.match(
      why,
      /^Cannot upload to "demo.test:files:\/b.bin"\n {2}quota: 1.2 of 1.0 MiB of "demo.test:users:ann" in "demo.test:files", remove something there, or have the quota raised/,
    );
    assert.equal(await up.done(`ls ${files}`), `${files}:/a.bin<File>\n`);
    assert.deepEqual(uploads(), []);
    await up.done(`cp 600.bin ${files}:/b.bin`); // It is of what ann owns, and this the operator owns.
    await up.done(`rm ${files}:/a.bin --agent=${ANN}`);
    await up.done(`cp 600.bin ${files}:/c.bin --agent=${ANN}`);
  });

  it("lets of uploads at once as many come as fit, and covers all that lies in a resource", async () => {
    const files = await openFiles("many");
    await up.done(`quota set ${files} 450KiB`);
    const lines = Array.from({ length: 8 }, (_, at) => `cp 100.bin ${files}:/d/${at}.bin`);
    const endings = await Promise.all(lines.map((line) => up.orrery(line)));
    assert.equal(endings.filter(({ exit }) => exit === 0).length, 4);
    for (const { exit, err } of endings)
      if (exit !== 0) assert.match(err, /quota: (\d+\.\d) of 450\.0 KiB in "demo.test:many"/);
    const [quota] = JSON.parse(await up.done(`quota get ${files}:/d/0.bin --output=json`));
    assert.deepEqual(quota, { address: files, bytes: 400 * KIB, bytesMax: 450 * KIB });
    assert.deepEqual(uploads(), []);
    assert.equal((await up.done(`ls '${files}:/d/'`)).trim().split("\n").length, 4);
  });

  it("holds bundles, too: one that does not fit is not published in part", async () => {
    await up.done("create 'demo.test:tools<Base>'");
    await up.done("quota set demo.test:tools 150KiB");
    await up.done("create 'demo.test:tools:site<BundleSeries>'");
    mkdirSync(join(up.cwd, "site"));
    for (const name of ["a.bin", "b.bin"]) writeFileSync(join(up.cwd, "site", name), Buffer.alloc(100 * KIB, name));
    const why = await refused("publish site demo.test:tools:site:1.0.0");
    assert.match(why, /^Cannot write "demo.test:tools:site:1.0.0"\n {2}quota: 200.4 of 150.0 KiB in "demo.test:tools"/);
    assert.equal(await up.done("ls demo.test:tools:site"), "");
    await up.done("quota set demo.test:tools 201KiB");
    await up.done("publish site demo.test:tools:site:1.0.0");
  });

  it("is set, shown, listed and taken away, and lies with those who may write what the resource lies in", async () => {
    const files = await openFiles("told");
    const [set] = (await up.done(`quota set ${files} 2MiB`)).split(" at revision");
    assert.equal(set, `Set a quota of 2.0 MiB for all in ${files}`);
    await up.done(`quota set ${ANN} ${files} 1MB`);
    await up.done(`cp 100.bin ${files}:/x.bin --agent=${ANN}`);
    const row = "100 KiB  977 KiB  demo.test:users:ann  demo.test:told\n";
    const rest = "demo.test:told\n";
    const table = `USED     QUOTA    OF                   IN\n100 KiB  2.0 MiB  all                  ${rest}${row}`;
    assert.equal(await up.done(`quota ls ${files}`), table);
    assert.equal(await up.done(`quota get ${files}:/y.bin`), table);
    assert.ok((await up.done("quota")).includes(row));
    const other = await up.orrery(`quota set ${files} 5MiB --agent=${ANN}`);
    assert.equal(other.exit, 3);
    assert.match(other.err, /Cannot set "quota" of "demo.test:told" as "demo.test:users:ann"/);
    assert.match(await up.done(`quota rm ${files}`), /^Took away the quota of all in demo.test:told at revision/);
    assert.equal(await up.done(`quota ls ${files}`), table.replace(/.*all.*\n/, ""));
    await up.done(`quota rm ${ANN} ${files}`);
    assert.equal(await up.done(`quota ls ${files}`), "");
    assert.equal((await up.orrery(`get ${files} --output=json`)).out.includes("quota"), false);
  });

  for (const [line, why] of [
    ["quota set demo.test:told 1XB", 'Cannot read size "1XB"\n  write a number and B, kB'],
    ["quota set demo.test:told -- -5", 'Cannot read size "-5"'],
    ["quota get 'Demo Test'", 'Cannot parse address "Demo Test"'],
  ] as const)
    it(`refuses ${line}`, async () => {
      const { exit, err } = await up.orrery(line);
      assert.equal(exit, 2, err);
      assert.ok(err.includes(why), err);
    });

  it("says of a resource that cannot have one what it has", async () => {
    const { exit, err } = await up.orrery("quota set demo.test:told:/x.bin 1MiB");
    assert.equal(exit, 2, err);
    assert.match(err, /Cannot set "quota" of "demo.test:told:\/x.bin"\n {2}kind File has no such property/);
  });
});

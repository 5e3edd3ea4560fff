import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";
import { waitUntil } from "../testing/wait-until.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("exec 'create demo.test<Space>; create demo.test:files<FileSystem>'");
});
after(() => up[Symbol.asyncDispose]());

describe("orrery cp", () => {
  for (const [name, content] of [
    ["nothing", new Uint8Array()],
    ["one byte", Uint8Array.of(7)],
    ["no UTF-8", Uint8Array.of(0xff, 0xfe, 0, 0x80)],
    ["64 MiB", new Uint8Array(64 * 1024 * 1024).map((_, at) => at >> 8)],
  ] as const)
    it(`brings ${name} in and out`, async () => {
      writeFileSync(join(up.cwd, "a.bin"), content);
      assert.match(
        await up.done("cp a.bin demo.test:files:/d/a.bin"),
        /to demo.test:files:\/d\/a.bin at revision \d+\n$/,
      );
      await up.done("cp demo.test:files:/d/a.bin b.bin");
      assert.ok(readFileSync(join(up.cwd, "b.bin")).equals(content));
    });

  it("refuses what leads out, what is not there, and two files here", async () => {
    assert.equal((await up.orrery("cp a.bin demo.test:files:/../x")).exit, 2);
    assert.equal((await up.orrery("cp demo.test:files:/none c.bin")).exit, 4);
    assert.equal((await up.orrery("cp a.bin b.bin")).exit, 2);
  });

  it("takes standard input, and gives to standard output, where - stands in the place of a file", async () => {
    const sent = await up.done("cp - demo.test:files:/in.txt", { input: "from a pipe" });
    assert.match(sent, /^Copied 11 B to demo.test:files:\/in.txt at revision \d+\n$/);
    const { exit, out, err } = await up.orrery("cp demo.test:files:/in.txt -");
    assert.deepEqual([exit, out, err], [0, "from a pipe", "Copied 11 B to standard output\n"]);
    assert.equal(existsSync(join(up.cwd, "-")), false);
  });

  it("writes what is locked under its token alone", async () => {
    const token = (await up.done("lock demo.test:files:/d/a.bin --ttl=1h")).trim();
    const { exit, err } = await up.orrery("cp a.bin demo.test:files:/d/a.bin");
    assert.equal(exit, 1);
    assert.match(err, /it is locked by "operator" until \d{4}-\S+Z, wait/);
    writeFileSync(join(up.cwd, "a.bin"), "other");
    await up.done(`cp a.bin demo.test:files:/d/a.bin --token=${token}`);
    assert.equal((await up.orrery("unlock demo.test:files:/d/a.bin --token=1.wrong")).exit, 3);
    await up.done(`unlock demo.test:files:/d/a.bin --token=${token}`);
  });

  it("writes nothing under a token whose lock ended by itself, after which the next one has a greater fence", async () => {
    const lock = "lock demo.test:files:/d/a.bin --output=json";
    const first = JSON.parse(await up.done(`${lock} --ttl=100ms`)) as { token: string; fence: number };
    let second: { token: string; fence: number } | undefined;
    await waitUntil(async () => {
      const { exit, out } = await up.orrery(`${lock} --ttl=1h`);
      if (exit === 0) second = JSON.parse(out);
      return exit === 0;
    });
    assert.ok((second?.fence ?? 0) > first.fence);
    const late = await up.orrery(`cp a.bin demo.test:files:/d/a.bin --token=${first.token}`);
    assert.equal(late.exit, 1);
    assert.match(late.err, /the lock of that token has ended, lock it again/);
    await up.done(`cp a.bin demo.test:files:/d/a.bin --token=${second?.token}`);
    await up.done("unlock demo.test:files:/d/a.bin --force");
  });
});

describe("orrery publish and tag", () => {
  it("refuse to publish a file, and a folder that is not there", async () => {
    writeFileSync(join(up.cwd, "one.zip"), "no archive");
    const file = await up.orrery("publish one.zip demo.test:site:0.1.0");
    assert.match(
      file.err,
      /^Cannot publish "one.zip"\n {2}it is no folder, name the one whose files are to be published\n/,
    );
    assert.deepEqual([file.exit, (await up.orrery("publish none demo.test:site:0.1.0")).exit], [2, 4]);
  });

  it("publish versions that never change, and move a name between them", async () => {
    mkdirSync(join(up.cwd, "site", "html"), { recursive: true });
    writeFileSync(join(up.cwd, "site", "html", "index.html"), "one");
    assert.match(
      await up.done("publish site demo.test:site:1.0.0"),
      /^Published demo.test:site:1.0.0 at revision \d+\n$/,
    );
    assert.match(await up.done("publish site demo.test:site:1.0.0"), /with the same content\n$/);
    assert.match(await up.done("ls 'demo.test:site:1.0.0:/**'"), /demo.test:site:1.0.0:\/html\/index.html<Artifact>\n/);
    writeFileSync(join(up.cwd, "site", "html", "index.html"), "two");
    assert.equal((await up.orrery("publish site demo.test:site:1.0.0")).exit, 1);
    await up.done("publish site demo.test:site:1.1.0");
    await up.done("tag demo.test:site latest 1.0.0");
    await up.done("tag demo.test:site latest 1.1.0");
    assert.equal(await up.done("get 'demo.test:site:[latest]{ version }'"), "1.1.0\n");
    const moves = JSON.parse(await up.done("tag demo.test:site latest --at --output=json")) as { version: string }[];
    assert.deepEqual(moves.map(({ version }) => version).sort(), ["1.0.0", "1.1.0"]);
    assert.equal((await up.orrery("tag demo.test:site latest 9.0.0")).exit, 4);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { type Typed, type } from "../testing/memory-terminal.ts";
import { type Ended, orrery, type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const page = readFileSync(new URL("../../../../docs/guide/kinds.md", import.meta.url), "utf8");
const [, lamps = ""] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];

const cwd = mkdtempSync(join(tmpdir(), "orrery-kinds-"));
writeFileSync(join(cwd, "lamps.yaml"), lamps);
writeFileSync(join(cwd, "empty.yaml"), "");
const running = new Set<Running>();
after(() => {
  for (const { child } of running) child.kill("SIGKILL");
  rmSync(cwd, { recursive: true, force: true });
});

type Ready = RunEvent & { readonly kinds: readonly string[] };

const UP = ["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite"];

/** A platform over a folder, in a process of its own. */
async function start(...words: readonly string[]) {
  const up = startEvents([...UP, ...words], { cwd });
  running.add(up);
  const { address, kinds } = (await up.next("ready")) as Ready;
  const typed = (line: string): Promise<Typed> =>
    type(splitScript(line)[0]?.words ?? [], { cwd, env: { ORRERY_SERVER: address, HOME: cwd } });
  const stop = async () => {
    up.child.kill("SIGTERM");
    assert.equal((await up.ended).exit, 0);
  };
  return { kinds, typed, stop };
}

/** A platform that does not come to be. */
const refused = (...words: readonly string[]): Promise<Ended> => orrery([...UP, ...words], { cwd });

/** Lines of commands of the guide, each block with what it prints. */
const blocks = [...page.matchAll(/^```sh\n(.*?)^```\n\n```text\n(.*?)^```/gms)].map(
  ([, commands = "", printed = ""]) => ({
    lines: commands.trim().split("\n"),
    printed,
  }),
);

describe("orrery up --kinds", () => {
  it("has the kinds of a file, whose resources do what the guide says", async () => {
    const up = await start("--kinds=lamps.yaml");
    assert.deepEqual(up.kinds, ["Shelf", "Lamp"]);
    const typed = blocks.filter(({ lines }) => !lines[0]?.startsWith("orrery up"));
    assert.equal(typed.length, 2);
    for (const { lines, printed } of typed) {
      let said = "";
      for (const line of lines) {
        const { out, err } = await up.typed(line.replace(/^orrery /, ""));
        said += out + err.replace(/^(Next|Try): .*\n/gm, "").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:7700");
      }
      assert.equal(said, printed);
    }
    assert.match((await up.typed("send demo.test:shelf turn")).err, /its kind Shelf has no component that takes/);
    await up.stop();
  });

  it("keeps them: for itself, for who opens the folder alone, and for who restores a backup", async () => {
    const folder = ["--data=.orrery/data", "--database=pglite"];
    const fsck = await type(["fsck", "owners", ...folder], { cwd });
    assert.deepEqual([fsck.exit, fsck.out.slice(0, 21)], [0, "0 broken: 8 resources"], fsck.err);
    assert.match((await type(["secrets", "rotate", ...folder], { cwd })).out, /secrets of 2 resource/);
    const second = await start();
    assert.deepEqual(second.kinds, ["Shelf", "Lamp"]);
    assert.equal((await second.typed("backup lit.backup")).exit, 0);
    await second.stop();
    const restored = ["lit.backup", "--data=restored", "--secrets-key=.orrery/data/secrets.key", "--database=pglite"];
    const { exit, err } = await type(["restore", ...restored], { cwd });
    assert.equal(exit, 0, err);
    const third = await start("--data=restored");
    assert.deepEqual(third.kinds, ["Shelf", "Lamp"]);
    const made = await third.typed("create demo.test:desk<Lamp> --set serial=LX-10");
    assert.equal(made.out, "Created demo.test:desk at revision 11\n", made.err);
    await third.stop();
  });

  it("refuses a file that leaves out what resources are, and starts again without it", async () => {
    const { exit, err } = await refused("--kinds=empty.yaml");
    const printed = blocks.find(({ lines }) => lines[0]?.includes("empty.yaml"))?.printed ?? "nothing";
    assert.deepEqual([exit, err.slice(-printed.length)], [1, printed]);
    const again = await start();
    assert.deepEqual(again.kinds, ["Shelf", "Lamp"]);
    assert.equal((await again.typed("rm --recursive demo.test:shelf")).exit, 0);
    await again.stop();
    const none = await start("--kinds=empty.yaml");
    assert.deepEqual(none.kinds, []);
    assert.match((await none.typed("create demo.test:desk<Lamp>")).err, /^Cannot use kind "Lamp"\n {2}there is none/);
    await none.stop();
  });

  it("refuses a file with a mistake, with its place, and one that is not there", async () => {
    writeFileSync(join(cwd, "wrong.yaml"), "kinds:\n  Lamp:\n    sumary: Shines\n    parents: [Space]\n");
    const { exit, err } = await refused("--kinds=wrong.yaml");
    assert.equal(exit, 2);
    assert.match(
      err,
      /^Cannot read "wrong\.yaml":\n {2}wrong\.yaml:3:5: there is no "kinds\.Lamp\.sumary": did you mean "summary"\?\n {8}sumary: Shines\n {8}\^\n/m,
    );
    const missing = await refused("--kinds=none.yaml");
    assert.deepEqual([missing.exit, missing.err.split("\n")[0]], [4, 'Cannot read "none.yaml" for --kinds']);
  });
});

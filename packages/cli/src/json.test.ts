import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { COMMANDS } from "./commands.ts";
import { openTestUp, type TestUp } from "./testing/up.ts";

const PASSWORD = "clockwork of the planets";
const S = "--space=demo.test";

/** Lines that are typed one after another, each with what it reads. */
const LINES: readonly (readonly [line: string, input?: string])[] = [
  ["create demo.test<Space>"],
  ["create demo.test:files<FileSystem>"],
  ["create demo.test:news<Broadcast>"],
  ["user add demo.test:users:ann --password-file=-", `${PASSWORD}\n`],
  ["user ls demo.test:users"],
  ["set demo.test:files --set title=Papers"],
  ["get demo.test:files"],
  ["ls demo.test:**"],
  ["status demo.test:files"],
  ["cp a.txt demo.test:files:/a.txt"],
  ["auth grant rw on demo.test:files to demo.test:users:ann"],
  ["auth explain demo.test:users:ann write demo.test:files"],
  ["auth ls demo.test"],
  ["auth role demo.test:editors --add=demo.test:users:ann"],
  ["auth revoke w on demo.test:files to demo.test:users:ann"],
  ["whoami --roles"],
  ["chown demo.test:users:ann demo.test:files"],
  [`config set theme dark ${S}`],
  [`config get theme ${S}`],
  [`config history ${S}`],
  [`config rm theme ${S}`],
  [`store set a one ${S}`],
  [`store get a ${S}`],
  [`store ls ${S}`],
  [`store tables ${S}`],
  [`store rm a ${S}`],
  [`events publish orders {"n":1} ${S}`],
  [`events read orders ${S}`],
  [`events consume orders billing --count=1 ${S}`],
  [`events topics ${S}`],
  [`events groups orders ${S}`],
  [`broker publish alarms hi ${S}`],
  ["billing plans"],
  ["billing refusals --all"],
  ["quota set demo.test:users:ann demo.test:files 1MiB"],
  ["quota ls"],
  ["usage demo.test"],
  ["services --space=demo.test"],
  ["describe StoreService --space=demo.test"],
  [`StoreService Tables ${S}`],
  ["send demo.test:news say hello"],
  ["env ls"],
  ["env add lab http://127.0.0.1:1"],
  ["env use lab"],
  ["env rm lab"],
  ["fsck owners"],
  ["rm demo.test:editors"],
  ["version"],
];

/** Texts of a value, at any depth. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

describe("--output=json", () => {
  let up: TestUp;
  before(async () => {
    up = await openTestUp();
    writeFileSync(join(up.cwd, "a.txt"), "hello\n");
  });
  after(() => up?.[Symbol.asyncDispose]());

  it("is taken by every command", () => {
    const without = COMMANDS.filter(
      ({ flags }) => flags.find(({ name }) => name === "output")?.choices?.includes("json") !== true,
    );
    assert.deepEqual(
      without.map(({ name }) => name),
      [], // Whoever adds one that prints no data at all names it here, and says why.
    );
  });

  for (const [line, input] of LINES)
    it(`has ${line} print JSON, a value a line, and no JSON in texts`, async () => {
      const quoted = line.replace(/(^| )([^ ]*[<*{][^ ]*)/g, "$1'$2'");
      const { exit, out, err } = await up.orrery(`${quoted} --output=json`, { ...(input !== undefined && { input }) });
      assert.equal(exit, 0, err);
      const rows = out.split("\n").filter((row) => row !== "");
      assert.ok(rows.length > 0, "it prints something");
      for (const row of rows) {
        const nested = textsOf(JSON.parse(row)).filter((text) => /^\s*[[{]/.test(text));
        assert.deepEqual(nested, []);
      }
    });
});

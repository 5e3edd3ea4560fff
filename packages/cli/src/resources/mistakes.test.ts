import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { MISTAKE_FILES, MISTAKE_SETUP, MISTAKES, type Mistake } from "../testing/mistakes.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

const PAGE = new URL("../../../../docs/reference/mistakes.md", import.meta.url);
const WRITES = process.env["ORRERY_WRITE"] === "1";
const MEND = "write it anew: ORRERY_WRITE=1 npm run test:unit -- packages/cli/src/resources/mistakes.test.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const [path, text] of Object.entries(MISTAKE_FILES)) {
    mkdirSync(dirname(join(up.cwd, path)), { recursive: true });
    writeFileSync(join(up.cwd, path), text);
  }
  for (const line of MISTAKE_SETUP) {
    const { exit, err } = await typed(line);
    assert.equal(exit, 0, `${line}: ${err}`);
  }
});
after(() => up[Symbol.asyncDispose]());

const typed = (line: string) => up.orrery(line);

const INTRODUCTION = `# Common mistakes

What commands about resources say when something is wrong, and what to do. A message says what failed, with the value, why, and what would work; \`Try:\` is what to type
next. The [exit code](../guide/command.md) tells a script: 1 failed, 2 wrong usage, 3 not allowed, 4 not found or not reachable, 5 timed out.

A test makes every one of these mistakes and compares what is printed. \`SERVER\` stands for the address of the server, \`TIME\` for a time. This was done before:

\`\`\`sh
${MISTAKE_SETUP.map((line) => `orrery ${line}`).join("\n")}
\`\`\`
`;

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");

function overview(): string {
  const rows = MISTAKES.flatMap(({ mistakes }) =>
    mistakes.map(
      ({ title, line }) => `| [${title}](#${anchorOf(title)}) | \`orrery ${line.replaceAll("|", "\\|")}\` |`,
    ),
  );
  return ["| mistake | for example |", "|---|---|", ...rows, ""].join("\n");
}

function section({ title, line, mend }: Mistake, { output, exit }: { output: string; exit: number }): string {
  const shown = `$ orrery ${line}\n${output}`.trimEnd().replaceAll(/ +$/gm, "");
  return `### ${title}\n\n\`\`\`text\n${shown}\n\`\`\`\n\nExit code ${exit}. ${mend}\n`;
}

describe("the page of mistakes", () => {
  const page = WRITES ? "" : readFileSync(PAGE, "utf8");
  const written: string[] = [];

  for (const { heading, mistakes } of MISTAKES) {
    it(`has ${heading}`, () => {
      written.push(`## ${heading}\n`);
      assert.ok(WRITES || page.includes(`\n## ${heading}\n`), MEND);
    });
    for (const mistake of mistakes)
      it(`tells of it: ${mistake.title}`, async () => {
        const { exit, out, err } = await typed(mistake.line);
        const output = `${out}${err}`.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
        assert.notEqual(exit, 0);
        const text = section(mistake, { output, exit });
        written.push(text);
        if (WRITES) return;
        const from = page.indexOf(`### ${mistake.title}\n`);
        assert.notEqual(from, -1, MEND);
        assert.equal(page.slice(from, from + text.length), text, MEND);
      });
  }

  const some = MISTAKES.flatMap(({ mistakes }) => mistakes).filter((_, at) => at % 4 === 0);
  for (const { title, line } of some)
    it(`is told to programs likewise: ${title}`, async () => {
      const exit = Number(/Exit code (\d)/.exec(page.slice(page.indexOf(`### ${title}\n`)))?.[1]);
      const told = await typed(`${line} --output=json`);
      assert.deepEqual([told.exit, told.out], [exit, ""]);
      const { error } = JSON.parse(told.err) as { readonly error: Readonly<Record<string, unknown>> };
      assert.equal(error["exit"], exit);
      assert.match(String(error["message"]), /^Cannot /);
      assert.deepEqual(
        Object.values(error).filter((value) => typeof value === "string" && /^\s*[[{]/.test(value)),
        [],
        "no JSON in texts",
      );
    });

  it("has each of them in its table, forty or more, and nothing besides", () => {
    const whole = [INTRODUCTION, overview(), ...written].join("\n");
    if (WRITES) writeFileSync(PAGE, whole);
    assert.ok(MISTAKES.flatMap(({ mistakes }) => mistakes).length >= 40);
    assert.equal(readFileSync(PAGE, "utf8"), whole, MEND);
  });
});

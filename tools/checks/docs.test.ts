import assert from "node:assert/strict";
import { test } from "node:test";
import { fromTypeError, type TypedBlock } from "../lib/block-types.ts";
import { checkNumbers, checkScripts, typedBlocks } from "./docs.ts";
import { checkLinks } from "./links.ts";

const page = (text: string, path = "docs/a.md") => ({ path, text });
const ts = (info: string, ...lines: string[]): string => [`\`\`\`ts${info}`, ...lines, "```", ""].join("\n");

test("typedBlocks names blocks by their first line, or by where they stand", () => {
  const { blocks, findings } = typedBlocks([page(ts("", "// file: x.ts", "export {};") + ts("", "1;"))]);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    blocks.map(({ name, line }) => [name, line]),
    [
      ["x.ts", 2],
      ["line-6.ts", 6],
    ],
  );
});

test("typedBlocks leaves out a block that says why, and refuses one that does not", () => {
  const { blocks, findings } = typedBlocks([page(ts(" no-check: half a sentence", "x") + ts(" no-check", "y"))]);
  assert.deepEqual(blocks, []);
  assert.deepEqual(
    findings.map(({ line, what }) => [line, what]),
    [[5, "leaves a block unchecked without a reason"]],
  );
});

test("typedBlocks refuses one file shown twice in a page", () => {
  const { findings } = typedBlocks([page(ts("", "// file: x.ts") + ts("", "// file: x.ts"))]);
  assert.deepEqual(
    findings.map(({ what }) => what),
    ['shows the file "x.ts" twice'],
  );
});

test("fromTypeError points into the page", () => {
  const block: TypedBlock = { page: "docs/a.md", line: 10, name: "x.ts", text: "" };
  const files = new Map([["f/x.ts", block]]);
  const finding = fromTypeError("f/x.ts(3,7): error TS2322: Type 'a' is not b.", files)[0];
  assert.deepEqual([finding?.file, finding?.line, finding?.what], ["docs/a.md", 12, "TS2322: Type 'a' is not b."]);
  assert.deepEqual(fromTypeError("  more of the same", files), []);
});

test("checkScripts refuses a script that package.json has not", () => {
  const text = "```sh\nnpm ci && npm test\nnpm run nothing -- x\nnpm start\n```\n`npm run prose`";
  const found = checkScripts([page(text)], new Set(["test"])).map(({ line, what }) => `${line} ${what}`);
  assert.deepEqual(found, [
    '3 names "npm run nothing", which package.json has not',
    '4 names "npm run start", which package.json has not',
  ]);
});

const links: readonly [target: string, what: string | undefined][] = [
  ["b.md", undefined],
  ["b.md#two-words", undefined],
  ["#here", undefined],
  ["../src", undefined],
  ["../src/", undefined],
  ["https://example.com/x", undefined],
  ["c.md", 'links to "c.md", which is not there'],
  ["b.md#three", 'links to "#three", which is no heading of docs/b.md'],
  ["#there", 'links to "#there", which is no heading of docs/a.md'],
];

for (const [target, what] of links) {
  test(`checkLinks ${what === undefined ? "accepts" : "refuses"} "${target}"`, () => {
    const pages = [page(`# Here\n[x](${target})`), page("# Two words", "docs/b.md")];
    const found = checkLinks(pages, new Set(["docs/a.md", "docs/b.md", "src/x.ts"]));
    assert.deepEqual(
      found.map((finding) => finding.what),
      what === undefined ? [] : [what],
    );
  });
}

test("checkNumbers refuses a decision whose number is taken", () => {
  const findings = checkNumbers(["docs/adr/0001-a.md", "docs/adr/0002-b.md", "docs/adr/0001-c.md", "docs/0001-d.md"]);
  assert.deepEqual(
    findings.map(({ file, what }) => [file, what]),
    [["docs/adr/0001-c.md", "has the number of docs/adr/0001-a.md"]],
  );
});

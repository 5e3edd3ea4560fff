import assert from "node:assert/strict";
import { test } from "node:test";
import { anchorsOf, codeBlocks, linksOf } from "./markdown.ts";

const PAGE = `# One & two
text [a](b.md) and \`[not](this)\`, ![c](d/e.png "title")

\`\`\`ts no-check: a sketch
const x = 1; // [no](link)
\`\`\`

- item
  \`\`\`sh
  npm test
  \`\`\`

## One & two
[wiki](x_(y).md)
`;

test("codeBlocks gives language, info, line and text, without the indentation of a list", () => {
  assert.deepEqual(codeBlocks(PAGE), [
    { language: "ts", info: "no-check: a sketch", line: 5, text: "const x = 1; // [no](link)" },
    { language: "sh", info: "", line: 10, text: "npm test" },
  ]);
});

test("codeBlocks lets a longer fence hold a shorter one", () => {
  assert.equal(codeBlocks("````md\n```ts\n```\n````").at(0)?.text, "```ts\n```");
});

test("linksOf gives links and images outside code", () => {
  assert.deepEqual(linksOf(PAGE), [
    { target: "b.md", line: 2 },
    { target: "d/e.png", line: 2 },
    { target: "x_(y).md", line: 14 },
  ]);
});

test("anchorsOf numbers a heading that comes twice", () => {
  assert.deepEqual([...anchorsOf(PAGE)], ["one--two", "one--two-1"]);
});

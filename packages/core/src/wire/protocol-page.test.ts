import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Kind } from "../envelope.ts";
import * as limits from "../limits.ts";
import { REASONS } from "../reasons.ts";
import { GOLDEN_HEAD, GOLDEN_PACKETS } from "../testing/golden-packets.ts";
import { hex, unhex } from "../testing/packets.ts";
import { OUTCOMES } from "./fields.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/reference/protocol.md"), "utf8");

/** Rows of the page's tables whose first cell looks so, as the texts of their cells. */
function rows(first: RegExp): string[][] {
  const cells = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  return cells.map((row) => row.slice(1, -1)).filter(([cell = ""]) => first.test(cell));
}

for (const { name, hex: golden } of GOLDEN_PACKETS) {
  test(`docs/reference/protocol.md shows the golden bytes of "${name}"`, () => {
    const block = page.split(`\`\`\`hex ${name}\n`)[1]?.split("```")[0] ?? "";
    const shown = block.split("\n").map((line) => line.split("#")[0]);
    assert.equal(hex(unhex(shown.join(""))), golden);
  });
}

test("docs/reference/protocol.md shows no packet that is not golden", () => {
  const names = [...page.matchAll(/```hex (.*)\n/g)].map(([, name]) => name);
  assert.deepEqual(
    names,
    GOLDEN_PACKETS.map(({ name }) => name),
  );
});

test("docs/reference/protocol.md gives the limits that the code has", () => {
  const shown = rows(/^`[A-Z_]+_MAX`$/).map(([name = "", value = ""]) => [
    name.replaceAll("`", ""),
    Number(value.replaceAll(",", "")),
  ]);
  assert.ok(shown.length >= 8);
  const known = new Map<unknown, unknown>(Object.entries(limits));
  for (const [name, value] of shown) assert.equal(known.get(name), value, String(name));
});

test("docs/reference/protocol.md numbers kinds and outcomes as the code does", () => {
  const numbered = rows(/^\d+$/).filter(([, name = ""]) => name !== "what");
  const kinds = numbered
    .slice(0, 9)
    .map(([number, name = ""]) => [
      name.replaceAll(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase()),
      Number(number),
    ]);
  assert.deepEqual(Object.fromEntries(kinds), Kind);
  assert.deepEqual(
    numbered.slice(9, 15).map(([, name]) => name),
    [...OUTCOMES],
  );
});

test("docs/reference/protocol.md names reasons with the codes that the code gives them", () => {
  const shown = rows(/./).filter(([, reason = "", code = ""]) => /^`\w+`$/.test(reason) && /^`\w+`$/.test(code));
  assert.ok(shown.length >= 10);
  for (const [, reason = "", code = ""] of shown) {
    const meaning = REASONS[reason.replaceAll("`", "") as keyof typeof REASONS];
    assert.equal(meaning?.code, code.replaceAll("`", ""), reason);
  }
});

test("docs/reference/protocol.md gives the fingerprint of its example", () => {
  assert.ok(page.includes(`give \`${GOLDEN_HEAD.fingerprint}\``));
});

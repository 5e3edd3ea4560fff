import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ROOT } from "./testing/protoc.ts";

const PAGE = "docs/reference/requirements.md";

/** The lines that this release owes, in the order of the page. */
const OWED = [
  ..."A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14 B15".split(
    " ",
  ),
  ..."D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16 G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12 G13 G14 G15 G16 G17 G18 E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12 E13 E14 E15 E16 E17".split(
    " ",
  ),
  ..."F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15 F16 F17 F18 F19".split(" "),
  ..."P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 P13 P14 P15 P16 P17 P18 P19 P20 P21 P22 P23 P24".split(" "),
  ..."0.1.0-1 0.1.0-2 0.1.0-3 0.1.0-4 0.1.0-5 0.1.0-6 0.1.0-7 0.1.0-8 0.1.0-9 0.1.0-10 0.2.0-1 0.2.0-2 0.2.0-3 0.2.0-4 0.2.0-5 0.2.0-6 0.2.0-7 0.2.0-8 0.4.0-1 0.4.0-2 0.4.0-3 0.6.0-1 0.6.0-2 0.6.0-3 0.6.0-4 0.6.0-5 0.6.0-6 0.6.0-7 0.6.0-8 0.6.0-9 0.6.0-10 0.6.0-11 0.6.0-12 0.6.0-13 0.6.0-14 0.7.0-1 0.7.0-2 0.7.0-3 0.7.0-4 0.8.0-7 0.8.0-14 1.0.0-beta-1 1.3.0-2 1.7.0-1 1.7.0-2 1.7.0-3".split(
    " ",
  ),
  ..."H1 H2 H3 H4 H5 H6 H7 H8 H9 H10 H11 H12 H13 H14 H15 H16 H17 H18 H19 H20 H21 H22 H23 H24 H25 H26 H27 H28 H29 H31 H32 H33 H34 H35 H36 H37 H38 H39 H40 H41 H42 H43 H44".split(
    " ",
  ),
  ..."MB0 MB1 MB2 MB3 MB4 MB5 MB6 MB7".split(" "),
];

/** One line of the page: what a user may rely on, and each test that shows it. */
interface Row {
  readonly id: string;
  readonly promise: string;
  readonly tests: readonly { readonly file: string; readonly names: readonly string[] }[];
}

const rows = readFileSync(join(ROOT, PAGE), "utf8")
  .split("\n")
  .filter((line) => /^\| (?:[A-Z]+\d+|\d[\w.-]+) \|/.test(line))
  .map(parseRow);

function parseRow(line: string): Row {
  const [, id = "", promise = "", shown = ""] = line.split("|").map((cell) => cell.trim());
  const tests = shown.split("<br>").map((text) => ({
    file: join(dirname(PAGE), /\]\(([^)]+)\)/.exec(text)?.[1] ?? ""),
    names: [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""),
  }));
  return { id, promise, tests };
}

/** Titles that a file gives to tests, to suites, to cases of a suite and to runs of one; what is computed may be anything. */
function titlesOf(file: string): RegExp[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const titles = text.matchAll(/\b(?:test\w*\(|it\(|describe\(|name: )\s*(?:"([^"\n]+)"|`([^`]+)`|'([^'\n]+)')/g);
  return [...titles].map(([, double, template, single]) => {
    const parts = (double ?? template ?? single ?? "").split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join(".*")}$`);
  });
}

test("the page of requirements has every line that is owed, once and in order", () => {
  assert.deepEqual(
    rows.map(({ id }) => id),
    OWED,
  );
});

for (const { id, promise, tests } of rows) {
  test(`requirement ${id} is shown by tests that exist`, () => {
    assert.ok(promise.length > 20, "what a user may rely on");
    for (const { file, names } of tests) {
      assert.ok(file.endsWith(".ts") && existsSync(join(ROOT, file)), file);
      assert.ok(names.length > 0, `${file}: no test is named`);
      const titles = titlesOf(file);
      for (const name of names) {
        assert.ok(
          titles.some((title) => title.test(name)),
          `${file} has no test "${name}"`,
        );
      }
    }
  });
}

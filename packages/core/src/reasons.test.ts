import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { CODES, isCode } from "./codes.ts";
import { failure } from "./orrery-error.ts";
import { isReason, REASONS, type Reason } from "./reasons.ts";

const page = await readFile(new URL("../../../docs/reference/errors.md", import.meta.url), "utf8");

test("CODES are listed in the reference, each once, and no others", () => {
  const section = page.slice(page.indexOf("## Codes"), page.indexOf("## Reasons"));
  assert.deepEqual(
    [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code),
    [...CODES],
  );
});

test("REASONS are listed in the reference with kind, code, definiteness and meaning", () => {
  const section = page.slice(page.indexOf("## Reasons"));
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\w+) \| `(\w+)` \| (yes|no) \| (.*) \|$/gm)].map((row) =>
    row.slice(1),
  );
  const told = Object.entries(REASONS).map(([reason, { kind, code, definite, summary }]) => [
    reason,
    kind,
    code,
    definite ? "yes" : "no",
    summary,
  ]);
  assert.deepEqual(rows, told);
});

test("REASONS keep the rule: a bounce is always definite, a timeout never", () => {
  for (const [reason, { kind, definite }] of Object.entries(REASONS)) {
    if (kind === "bounced") assert.ok(definite, reason);
    if (kind === "timeout") assert.ok(!definite, reason);
  }
});

test("failure makes the error that its reason means", () => {
  for (const [reason, { kind, code, definite }] of Object.entries(REASONS)) {
    const error = failure(reason as Reason, "Cannot", { where: "here", details: { a: 1 } });
    assert.deepEqual([error.reason, error.kind, error.code, error.definite], [reason, kind, code, definite]);
    assert.deepEqual([error.where, error.details, error.message], ["here", { a: 1 }, "Cannot"]);
  }
});

test("isCode and isReason know their lists and nothing else", () => {
  assert.ok(CODES.every(isCode) && Object.keys(REASONS).every(isReason));
  for (const other of ["", "toString", "__proto__", "OK", "Timeout"]) assert.ok(!isCode(other) && !isReason(other));
});

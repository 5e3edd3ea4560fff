import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureProject } from "../lib/fixture.ts";
import { checkDeterminism } from "./determinism.ts";

function found(text: string, path = "packages/mesh/src/a.ts"): string[] {
  return checkDeterminism(fixtureProject({ [path]: text })).map((finding) => `${finding.line} ${finding.what}`);
}

const bad: readonly [text: string, what: string][] = [
  ["\nconst t = Date.now();", "2 uses Date.now"],
  ["const t = new Date();", "1 uses new Date()"],
  ["const t = Date();", "1 uses new Date()"],
  ["const t = globalThis.Date.now();", "1 uses Date.now"],
  ["setTimeout(run, 5);", "1 uses setTimeout"],
  ["const later = { run: setTimeout };", "1 uses setTimeout"],
  ["globalThis.setTimeout(run, 5);", "1 uses setTimeout"],
  ['globalThis["setInterval"](run, 5);', "1 uses setInterval"],
  ["const t = performance.now();", "1 uses performance"],
  ["const r = Math.random();", "1 uses Math.random"],
  ["const id = crypto.randomUUID();", "1 uses crypto"],
  ["const cwd = process.cwd();", "1 uses process"],
  ["const signal = AbortSignal.timeout(5) as AbortSignal;", "1 uses AbortSignal.timeout"],
  ["const page = await fetch(url);", "1 uses fetch"],
  ["const o = { process };", "1 uses process"],
  ['import { createServer } from "node:net";', '1 imports "node:net"'],
  ['import { randomBytes } from "node:crypto";', '1 imports "node:crypto"'],
  ['const { setTimeout: sleep } = await import("node:timers/promises");', '1 imports "node:timers/promises"'],
];

for (const [text, what] of bad) {
  test(`checkDeterminism refuses ${JSON.stringify(text)}`, () => assert.deepEqual(found(text), [what]));
}

const good: readonly string[] = [
  "const t = new Date(5).toISOString();",
  "const t = Date.parse(text);",
  "let timer: ReturnType<typeof setTimeout>;",
  "function run(process: Process) { return process.id; }",
  "const x = options.process;",
  "const o = { process: 1, setTimeout() {} };",
  'import type { Socket } from "node:net";',
  'import { readFileSync } from "node:fs";',
  "const half = Math.floor(clock.now() / 2);",
  "queueMicrotask(run);",
];

for (const text of good) {
  test(`checkDeterminism accepts ${JSON.stringify(text)}`, () => assert.deepEqual(found(text), []));
}

const anything = 'import "node:net";\nsetTimeout(run, Math.random() * Date.now());';
const free = ["core/src/system-clock.ts", "zmq/src/a.ts", "http/src/server.ts", "cli/src/a.ts", "mesh/src/a.test.ts"];

for (const path of free) {
  test(`checkDeterminism lets packages/${path} touch the machine`, () => {
    assert.deepEqual(found(anything, `packages/${path}`), []);
  });
}

test("checkDeterminism refuses a global of Node even in a system source of core", () => {
  assert.deepEqual(found("const env = process.env;", "packages/core/src/system-env.ts"), ["1 uses process"]);
  assert.deepEqual(found("const bytes = Buffer.alloc(5);", "packages/core/src/a.ts"), ["1 uses Buffer"]);
});

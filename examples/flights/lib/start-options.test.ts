import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStartOptions } from "./start-options.ts";

const GOOD: readonly [string, string[], Record<string, string>, number][] = [
  ["8080 when nothing is said", [], {}, 8080],
  ["PORT of the environment", [], { PORT: "9000" }, 9000],
  ["--port before PORT", ["--port", "9001"], { PORT: "9000" }, 9001],
  ["--port=0", ["--port=0"], {}, 0],
];

for (const [what, words, env, port] of GOOD)
  test(`parseStartOptions takes ${what}`, () => {
    assert.deepEqual(parseStartOptions(words, env), { port });
  });

const BAD: readonly [string, string[], Record<string, string>, RegExp][] = [
  ["a port past the last", ["--port", "65536"], {}, /^Cannot start at port "65536": write a whole number/],
  ["a port that is no number", [], { PORT: "http" }, /^Cannot start at port "http"/],
  ["an empty port", [], { PORT: "" }, /^Cannot start at port ""/],
  ["an unknown option", ["--prot", "80"], {}, /^Cannot start with "--prot 80": Unknown option '--prot', write --port/],
  ["a port that is not given", ["--port"], {}, /^Cannot start with "--port": .*argument missing, write --port 8080$/],
  ["a word too many", ["now"], {}, /^Cannot start with "now": Unexpected argument 'now'/],
];

for (const [what, words, env, message] of BAD)
  test(`parseStartOptions refuses ${what}`, () => {
    assert.throws(() => parseStartOptions(words, env), { code: "invalid_argument", message });
  });

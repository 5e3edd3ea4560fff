import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryMachine, type MemoryMachineState } from "../testing/environment/memory-machine.ts";
import { checkEnvironment, checkReachable } from "./check-environment.ts";
import { parseManifest } from "./parse-manifest.ts";
import { printProblem } from "./problem.ts";

const FOLDER = "/srv/shop";
const at = (yaml: string) => ({ folder: FOLDER, manifest: parseManifest(yaml, { file: "component.yaml" }) });
const check = async (yaml: string, state: MemoryMachineState = {}) =>
  await checkEnvironment(at(yaml), createMemoryMachine(state));
const lines = async (yaml: string, state: MemoryMachineState = {}) =>
  (await check(yaml, state)).problems.map(printProblem);

describe("checkEnvironment", () => {
  it("needs nothing where nothing is said", async () => {
    assert.deepEqual(await lines(""), []);
  });

  const ALL = `
engine: ">=24"
variables: { DATABASE_URL: url, MODE: { type: one-of, values: [a, b] }, FINE: { default: x } }
files: [prices.json, { path: data, is: folder, access: write }]
ports: { http: 8080 }
disk: 2GiB
memory: 1GiB
reach: [{ to: "tcp://db:5432", required: true }, "https://example.com/"]
checks: [check.ts]
`;
  it("tells all that is missing at once, each with what would work, in a stable order", async () => {
    const state: MemoryMachineState = {
      node: "22.1.0",
      variables: { MODE: "c" },
      files: { [`${FOLDER}/data`]: "", [`${FOLDER}/package.json`]: '{"dependencies":{"left":"^1.0.0"}}' },
      taken: { 8080: "process 12 (nginx)" },
      disk: 2 ** 30,
      memory: 2 ** 29,
      ends: {
        "node check.ts": { code: 3, trouble: "it exited with code 3", lines: ["looking", "run migrate.ts", ""] },
      },
    };
    const told = [
      "engine node 22.1.0 does not fit >=24: run it with a Node of >=24",
      'packages left@^1.0.0 is not installed: run npm install in "/srv/shop"',
      "variable DATABASE_URL is missing: set it in the environment",
      'variable MODE is "c": write a or b',
      'file "/srv/shop/prices.json" is missing: put it there',
      'file "/srv/shop/data" is no folder: put a folder there, or change "is"',
      "port 8080 is taken by process 12 (nginx): end that, or set another as ports.http",
      'disk of 2 GiB is not free, only 1 GiB: make room where "/srv/shop" is',
      "memory of 1 GiB is not free, only 512 MiB: end something, or use a bigger machine",
      "reach tcp://db:5432 is not reachable (ECONNREFUSED): start it, or mend the address under reach",
      'check "check.ts" failed, it exited with code 3: run migrate.ts',
    ];
    assert.deepEqual(await lines(ALL, state), told);
    assert.deepEqual(await lines(ALL, state), told);
    const { warnings } = await check(ALL, state);
    assert.deepEqual(warnings.map(printProblem), [
      "reach https://example.com/ is not reachable (ECONNREFUSED): start it; until then this is not ready",
    ]);
  });

  it("never lets a place keep a component from starting that is not required", async () => {
    assert.deepEqual(await lines("reach: ['https://example.com/']"), []);
    const soft = at("reach: ['https://example.com/', { to: 'tcp://db:1', required: true }]");
    assert.equal((await checkReachable(soft, createMemoryMachine({}))).length, 1);
    assert.deepEqual(await checkReachable(soft, createMemoryMachine({ answering: ["https://example.com/"] })), []);
  });

  const VALUES: readonly (readonly [spec: string, text: string, value: unknown])[] = [
    ["string", "x y", "x y"],
    ["integer", "-12", -12],
    ["number", "1.5e3", 1_500],
    ["boolean", "true", true],
    ["url", "postgres://db/shop", "postgres://db/shop"],
    ["duration", "1.5s", 1_500],
    ["{ type: one-of, values: [test, live] }", "live", "live"],
    ["{ from: { env: OTHER } }", "unused", "other"],
    ["{ type: integer, default: 3 }", "", 3],
    ["{ type: duration, default: 2m }", "", 120_000],
  ];
  for (const [spec, text, value] of VALUES)
    it(`reads a variable of ${spec} from ${JSON.stringify(text)}`, async () => {
      const { problems, variables } = await check(`variables: { A: ${spec} }`, {
        variables: { A: text, OTHER: "other" },
      });
      assert.deepEqual(problems, []);
      assert.deepEqual(variables.settings, { A: value });
    });

  const WRONG: readonly (readonly [spec: string, text: string, told: string])[] = [
    ["integer", "1.5", 'is "1.5": write a whole number'],
    ["{ type: integer, min: 1, max: 9 }", "10", 'is "10": write a whole number from 1 up to 9'],
    ["{ type: number, min: 0 }", "-1", 'is "-1": write a number from 0'],
    ["boolean", "yes", 'is "yes": write true or false'],
    ["url", "db", 'is "db": write a URL'],
    ["duration", "5", 'is "5": write a time such as 500ms, 30s or 2m'],
    ["{ type: one-of, values: [a, b] }", "c", 'is "c": write a or b'],
    ["{ about: where orders go, from: { env: X } }", "", "(where orders go) is missing: set X in the environment"],
    ["{ from: { file: no } }", "", 'is missing: write it to "/srv/shop/no"'],
    ["{ from: { file: data } }", "", 'comes from "/srv/shop/data", which is no file: name a file'],
  ];
  for (const [spec, text, told] of WRONG)
    it(`refuses a variable of ${spec} that is ${JSON.stringify(text)}`, async () => {
      const state = { variables: { A: text }, files: { "/srv/shop/data/": "" } };
      assert.deepEqual(await lines(`variables: { A: ${spec} }`, state), [`variable A ${told}`]);
    });

  it("leaves a variable out that need not be there", async () => {
    const { problems, variables } = await check("variables: { A: { required: false } }");
    assert.deepEqual([problems, variables.settings], [[], {}]);
  });

  it("takes a secret from a file that is this user's alone, and from no other", async () => {
    const yaml = "variables: { A: { secret: true, from: { file: secret } } }";
    const files = { "/srv/shop/secret": "hunter2hunter2\n" };
    const { variables } = await check(yaml, { files });
    assert.deepEqual([variables.settings, variables.secrets], [{ A: "hunter2hunter2" }, ["hunter2hunter2"]]);
    assert.deepEqual(await lines(yaml, { files, facts: { "/srv/shop/secret": { isPrivate: false } } }), [
      'variable A comes from "/srv/shop/secret", which others may read: make it yours alone: chmod 600 "/srv/shop/secret"',
    ]);
  });

  it("shows no secret: not where it misfits, and not where a check prints it", async () => {
    const yaml = "variables: { A: { type: integer, secret: true }, B: { secret: true } }\nchecks: [c.ts]";
    const report = await check(yaml, {
      variables: { A: "hunter2", B: "swordfish" },
      ends: { "node c.ts": { code: 1, trouble: "it exited with code 1", lines: ["refused: swordfish"] } },
    });
    assert.deepEqual(report.problems.map(printProblem), [
      "variable A is not what it must be: write a whole number",
      'check "c.ts" failed, it exited with code 1: refused: ***',
    ]);
  });

  it("gives checks the variables and the folder of the component", async () => {
    const machine = createMemoryMachine({ variables: { A: "1s" } });
    await checkEnvironment(at("variables: { A: duration }\nchecks: [{ run: [look, here], within: 5s }]"), machine);
    assert.deepEqual(machine.orders, [
      { words: ["look", "here"], cwd: FOLDER, variables: { A: "1000ms" }, timeoutMs: 5_000 },
    ]);
  });

  const PACKAGES: readonly (readonly [what: string, files: Record<string, string>, told: readonly string[]])[] = [
    ["installed in the folder", { "/srv/shop/node_modules/a/package.json": '{"version":"1.4.0"}' }, []],
    ["installed around the folder", { "/srv/node_modules/a/package.json": '{"version":"1.0.0"}' }, []],
    [
      "of another version",
      {
        "/srv/shop/node_modules/a/package.json": '{"version":"2.0.0"}',
        "/srv/node_modules/a/package.json": '{"version":"1.0.0"}',
      },
      ['packages a@^1.0.0 (there is 2.0.0) is not installed: run npm install in "/srv/shop"'],
    ],
    [
      "not installed, with a lockfile",
      { "/srv/shop/package-lock.json": "{}" },
      ['packages a@^1.0.0 is not installed: run npm ci in "/srv/shop"'],
    ],
  ];
  for (const [what, files, told] of PACKAGES)
    it(`judges a package ${what}`, async () => {
      const own = { "/srv/shop/package.json": '{"dependencies":{"a":"^1.0.0"},"devDependencies":{"b":"1"}}' };
      assert.deepEqual(await lines("", { files: { ...own, ...files } }), told);
      assert.deepEqual(await lines("packages: false", { files: { ...own, ...files } }), []);
    });
});

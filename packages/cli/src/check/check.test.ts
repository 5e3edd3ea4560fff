import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type } from "../testing/memory-terminal.ts";
import { orrery } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-check-"));
const server = createServer();
let port = 0;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
};
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  port = (server.address() as AddressInfo).port;
  write(
    "shop/component.yaml",
    `variables: { SHOP_DATABASE: { type: url, about: where orders are kept } }
files: [prices.json]
ports: { http: ${port} }
checks: [{ name: schema, script: check.mjs }]
reach: ["tcp://127.0.0.1:1"]
commands: { beforeStart: [before.mjs], afterShutdown: [before.mjs] }
`,
  );
  write("shop/check.mjs", 'console.log("looking"); console.log("run migrate.ts first"); process.exitCode = 2;');
  write("shop/before.mjs", 'import { writeFileSync } from "node:fs"; writeFileSync("started", "");');
  write("shop/index.js", 'import { writeFileSync } from "node:fs"; writeFileSync("shop/started", "");');
  write("fine/component.yaml", "engine: '>=20'");
  write("bare/index.js", "");
  write("wrong/component.yaml", "name: wrong\nports: { http: 99999 }");
});
after(() => {
  server.close();
  rmSync(cwd, { recursive: true });
});

const missing = () => [
  "variable SHOP_DATABASE (where orders are kept) is missing: set it in the environment",
  `file "${join(cwd, "shop/prices.json")}" is missing: put it there`,
  `port ${port} is taken by process ${process.pid} (${readFileSync("/proc/self/comm", "utf8").trim()}): end that, or set another as ports.http`,
  'check "schema" failed, it exited with code 2: run migrate.ts first',
];

describe("orrery check", () => {
  it("prints a line with what would work for each of four things that are missing, and fails", async () => {
    const { exit, out, err } = await orrery(["check", "shop", "fine"], { cwd });
    assert.deepEqual(out.split("\n"), [
      "shop: 4 things are missing",
      ...missing().map((line) => `  ${line}`),
      "  (not needed to start) reach tcp://127.0.0.1:1 is not reachable (ECONNREFUSED): start it; until then this is not ready",
      "fine: all is there",
      "",
    ]);
    assert.deepEqual([exit, err], [1, ""]);
  });

  it("prints the same for programs", async () => {
    const { exit, out } = await type(["check", "shop", "--output=json"], { cwd });
    const { fine, folders } = JSON.parse(out) as {
      fine: boolean;
      folders: readonly {
        folder: string;
        problems: readonly { kind: string; what: string; why: string; fix: string }[];
      }[];
    };
    assert.deepEqual([exit, fine, folders[0]?.folder], [1, false, join(cwd, "shop")]);
    assert.deepEqual(
      folders[0]?.problems.map(({ kind, what, why, fix }) => `${kind} ${what} ${why}: ${fix}`),
      missing(),
    );
  });

  it("has nothing to say where all is there, and where nothing is asked for", async () => {
    assert.deepEqual(await type(["check", "fine"], { cwd }), { exit: 0, out: "fine: all is there\n", err: "" });
    const { exit, out } = await type(["check", "bare"], { cwd });
    assert.deepEqual([exit, out], [0, "Nothing is asked for: there is no component.yaml\n"]);
  });

  it("tells where a manifest is wrong", async () => {
    const { exit, err } = await type(["check", "wrong"], { cwd });
    assert.equal(exit, 1);
    assert.match(err, /wrong\/component\.yaml:2:16: "ports\.http" is 99999: write a whole number from 1 to 65535\n$/);
  });

  it("refuses a path that is not there, and none", async () => {
    assert.equal((await type(["check", "none"], { cwd })).exit, 4);
    assert.equal((await type(["check"], { cwd })).exit, 2);
  });

  it("prints the JSON Schema of what may stand in a manifest", async () => {
    const { exit, out } = await type(["check", "--schema"], { cwd });
    const { title, properties } = JSON.parse(out) as { title: string; properties: object };
    assert.deepEqual([exit, title], [0, "component.yaml"]);
    assert.ok("variables" in properties);
  });
});

describe("orrery run", () => {
  for (const isolate of ["none", "process"])
    it(`starts nothing while anything is missing, with --isolate=${isolate}`, async () => {
      const { exit, out, err } = await orrery(["run", "shop", `--isolate=${isolate}`], { cwd });
      assert.equal(exit, 1);
      assert.equal(out, "");
      assert.deepEqual(err.trim().split("\n"), [
        "Cannot start: 4 things are missing",
        ...missing().map((line) => `  shop: ${line}`),
      ]);
      assert.equal(existsSync(join(cwd, "shop/started")), false);
    });
});

import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { defineService, isOrreryError, json } from "@orrery/core";
import { type App, type AppEvent, type LaunchOptions, type LifeEvent, launchHere, launchProcesses } from "@orrery/mesh";
import { makeScratch, writeFiles } from "./testing/scratch.ts";

const LISTEN = "tcp://127.0.0.1:0";
const SECRET = "correct-horse-battery";
const root = makeScratch();

/** A script that adds a word to the trace of its folder. */
const tracing = (word: string) => `
  import { appendFileSync } from "node:fs";
  appendFileSync("trace", "${word}\\n");
  console.log("${word} with", process.env.GREETING, process.env.KEY);
`;

/** A component that traces its life, and tells what it was given and what it found beside it. */
const componentOf = (name: string) => `
  import { appendFileSync } from "node:fs";
  import { defineComponent, defineService, json } from "@orrery/core";
  import { major } from "library";

  const trace = (word) => appendFileSync(new URL("trace", import.meta.url), word + "\\n");
  const service = defineService("${name}", { tell: { request: json(), reply: json() } });
  export default defineComponent(service, ({ settings, version, onStart, onReady, onStop }) => {
    onStart(() => trace("start"));
    onReady(() => trace("ready"));
    onStop(() => trace("stop"));
    return { tell: () => ({ major, settings, version, pid: process.pid, env: process.env.GREETING ?? "" }) };
  });
`;

const MANIFEST = `
version: 2.1.0
engine: ">=24"
variables:
  GREETING: { default: hello }
  PATIENCE: { type: duration, default: 1.5s }
  KEY: { secret: true, from: { file: key } }
checks: [check.mjs]
commands:
  beforeStart: [before.mjs]
  afterShutdown: [after.mjs]
`;

function filesOf(name: string, major: number): Readonly<Record<string, string>> {
  const library = { name: "library", version: `${major}.2.0`, type: "module", exports: "./index.js" };
  const files: Record<string, string> = {
    "component.yaml": MANIFEST,
    "package.json": JSON.stringify({ name, type: "module", dependencies: { library: `^${major}.0.0` } }),
    "node_modules/library/package.json": JSON.stringify(library),
    "node_modules/library/index.js": `export const major = ${major};`,
    "index.js": componentOf(name),
    "check.mjs": tracing("check"),
    "before.mjs": tracing("before"),
    "after.mjs": tracing("after"),
    key: `${SECRET}\n`,
  };
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text]));
}

writeFiles(root, { ...filesOf("shop", 1), ...filesOf("bank", 2) });
for (const name of ["shop", "bank"]) chmodSync(join(root, name, "key"), 0o600);

interface Told {
  readonly major: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly version: string;
  readonly pid: number;
  readonly env: string;
}

const ask = async (app: App, name: string): Promise<Told> => {
  const service = defineService(name, { tell: { request: json<unknown>(), reply: json<Told>() } });
  return await app.node.client(service).tell({});
};
const traceOf = (name: string): readonly string[] => {
  const file = join(root, name, "trace");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};

type Launch = (options: Omit<LaunchOptions, "listen" | "cwd">) => Promise<App>;
const LAUNCHES: readonly (readonly [what: string, launch: Launch])[] = [
  ["launchHere", (options) => launchHere({ ...options, cwd: root, listen: LISTEN })],
  ["launchProcesses", (options) => launchProcesses({ ...options, cwd: root, listen: LISTEN })],
];
const LIFE = ["check", "before", "start", "ready", "stop", "after"];

for (const [what, launch] of LAUNCHES)
  describe(what, () => {
    beforeEach(() => {
      for (const name of ["shop", "bank"]) rmSync(join(root, name, "trace"), { force: true });
    });

    it("runs folders whose manifests want two majors of one library, each with its own", async () => {
      await using app = await launch({ paths: ["shop", "bank"] });
      const [shop, bank] = [await ask(app, "shop"), await ask(app, "bank")];
      assert.deepEqual([shop.major, bank.major], [1, 2]);
      assert.equal(shop.pid === bank.pid, what === "launchHere");
    });

    it("checks, runs what comes before, starts, stops, and runs what comes after, in this order", async () => {
      const events: LifeEvent[] = [];
      const app = await launch({ paths: ["shop"], onLife: (event) => events.push(event) });
      assert.deepEqual(traceOf("shop"), LIFE.slice(0, 4));
      await app.stop();
      assert.deepEqual(traceOf("shop"), LIFE);
      assert.deepEqual(
        events.map(({ kind, stage, text }) => [kind, stage, text]),
        [
          ["stage", "checking", ""],
          ["stage", "preparing", "before.mjs"],
          ["line", "preparing", "before.mjs: before with hello ***"],
          ["stage", "cleaning", "after.mjs"],
          ["line", "cleaning", "after.mjs: after with hello ***"],
        ],
      );
    });

    it("gives code the variables as settings, and in a process of its own as the environment, too", async () => {
      await using app = await launch({ paths: ["shop"] });
      const { settings, version, env } = await ask(app, "shop");
      assert.deepEqual(settings, { GREETING: "hello", PATIENCE: 1_500, KEY: SECRET });
      assert.equal(version, "2.1.0");
      assert.equal(env, what === "launchHere" ? "" : "hello");
      assert.ok(!JSON.stringify([app.components(), await app.services()]).includes(SECRET));
    });

    it("starts nothing when anything is missing in any folder, and says all of it", async () => {
      writeFiles(root, {
        "far/component.yaml": "variables: { FAR_AWAY: url }\nfiles: [map.json]",
        "far/index.js":
          'import { writeFileSync } from "node:fs"; writeFileSync(new URL("loaded", import.meta.url), "");',
        "near/component.yaml":
          'engine: "<4"\nchecks: [{ run: [node, -e, "console.log(1); console.log(2); process.exit(1)"] }]',
        "near/index.js": "",
      });
      await assert.rejects(launch({ paths: ["shop", "far", "near"] }), (error) => {
        assert.ok(isOrreryError(error) && error.code === "failed_precondition");
        assert.deepEqual(error.message.split("\n  "), [
          "Cannot start: 4 things are missing",
          "far: variable FAR_AWAY is missing: set it in the environment",
          `far: file "${join(root, "far/map.json")}" is missing: put it there`,
          `near: engine node ${process.versions.node} does not fit <4: run it with a Node of <4`,
          'near: check "node -e" failed, it exited with code 1: 2',
        ]);
        return true;
      });
      assert.deepEqual(traceOf("shop"), ["check"]);
      assert.equal(existsSync(join(root, "far/loaded")), false);
    });

    it("ends what it had begun when a command before the start fails", async () => {
      writeFiles(root, {
        "torn/component.yaml": "commands: { beforeStart: [torn.mjs], afterShutdown: [after.mjs] }",
        "torn/torn.mjs": 'console.log("no table orders"); process.exit(4);',
        "torn/after.mjs": tracing("after"),
        "torn/index.js": componentOf("torn"),
      });
      rmSync(join(root, "torn/trace"), { force: true });
      await assert.rejects(launch({ paths: ["torn"] }), {
        code: "failed_precondition",
        message: /command "torn\.mjs" failed, it exited with code 4: no table orders$/,
      });
      assert.deepEqual(traceOf("torn"), ["after"]);
    });
  });

describe("launchProcesses", () => {
  it("runs what comes after a process was killed, and checks and prepares again before the next", async () => {
    rmSync(join(root, "shop/trace"), { force: true });
    const restarted = Promise.withResolvers<void>();
    const onEvent = ({ kind }: AppEvent) => (kind === "restarted" ? restarted.resolve() : undefined);
    const app = await launchProcesses({ paths: ["shop"], cwd: root, listen: LISTEN, onEvent });
    after(() => app.kill());
    process.kill((await ask(app, "shop")).pid, "SIGKILL");
    await restarted.promise;
    assert.deepEqual(traceOf("shop"), [...LIFE.slice(0, 4), "after", ...LIFE.slice(0, 4)]);
    await app.stop();
    assert.deepEqual(traceOf("shop").slice(-2), ["stop", "after"]);
  });
});

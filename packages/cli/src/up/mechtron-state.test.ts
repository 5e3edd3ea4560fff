import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Adds one for each request, and says its version and the sum. */
const COUNTER = (version: string) => `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  async http(_request, { state }) {
    const sum = ((await state.get<number>("sum")) ?? 0) + 1;
    await state.set("sum", sum);
    return { body: "${version} " + sum };
  },
});
`;

const APP = `mechtrons:
  filed: { path: counter.js, stateful: true }
  brief: { path: counter.js, stateful: true, persist: None }
routes:
  - { path: /filed, mechtron: filed }
  - { path: /brief, mechtron: brief }
  - { path: /twin, mechtron: "demo.test:app:twin" }
  - { path: /kept, mechtron: "demo.test:app:kept" }
  - { path: /none, mechtron: "demo.test:app:none" }
`;

let up: TestUp;
let cwd: string;
before(async () => {
  cwd = mkdtempSync(join(tmpdir(), "orrery-state-"));
  up = await openTestUp({ cwd });
  await up.done("create demo.test<Space>");
  await publish("1.0.0");
  await up.done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
  const of = "+config=demo.test:app-src:1.0.0:/counter.js";
  await up.done(`create 'demo.test:app:twin<Mechtron>{ ${of} }'`);
  await up.done(`create 'demo.test:app:kept<Mechtron>{ ${of}, +stateful=true }'`);
  await up.done(`create 'demo.test:app:none<Mechtron>{ ${of}, +stateful=true, +persist=None }'`);
  await up.done("auth grant execute on 'demo.test:app:**' to anyone");
  await areReady();
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

async function publish(version: string, app = APP): Promise<void> {
  const src = join(cwd, "src");
  rmSync(src, { recursive: true, force: true });
  mkdirSync(src);
  writeFileSync(join(src, "orrery.yaml"), app);
  await buildScript(join(src, "counter.js"), COUNTER(version));
  await up.done(`publish src demo.test:app-src:${version}`);
}

interface Shown {
  readonly status: { readonly state: string; readonly reason?: string; readonly details?: { readonly runs?: string } };
}

async function until(address: string, is: (status: Shown["status"]) => boolean): Promise<Shown["status"]> {
  for (const lastMs = performance.now() + 60_000; ; ) {
    const { status } = JSON.parse(await up.done(`get ${address} --output=json`)) as Shown;
    if (is(status)) return status;
    assert.ok(performance.now() < lastMs, `${address} is ${JSON.stringify(status)}`);
  }
}

async function areReady(): Promise<void> {
  for (const name of ["app", "app:twin", "app:kept", "app:none", "app:filed", "app:brief"])
    await until(`demo.test:${name}`, ({ state, reason }) => state === "Ready" && reason === undefined);
}

const ask = async (path: string) => (await curl(`${up.web}${path}`, "demo.test")).body;

describe("mechtrons under orrery up", () => {
  it("forget with each message, or remember, as their resources say", async () => {
    assert.deepEqual([await ask("/twin"), await ask("/twin"), await ask("/twin")], ["1.0.0 1", "1.0.0 1", "1.0.0 1"]);
    assert.deepEqual([await ask("/kept"), await ask("/kept"), await ask("/kept")], ["1.0.0 1", "1.0.0 2", "1.0.0 3"]);
    assert.deepEqual([await ask("/none"), await ask("/none")], ["1.0.0 1", "1.0.0 2"]);
  });

  it("remember as the file of their app says", async () => {
    assert.deepEqual([await ask("/filed"), await ask("/filed")], ["1.0.0 1", "1.0.0 2"]);
    assert.deepEqual([await ask("/brief"), await ask("/brief")], ["1.0.0 1", "1.0.0 2"]);
    const { properties } = JSON.parse(await up.done("get demo.test:app:brief --output=json")) as {
      readonly properties: object;
    };
    assert.deepEqual(properties, {
      config: "demo.test:app-src:1.0.0:/counter.js",
      persist: "None",
      stateful: true,
    });
  });

  it("count each of 30 requests at once", async () => {
    const said = await Promise.all(Array.from({ length: 30 }, () => ask("/none")));
    const sums = said.map((text) => Number(text.split(" ")[1])).sort((a, b) => a - b);
    assert.deepEqual(
      sums,
      Array.from({ length: 30 }, (_, index) => index + 3),
    );
  });

  it("remember what they did when they have other code", async () => {
    await publish("2.0.0");
    await up.done("set 'demo.test:app:kept{ +config=demo.test:app-src:2.0.0:/counter.js }'");
    await until("demo.test:app:kept", ({ details }) => details?.runs?.includes(":2.0.0:") === true);
    assert.equal(await ask("/kept"), "2.0.0 4");
  });

  it("remember over the end of their platform with ReplicateToFile, and not with None", async () => {
    await up[Symbol.asyncDispose]();
    up = await openTestUp({ cwd });
    await areReady();
    assert.deepEqual([await ask("/kept"), await ask("/none"), await ask("/twin")], ["2.0.0 5", "1.0.0 1", "1.0.0 1"]);
    assert.deepEqual([await ask("/filed"), await ask("/brief")], ["1.0.0 3", "1.0.0 1"]);
  });

  it("refuse a rule that there is not, one without stateful, and a change of either", async () => {
    const of = "+config=demo.test:app-src:1.0.0:/counter.js";
    const unknown = await up.orrery(
      `create 'demo.test:app:bad<Mechtron>{ ${of}, +stateful=true, +persist=Sometimes }'`,
    );
    assert.notEqual(unknown.exit, 0);
    assert.match(unknown.err, /"Sometimes" does not fit kind Mechtron, it must be one of None, ReplicateToFile/);
    const changed = await up.orrery("set 'demo.test:app:kept{ +persist=None }'");
    assert.notEqual(changed.exit, 0);
    assert.match(changed.err, /persist/);
    await up.done(`create 'demo.test:app:odd<Mechtron>{ ${of}, +persist=None }'`);
    const { reason } = await until("demo.test:app:odd", ({ state }) => state === "Panic");
    assert.match(reason ?? "", /it has persist "None" and is not stateful: create it with stateful=true/);
  });

  it("run on as they were where the file of their app has them another way, which their app says", async () => {
    await publish("3.0.0", APP.replace("counter.js, stateful: true }", "counter.js }"));
    await up.done("set 'demo.test:app{ +config=demo.test:app-src:3.0.0:/orrery.yaml }'");
    const { reason = "" } = await until("demo.test:app", ({ state }) => state === "Panic");
    assert.match(
      reason,
      /its mechtron "filed" does not run as the file says: it is stateful with persist ReplicateToFile/,
    );
    assert.match(reason, /the file has it stateless: give the file's another name, or orrery rm demo.test:app:filed/);
    assert.equal(await ask("/filed"), "1.0.0 4");
    await up.done("rm demo.test:app:filed");
    await areReady();
    assert.deepEqual(
      [await ask("/filed"), await ask("/filed"), await ask("/brief")],
      ["3.0.0 1", "3.0.0 1", "3.0.0 2"],
    );
  });

  it("rest while their Space is suspended, and remember afterwards", async () => {
    await up.done(`set 'demo.test{ +suspended="not paid" }'`);
    const { reason } = await until("demo.test:app:kept", ({ state }) => state === "Paused");
    assert.equal(reason, "demo.test is suspended: not paid");
    assert.match(await ask("/kept"), /is suspended/);
    assert.match((await up.orrery(`set 'demo.test{ !suspended }' --agent=demo.test:users:ann`)).err, /ann/);
    await up.done("set 'demo.test{ !suspended }'");
    await areReady();
    assert.equal(await ask("/kept"), "2.0.0 6");
  });

  it("are forgotten with their resource", async () => {
    const folders = () => readdirSync(join(cwd, "data", "apps", "state")).length;
    assert.equal(folders(), 1);
    await up.done("rm demo.test:app:kept");
    for (const lastMs = performance.now() + 30_000; folders() > 0; ) {
      await up.done("ls demo.test:app");
      assert.ok(performance.now() < lastMs, "its folder is still there");
    }
  });
});

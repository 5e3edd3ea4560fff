import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type App, type AppEvent, launchProcesses } from "./index.ts";
import { isAlive } from "./system-process.ts";
import { Asker } from "./testing/apps/asker.ts";
import { Cached } from "./testing/apps/cached.ts";
import { Counter } from "./testing/apps/counter.ts";
import { APPS } from "./testing/apps.ts";
import { waitUntil } from "./testing/wait-until.ts";

const LISTEN = "tcp://127.0.0.1:0";

describe("launchProcesses", () => {
  let app: App;
  const events: AppEvent[] = [];
  before(async () => {
    app = await launchProcesses({
      paths: ["asker.ts", "counter.ts"],
      cwd: APPS,
      listen: LISTEN,
      instances: new Map([["counter", 2]]),
      onEvent: (event) => events.push(event),
    });
  });
  after(() => app.stop());

  const pidsOf = (name: string) =>
    app
      .components()
      .find((one) => one.name === name)
      ?.instances.map(({ pid }) => pid) ?? [];

  it("runs each instance in a process of its own", () => {
    const pids = [...pidsOf("test.asker"), ...pidsOf("test.counter")];
    assert.equal(new Set([...pids, process.pid]).size, 4);
    assert.equal(app.addresses().length, 3);
  });

  it("lets components call one another, already while they start", async () => {
    const { total, pid, first } = await app.node.client(Asker).ask({});
    assert.ok(total > 0);
    assert.equal(first, 100);
    assert.deepEqual([pid], pidsOf("test.asker"));
  });

  it("learns the contracts from the processes", async () => {
    const services = await app.services();
    assert.deepEqual(
      services.map((service) => ("name" in service ? service.name : "")),
      ["test.asker", "test.counter"],
    );
  });

  it("loses one instance to a crash, keeps answering, and has it back at its address", async () => {
    const [victim = 0, other = 0] = pidsOf("test.counter");
    const addresses = app.addresses();
    const client = app.node.client(Counter);
    for (let i = 0; i < 4; i++) await client.add({ by: 1 }); // Both connections are up.
    process.kill(victim, "SIGKILL");
    await waitUntil(() => events.some(({ kind }) => kind === "crashed"));
    assert.equal((await client.add({ by: 1 })).pid, other);
    for (let i = 0; i < 20; i++) assert.notEqual((await client.add({ by: 1 })).pid, victim);
    await waitUntil(() => events.some(({ kind }) => kind === "restarted"));
    assert.deepEqual(app.addresses(), addresses);
    const [fresh = 0] = pidsOf("test.counter");
    assert.notEqual(fresh, victim);
    await waitUntil(async () => (await client.add({ by: 1 })).pid === fresh);
    assert.deepEqual(
      events.map(({ kind, component, slot }) => [kind, component, slot]),
      [
        ["crashed", "test.counter", 0],
        ["restarted", "test.counter", 0],
      ],
    );
    assert.equal(events[0]?.text, "it was ended by SIGKILL");
  });

  it("stops at the end of an await using block", async () => {
    let pids: number[] = [];
    {
      await using own = await launchProcesses({ paths: ["counter.ts"], cwd: APPS, listen: LISTEN });
      pids = own.components().flatMap(({ instances }) => instances.map(({ pid }) => pid));
      assert.deepEqual(pids.map(isAlive), [true]);
    }
    assert.deepEqual(pids.map(isAlive), [false]);
  });

  it("starts nothing when one cannot be loaded", async () => {
    await assert.rejects(launchProcesses({ paths: ["counter.ts", "nowhere.ts"], cwd: APPS, listen: LISTEN }), {
      code: "not_found",
      message: `Cannot run "nowhere.ts": there is no such file or folder in "${APPS}"`,
    });
  });

  it("starts nothing when a handler is missing, and names it", async () => {
    await assert.rejects(launchProcesses({ paths: ["half.ts"], cwd: APPS, listen: LISTEN }), {
      code: "invalid_argument",
      message:
        'Cannot start component "test.counter": it has no handler for "add", its factory must return one for each method',
    });
  });

  it("refuses one component from two files", async () => {
    await assert.rejects(launchProcesses({ paths: ["counter.ts", "both.ts"], cwd: APPS, listen: LISTEN }), {
      code: "already_exists",
      message:
        'Cannot run component "test.counter" twice: it is in "counter.ts" and "both.ts", run one of them, with --instances test.counter=2 for copies',
    });
  });

  it("refuses one port for two processes", async () => {
    const listen = "tcp://127.0.0.1:7999";
    await assert.rejects(launchProcesses({ paths: ["both.ts"], cwd: APPS, listen }), {
      message: 'Cannot open "tcp://127.0.0.1:7999" in 2 processes: write port 0, so that each gets one of its own',
    });
  });

  it("leaves no process behind when its own process is killed", async () => {
    const parent = fork(fileURLToPath(new URL("./testing/launcher.ts", import.meta.url)), [], {
      execArgv: ["--conditions=source"],
    });
    const [pids] = (await once(parent, "message")) as [number[]];
    assert.equal(pids.filter(isAlive).length, 2);
    parent.kill("SIGKILL");
    await waitUntil(() => !pids.some(isAlive));
  });

  it("lets a process keep compiled code for the next", async () => {
    await using own = await launchProcesses({ paths: ["cached.ts"], cwd: APPS, listen: LISTEN });
    const { folder } = await own.node.client(Cached).where({});
    assert.match(folder ?? "", /node-compile-cache|\/compiled\//);
  });
});

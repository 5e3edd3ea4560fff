import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom, type JsonValue } from "@orrery/core";
import type { Isolate } from "../isolate.ts";
import { createMeshClient } from "../mesh-node.ts";
import { Mirror, type Reflection } from "../testing/supervise/mirror-app.ts";
import { createRealMachine, REAL_RULES } from "../testing/supervise/real-machine.ts";
import { listeningIn, workerThreads } from "../testing/supervise/running-blanks.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { pidWithToken } from "./proc-files.ts";
import { createStateFile } from "./state-file.ts";
import type { SuperviseEvent as Event, SuperviseEvent } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";
import { createSystemControl } from "./system-control.ts";
import { componentProgram } from "./system-door.ts";

const APP = fileURLToPath(new URL("../testing/supervise/mirror-app.ts", import.meta.url));
const HOLDER = fileURLToPath(new URL("../testing/supervise/blank-holder.ts", import.meta.url));
const SUPERVISOR = fileURLToPath(new URL("../testing/supervise/blank-supervisor.ts", import.meta.url));

/** A supervisor in this process, with one blank of a kind, and nothing else yet. */
async function open(isolate: Isolate = "process") {
  const machine = await createRealMachine();
  const folder = join(machine.folder, "s");
  const others = workerThreads();
  const control = createSystemControl({ folder, blanks: { [isolate]: 1 } });
  const events: SuperviseEvent[] = [];
  let routes: ReadonlyMap<string, string> = new Map();
  const supervisor = await createSupervisor({
    control,
    store: createStateFile(join(machine.folder, "state.json")),
    clock: createSystemClock(),
    random: createSystemRandom(),
    onEvent: (event) => void events.push(event),
    onRoutes: (found) => {
      routes = found;
    },
  });
  const running = () =>
    isolate === "process" ? listeningIn(folder) : workerThreads().filter((thread) => !others.includes(thread));
  const children = new Map<string, JsonValue>();
  const pidOf = (name: string) => supervisor.status().find((child) => child.name === name)?.pid ?? 0;
  return {
    machine,
    folder: machine.folder,
    events,
    running,
    status: () => supervisor.status(),
    /** The one that waits, once it is there. */
    async blank(): Promise<number> {
      const taken = () => supervisor.status().map(({ pid }) => pid);
      const waiting = () => running().filter((pid) => !taken().includes(pid));
      await waitUntil(() => waiting().length === 1);
      return waiting()[0] ?? 0;
    },
    /** Adds a child. */
    add(name: string, more: Readonly<Record<string, JsonValue>> = {}) {
      const program = componentProgram({ isolate, paths: [APP], cwd: machine.folder, component: "mirror", node: name });
      children.set(name, { ...program, ...more });
      const all = [...children].map(([child, run]) => ({ name: child, program: run }));
      supervisor.apply({ groups: [{ name: "g", rules: REAL_RULES, children: all }] });
    },
    pidOf,
    whenReady: async (name: string) =>
      await waitUntil(() => supervisor.status().find((child) => child.name === name)?.state === "ready"),
    /** What a child sees of itself. */
    async look(name: string): Promise<Reflection> {
      const directory = { resolve: () => [routes.get(name) ?? ""], components: () => ["mirror"] };
      const client = await createMeshClient({ directory });
      const reflection = await client.client(Mirror).look({});
      await client.stop();
      return reflection;
    },
    async [Symbol.asyncDispose]() {
      await supervisor.kill();
      await control.settled();
      await waitUntil(() => running().length === 0);
      await machine[Symbol.asyncDispose]();
    },
  };
}

function launch(folder: string) {
  const child = fork(SUPERVISOR, [folder], {
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const events: Event[] = [];
  child.on("message", (event) => events.push(event as Event));
  const ready = () => events.filter(({ kind }) => kind === "ready").map(({ pid }) => pid);
  return { process: child, events, ready, end: async (signal: "SIGKILL" | "SIGTERM") => await end(child, signal) };
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  child.kill(signal);
  await once(child, "exit");
}

describe("createSystemControl, blanks: process", () => {
  it("makes the blank the child, which serves at once, and starts another", async () => {
    await using bench = await open();
    const blank = await bench.blank();
    bench.add("a");
    await bench.whenReady("a");
    assert.equal(bench.pidOf("a"), blank);
    assert.deepEqual([(await bench.look("a")).pid, (await bench.look("a")).cwd], [blank, bench.folder]);
    const next = await bench.blank();
    assert.notEqual(next, blank);
    bench.add("b");
    await bench.whenReady("b");
    assert.deepEqual([bench.pidOf("a"), bench.pidOf("b")], [blank, next]);
    assert.deepEqual(
      bench.events.map(({ kind, child, pid }) => [kind, child, pid]),
      [
        ["starting", "a", blank],
        ["ready", "a", blank],
        ["starting", "b", next],
        ["ready", "b", next],
      ],
    );
  });

  it("finds the child that was a blank when its supervisor was killed, and the next blank ends with that supervisor", async () => {
    await using machine = await createRealMachine();
    const folder = join(machine.folder, "s");
    const first = launch(machine.folder);
    await waitUntil(() => first.ready().length === 1 && listeningIn(folder).length === 2);
    const [cold = 0] = first.ready();
    const blank = listeningIn(folder).find((pid) => pid !== cold) ?? 0;
    process.kill(cold, "SIGKILL");
    await waitUntil(() => first.ready().length === 2 && listeningIn(folder).length === 2);
    assert.equal(first.ready()[1], blank);
    const waiting = listeningIn(folder).find((pid) => pid !== blank) ?? 0;
    await first.end("SIGKILL");
    await waitUntil(() => !machine.isAlive(waiting));
    assert.deepEqual([machine.isAlive(blank), listeningIn(folder)], [true, [blank]]);

    const second = launch(machine.folder);
    await waitUntil(() => second.ready().length === 1);
    assert.deepEqual([second.ready(), second.events[0]?.kind], [[blank], "adopted"]);
    await waitUntil(() => listeningIn(folder).length === 2);
    await second.end("SIGTERM");
    await waitUntil(() => readdirSync(folder).length === 0);
    assert.equal(machine.isAlive(blank), false);
  });

  it("starts a child anew whose blank breaks when it is to become one, and counts no failure", async () => {
    await using bench = await open();
    const blank = await bench.blank();
    process.kill(blank, "SIGSTOP"); // It hears nothing.
    bench.add("a");
    assert.equal(bench.pidOf("a"), blank);
    process.kill(blank, "SIGKILL");
    await bench.whenReady("a");
    const [child] = bench.status();
    assert.notEqual(child?.pid, blank);
    assert.deepEqual([child?.restarts, child?.exits, bench.machine.isAlive(blank)], [0, [], false]);
    assert.equal((await bench.look("a")).pid, child?.pid);
    const record = (await createStateFile(join(bench.folder, "state.json")).load())?.processes[0];
    assert.deepEqual([record?.pid, pidWithToken(record?.token ?? "?")], [child?.pid, child?.pid]);
  });

  it("replaces a blank that was killed, and no child sees it", async () => {
    await using bench = await open();
    const blank = await bench.blank();
    process.kill(blank, "SIGKILL");
    await waitUntil(() => !bench.machine.isAlive(blank));
    const next = await bench.blank();
    assert.notEqual(next, blank);
    assert.deepEqual([bench.events, bench.status()], [[], []]);
  });

  it("gives each child its own variables, and those of the supervisor as they are by then", async (t) => {
    process.env["ORRERY_TEST_EARLIER"] = "gone by then";
    t.after(() => delete process.env["ORRERY_TEST_LATER"]);
    await using bench = await open();
    const blank = await bench.blank();
    delete process.env["ORRERY_TEST_EARLIER"];
    process.env["ORRERY_TEST_LATER"] = "there by then";
    bench.add("a", { env: { KEY_OF_A: "a's secret" } });
    await bench.whenReady("a");
    const next = await bench.blank();
    bench.add("b", { env: { KEY_OF_B: "b's secret" } });
    await bench.whenReady("b");
    assert.deepEqual([bench.pidOf("a"), bench.pidOf("b")], [blank, next]);
    const seen = await Promise.all(["a", "b"].map(async (name) => (await bench.look(name)).variables));
    const names = ["KEY_OF_A", "KEY_OF_B", "ORRERY_TEST_EARLIER", "ORRERY_TEST_LATER", "ORRERY_SUPERVISED"];
    assert.deepEqual(
      seen.map((variables) => names.map((name) => variables[name])),
      [
        ["a's secret", undefined, undefined, "there by then", undefined],
        [undefined, "b's secret", undefined, "there by then", undefined],
      ],
    );
    for (const pid of [blank, next])
      assert.ok(!readFileSync(`/proc/${pid}/environ`, "latin1").includes("secret"), "it shows no secret to others");
  });

  it("gives a child what its component.yaml says, and keeps its secrets out of the state", async () => {
    await using bench = await open();
    const app = join(bench.folder, "mirror");
    mkdirSync(app);
    const secret = "correct-horse-battery";
    writeFileSync(join(app, "index.ts"), `export { mirror } from ${JSON.stringify(APP)};\n`);
    writeFileSync(join(app, "component.yaml"), "variables: { KEY: { secret: true, from: { file: key } } }\n");
    writeFileSync(join(app, "key"), secret);
    chmodSync(join(app, "key"), 0o400);
    const blank = await bench.blank();
    bench.add("a", { paths: [app] });
    await bench.whenReady("a");
    assert.equal(bench.pidOf("a"), blank);
    assert.equal((await bench.look("a")).variables["KEY"], secret);
    assert.ok(!readFileSync(join(bench.folder, "state.json"), "utf8").includes(secret));
    const record = (await createStateFile(join(bench.folder, "state.json")).load())?.processes[0];
    assert.equal(pidWithToken(record?.token ?? "?"), blank);
  });

  for (const [what, more] of [
    ["other options of Node", { execArgv: ["--conditions=source", "--max-old-space-size=200"] }],
    ["arguments", { args: ["one"] }],
    ["a variable that Node reads at its start", { env: { NODE_OPTIONS: "--max-old-space-size=200" } }],
  ] as const)
    it(`starts a child anew that has ${what}, and keeps the blank`, async () => {
      await using bench = await open();
      const blank = await bench.blank();
      bench.add("a", more as unknown as Readonly<Record<string, JsonValue>>);
      await bench.whenReady("a");
      assert.notEqual(bench.pidOf("a"), blank);
      assert.equal(await bench.blank(), blank);
    });

  it("says why a child cannot start that was a blank", async () => {
    await using bench = await open();
    const blank = await bench.blank();
    bench.add("a", { paths: ["no-such-file.ts"] });
    await waitUntil(() => bench.events.some(({ kind }) => kind === "ended"));
    const ended = bench.events.find(({ kind }) => kind === "ended");
    assert.deepEqual([ended?.pid, ended?.reason], [blank, "failed-start"]);
    assert.match(ended?.text ?? "", /no-such-file\.ts/);
  });
});

describe("createSystemControl, blanks: thread", () => {
  it("makes the blank the child, with variables of its own, and starts another", async () => {
    await using bench = await open("thread");
    const blank = await bench.blank();
    bench.add("a", { env: { KEY_OF_A: "a's secret" } });
    await bench.whenReady("a");
    const next = await bench.blank();
    bench.add("b", { env: { KEY_OF_B: "b's secret" } });
    await bench.whenReady("b");
    assert.deepEqual([bench.pidOf("a"), bench.pidOf("b")], [blank, next]);
    const [a, b] = await Promise.all(["a", "b"].map(bench.look));
    assert.deepEqual([a?.thread, b?.thread, a?.pid], [blank, next, process.pid]);
    assert.deepEqual([a?.variables["KEY_OF_A"], a?.variables["KEY_OF_B"]], ["a's secret", undefined]);
    assert.deepEqual([b?.variables["KEY_OF_A"], b?.variables["KEY_OF_B"]], [undefined, "b's secret"]);
    assert.equal(process.env["KEY_OF_A"], undefined);
  });
});

it("createSystemControl holds no process up by its blanks, and they end with it", async (t) => {
  await using machine = await createRealMachine();
  const folder = join(machine.folder, "s");
  const holder = fork(HOLDER, [folder], {
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  t.after(() => holder.kill("SIGKILL"));
  const [blank] = (await once(holder, "message")) as [number];
  const [code, signal] = holder.exitCode === null ? await once(holder, "exit") : [holder.exitCode, null];
  assert.deepEqual([code, signal], [0, null]);
  await waitUntil(() => !machine.isAlive(blank) && readdirSync(folder).length === 0);
});

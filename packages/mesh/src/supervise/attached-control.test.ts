import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Life } from "../environment/life.ts";
import type { FromProcess } from "../process-messages.ts";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import { createMemoryProcesses, type MemoryProcesses } from "../testing/memory-processes.ts";
import { type AttachedControl, createAttachedControl } from "./attached-control.ts";
import type { Measures } from "./process-control.ts";
import type { SuperviseEvent, Supervisor } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";

const CHILD = "weather";
const PROGRAM = { paths: ["weather.ts"], cwd: "/" };
const RULES = { startMs: 30_000, pingEveryMs: 1_000, missesMax: 3, settleMs: 0, drainMs: 500, termMs: 100 };

describe("createAttachedControl", () => {
  let clock: ManualClock;
  let host: MemoryProcesses;
  let events: SuperviseEvent[];
  let heard: FromProcess[];
  let measures: Measures | undefined;
  let supervisor: Supervisor;
  let control: AttachedControl;
  const start = async (life?: Life) => {
    clock = createManualClock();
    host = createMemoryProcesses();
    [events, heard, measures] = [[], [], { debugged: false, processorMs: 0, memoryBytes: 0 }];
    control = createAttachedControl({
      host,
      onMessage: (_, message) => heard.push(message),
      measure: () => measures,
      lifeOf: () => life,
    });
    supervisor = await createSupervisor({
      control,
      store: { load: () => Promise.resolve(undefined), save: () => undefined },
      clock,
      random: createSeededRandom(1),
      onEvent: (event) => events.push(event),
    });
    const children = [{ name: CHILD, program: PROGRAM, restart: "always" }] as const;
    supervisor.apply({ groups: [{ name: "all", rules: RULES, children }] });
  };
  beforeEach(() => start());

  const becomeReady = () => {
    host.last().say({ kind: "bound", address: "tcp://127.0.0.1:7001" });
    host.last().say({ kind: "ready" });
  };
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };

  it("has a process load its program, passes on what it says, and tells where it is ready", () => {
    host.last().say({ kind: "loaded", components: [] });
    control.tell(CHILD, { kind: "start", table: {} });
    becomeReady();
    assert.deepEqual(host.last().heard, [{ kind: "load", ...PROGRAM }, { kind: "start", table: {} }, { kind: "ping" }]);
    assert.deepEqual(
      heard.map(({ kind }) => kind),
      ["loaded", "bound", "ready"],
    );
    const [status] = supervisor.status();
    assert.deepEqual([status?.state, status?.pid, status?.address], ["ready", 1, "tcp://127.0.0.1:7001"]);
  });

  it("starts the next when one has ended, and gives up after 5 in 10 s", () => {
    for (let i = 1; i < 5; i++) {
      becomeReady();
      host.last().end({ code: null, signal: "SIGKILL" });
      clock.advance(i * 400);
      assert.equal(host.started, i + 1);
    }
    becomeReady();
    host.last().end({ code: 0, signal: "" });
    clock.advance(60_000);
    assert.equal(host.started, 5);
    assert.deepEqual(
      supervisor.status().map(({ state, restarts }) => [state, restarts]),
      [["given-up", 4]],
    );
  });

  it("tells why a process could not start as the cause of its end", () => {
    host.last().say({ kind: "failed", code: "unavailable", text: "its address is taken", retry: true });
    host.last().end({ code: 1, signal: "" });
    assert.equal(events.at(-1)?.text, "its address is taken");
    assert.deepEqual(
      heard.map(({ kind }) => kind),
      ["failed"],
    );
  });

  it("ends one that answers nothing, unless a debugger holds it or nobody can tell", () => {
    becomeReady();
    for (const held of [{ debugged: true, processorMs: 0, memoryBytes: 0 }, undefined]) {
      measures = held;
      for (let second = 0; second < 30; second++) clock.advance(1_000);
      assert.deepEqual(host.last().signals, []);
    }
    measures = { debugged: false, processorMs: 0, memoryBytes: 0 };
    clock.advance(1_000);
    host.last().say({ kind: "pong" });
    for (let second = 0; second < 4; second++) clock.advance(1_000);
    assert.deepEqual(host.last().signals, ["SIGTERM"]);
    assert.equal(events.findLast(({ kind }) => kind === "ailing")?.reason, "hang");
  });

  it("ends one that is not ready in time, unless a debugger holds it", () => {
    measures = { debugged: true, processorMs: 0, memoryBytes: 0 };
    clock.advance(30_000);
    assert.deepEqual(host.last().signals, []);
    measures = { debugged: false, processorMs: 0, memoryBytes: 0 };
    clock.advance(30_000);
    assert.deepEqual(host.last().signals, ["SIGTERM"]);
    clock.advance(100);
    assert.deepEqual(host.last().signals, ["SIGTERM", "SIGKILL"]);
  });

  it("asks a process to stop, ends it when it does not, and starts no other", async () => {
    becomeReady();
    const stopped = supervisor.stop();
    clock.advance(0);
    assert.deepEqual(host.last().heard.at(-1), { kind: "stop", timeoutMs: 500 });
    clock.advance(599);
    assert.deepEqual(host.last().signals, []);
    clock.advance(1);
    clock.advance(100);
    assert.deepEqual(host.last().signals, ["SIGTERM", "SIGKILL"]);
    host.last().end({ code: null, signal: "SIGKILL" });
    await stopped;
    clock.advance(60_000);
    assert.equal(host.started, 1);
  });

  it("begins a life before each process and ends it after, before the end is told", async () => {
    const told: string[] = [];
    const note = (text: string) => Promise.resolve(text).then((said) => void told.push(said));
    await start({ begin: () => note("begin").then(() => ""), end: () => note("end") });
    assert.equal(host.started, 0);
    await settle();
    becomeReady();
    host.last().end({ code: 1, signal: "" });
    assert.deepEqual([told, events.at(-1)?.kind], [["begin"], "cleaning"]);
    await settle();
    assert.deepEqual([told, events.at(-1)?.kind], [["begin", "end"], "ended"]);
    clock.advance(100);
    await settle();
    assert.deepEqual([told, host.started], [["begin", "end", "begin"], 2]);
  });

  it("replaces a process that holds more memory than its folder lets it", async () => {
    await start({ memoryBytesMax: 50, begin: () => Promise.resolve(""), end: () => Promise.resolve() });
    await settle();
    becomeReady();
    measures = { debugged: false, processorMs: 0, memoryBytes: 51 };
    for (let look = 0; look < 2; look++) {
      host.last().say({ kind: "pong" });
      clock.advance(1_000);
    }
    assert.equal(events.findLast(({ kind }) => kind === "ailing")?.reason, "memory");
    clock.advance(0);
    assert.equal((host.last().heard.at(-1) as { kind: string }).kind, "stop"); // It may finish what it accepted.
  });

  it("starts nothing when a life cannot begin, and says why", async () => {
    await start({ begin: () => Promise.resolve("variable KEY is missing"), end: () => Promise.resolve() });
    await settle();
    assert.equal(host.started, 0);
    const failed = { kind: "failed", code: "failed_precondition", text: "variable KEY is missing", retry: false };
    assert.deepEqual(heard, [failed]);
    assert.equal(events.at(-1)?.text, "variable KEY is missing");
  });

  it("starts nothing that was to end before its life had begun", async () => {
    const begun = Promise.withResolvers<string>();
    let ends = 0;
    await start({ begin: () => begun.promise, end: async () => void ends++ });
    const stopped = supervisor.stop();
    clock.advance(0);
    begun.resolve("");
    await stopped;
    assert.deepEqual([host.started, ends], [0, 1]);
  });
});

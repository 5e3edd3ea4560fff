import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { PROCESS_LOAD_MS_MAX } from "./limits.ts";
import { ProcessSeat, type SeatEvent } from "./process-seat.ts";
import { createManualClock, type ManualClock } from "./testing/manual-clock.ts";
import { createMemoryProcesses, type MemoryProcesses } from "./testing/memory-processes.ts";

const ORDER = {
  kind: "serve",
  component: "weather",
  node: "weather-0",
  listen: "tcp://127.0.0.1:0",
  agent: "anonymous",
  log: "text",
  capture: "",
  journal: "",
} as const;

describe("ProcessSeat", () => {
  let clock: ManualClock;
  let host: MemoryProcesses;
  let events: SeatEvent[];
  let seat: ProcessSeat;
  beforeEach(() => {
    clock = createManualClock();
    host = createMemoryProcesses();
    events = [];
    seat = new ProcessSeat({ host, clock, paths: ["weather.ts"], cwd: "/", onEvent: (_, event) => events.push(event) });
    seat.start(ORDER);
  });

  const becomeReady = (address = "tcp://127.0.0.1:7001") => {
    const process = host.last();
    process.say({ kind: "loaded", components: [] });
    process.say({ kind: "bound", address });
    process.say({ kind: "ready" });
  };

  it("takes a process through load, serve and ready", () => {
    becomeReady();
    assert.equal(seat.state, "ready");
    assert.deepEqual(host.last().heard, [{ kind: "load", paths: ["weather.ts"], cwd: "/" }, ORDER]);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["bound", "ready"],
    );
  });

  it("starts the next after 100 ms, at the same address", () => {
    becomeReady();
    host.last().end({ code: 7, signal: "" });
    assert.deepEqual(events.at(-1), { kind: "crashed", text: "it exited with code 7" });
    clock.advance(99);
    assert.equal(host.started, 1);
    clock.advance(1);
    assert.equal(host.started, 2);
    host.last().say({ kind: "loaded", components: [] });
    assert.deepEqual(host.last().heard.at(-1), { ...ORDER, listen: "tcp://127.0.0.1:7001" });
  });

  it("doubles the pause with each crash, and gives up after 5 in 10 s", () => {
    for (const pauseMs of [100, 200, 400, 800]) {
      becomeReady();
      host.last().end({ code: null, signal: "SIGKILL" });
      clock.advance(pauseMs - 1);
      const before = host.started;
      clock.advance(1);
      assert.equal(host.started, before + 1);
    }
    becomeReady();
    host.last().end({ code: null, signal: "SIGKILL" });
    clock.advance(60_000);
    assert.equal(host.started, 5);
    assert.deepEqual(events.at(-1), {
      kind: "failed",
      code: "internal",
      text: "it ended 5 times in 10 s, the last time because it was ended by SIGKILL",
    });
  });

  it("goes on for ever when crashes are far apart", () => {
    for (let i = 0; i < 20; i++) {
      becomeReady();
      host.last().end({ code: 1, signal: "" });
      clock.advance(10_000);
    }
    assert.equal(seat.restarts, 20);
  });

  it("gives up at once when the first process says that trying again is of no use", () => {
    host.last().say({ kind: "failed", code: "invalid_argument", text: "no handler", retry: false });
    host.last().end({ code: 1, signal: "" });
    assert.deepEqual(events, [{ kind: "failed", code: "invalid_argument", text: "no handler" }]);
  });

  it("tries again when it may help, or when it ran before", () => {
    host.last().say({ kind: "failed", code: "unavailable", text: "others are not up", retry: true });
    host.last().end({ code: 1, signal: "" });
    assert.deepEqual(events, [{ kind: "crashed", text: "others are not up" }]);
    clock.advance(100);
    becomeReady();
    host.last().end({ code: 1, signal: "" });
    clock.advance(200);
    host.last().say({ kind: "failed", code: "invalid_argument", text: "broken edit", retry: false });
    host.last().end({ code: 1, signal: "" });
    assert.deepEqual(events.at(-1), { kind: "crashed", text: "broken edit" });
  });

  it("ends a process that does not load in time", () => {
    clock.advance(PROCESS_LOAD_MS_MAX);
    assert.deepEqual(host.last().signals, ["SIGKILL"]);
    host.last().end({ code: null, signal: "SIGKILL" });
    assert.deepEqual(events, [{ kind: "crashed", text: "it was not loaded within 30 s" }]);
  });

  it("asks a process to stop, ends it when it does not, and starts no other", async () => {
    becomeReady();
    const stopped = seat.stop(500, 100);
    assert.deepEqual(host.last().heard.at(-1), { kind: "stop", timeoutMs: 500 });
    clock.advance(599);
    assert.deepEqual(host.last().signals, []);
    clock.advance(1);
    assert.deepEqual(host.last().signals, ["SIGKILL"]);
    host.last().end({ code: null, signal: "SIGKILL" });
    await stopped;
    clock.advance(60_000);
    assert.equal(host.started, 1);
  });

  it("starts no other when it is stopped during a pause", async () => {
    becomeReady();
    host.last().end({ code: 1, signal: "" });
    await seat.stop(500, 100);
    clock.advance(60_000);
    assert.equal(host.started, 1);
  });
});

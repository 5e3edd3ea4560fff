import assert from "node:assert/strict";
import { test } from "node:test";
import { createHeartbeat } from "./heartbeat.ts";
import { completeTiming } from "./limits.ts";
import { createManualSystem } from "./testing/manual-system.ts";

function setUp(timing = {}) {
  const system = createManualSystem();
  const log: string[] = [];
  const state = { paused: false };
  const heartbeat = createHeartbeat({
    timing: completeTiming({ heartbeatIntervalMs: 100, heartbeatTimeoutMs: 300, ...timing }),
    system,
    ping: () => log.push("ping"),
    paused: () => state.paused,
    onSilent: (silentMs) => log.push(`silent ${silentMs}`),
  });
  return { system, log, state, heartbeat };
}

test("createHeartbeat pings while idle, and gives the peer up after the timeout", () => {
  const { system, log } = setUp();
  system.advance(200);
  assert.deepEqual(log, ["ping"]);
  system.advance(1000);
  assert.deepEqual(log, ["ping", "ping", "silent 300"]);
  assert.equal(system.timers, 0);
});

test("createHeartbeat sends nothing while both sides talk", () => {
  const { system, log, heartbeat } = setUp();
  for (let beat = 0; beat < 20; beat++) {
    heartbeat.heard();
    heartbeat.sent();
    system.advance(100);
  }
  assert.deepEqual(log, []);
});

test("createHeartbeat pings when only the peer talks, so that the peer hears something", () => {
  const { system, log, heartbeat } = setUp();
  for (let beat = 0; beat < 4; beat++) {
    heartbeat.heard();
    system.advance(100);
  }
  assert.deepEqual(log, ["ping", "ping", "ping"]);
});

test("createHeartbeat does not count silence while this side does not read", () => {
  const { system, log, state } = setUp();
  state.paused = true;
  system.advance(2000);
  assert.ok(!log.some((entry) => entry.startsWith("silent")));
  state.paused = false;
  system.advance(300);
  assert.equal(log.at(-1), "silent 300");
});

test("createHeartbeat obeys a shorter time to live that the peer asks for", () => {
  const { system, log, heartbeat } = setUp({ heartbeatTimeoutMs: 10_000 });
  heartbeat.askedFor(250);
  system.advance(1000);
  assert.equal(log.at(-1), "silent 300");
});

test("createHeartbeat ends with stop", () => {
  const { system, log, heartbeat } = setUp();
  heartbeat.stop();
  system.advance(10_000);
  assert.deepEqual(log, []);
  assert.equal(system.timers, 0);
});

test("createHeartbeat with interval 0 does nothing", () => {
  const { system } = setUp({ heartbeatIntervalMs: 0 });
  assert.equal(system.timers, 0);
});

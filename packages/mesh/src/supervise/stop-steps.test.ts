import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../testing/manual-clock.ts";
import { createMemoryStore, ModelMachine } from "../testing/supervise/model-processes.ts";
import { KILLS_MAX } from "./limits.ts";
import type { SuperviseEvent, Supervisor } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";

const rules = { settleMs: 50, drainMs: 300, termMs: 100, pingEveryMs: 1_000 };

describe("stopSteps", () => {
  let clock: ManualClock;
  let machine: ModelMachine;
  let supervisor: Supervisor;
  let events: SuperviseEvent[];
  let routes: ReadonlyMap<string, string>;
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed++) clock.advance(1);
  };
  beforeEach(async () => {
    clock = createManualClock();
    machine = new ModelMachine(clock);
    events = [];
    const random = { next: () => 0, integer: () => 0, bytes: (count: number) => new Uint8Array(count) };
    supervisor = await createSupervisor({
      clock,
      random,
      store: createMemoryStore(),
      control: machine.control(),
      onEvent: (event) => events.push(event),
      onRoutes: (now) => {
        routes = now;
      },
    });
    supervisor.apply({ groups: [{ name: "g", rules, children: [{ name: "a", program: { drainMs: 120 } }] }] });
    pass(10);
    assert.deepEqual([...routes.keys()], ["a"]);
  });

  it("take the route away first, and the process after what is on its way and what it accepted", async () => {
    const stopped = supervisor.stop();
    assert.deepEqual([...routes.keys()], []);
    pass(50 + 120 - 1);
    assert.equal(machine.of("a").alive, true);
    pass(2);
    assert.deepEqual([machine.of("a").alive, machine.of("a").signals], [false, []]);
    await stopped;
  });

  it("end one that does not finish by SIGTERM, then SIGKILL, each in its time", async () => {
    const process = machine.of("a");
    process.isFrozen = true;
    const stopped = supervisor.stop();
    pass(50 + 300 + 100 - 1);
    assert.deepEqual(process.signals, []);
    pass(1);
    assert.deepEqual(process.signals, ["SIGTERM"]);
    pass(99);
    assert.deepEqual(process.signals, ["SIGTERM"]);
    pass(2);
    assert.deepEqual(process.signals, ["SIGTERM", "SIGKILL"]);
    await stopped;
  });

  it("go on at once where a hard end is asked for while a soft one is under way", async () => {
    const process = machine.of("a");
    process.isFrozen = true;
    void supervisor.stop();
    pass(10);
    const killed = supervisor.kill();
    pass(2);
    assert.deepEqual(process.signals, ["SIGKILL"]);
    await killed;
  });

  it("give up on a process that SIGKILL does not end, and say so", () => {
    const process = machine.of("a");
    process.isFrozen = true;
    process.end = () => undefined; // As one that waits for a disk that is gone.
    void supervisor.stop();
    pass(600 + KILLS_MAX * 1_000);
    assert.equal(process.signals.length, 1 + KILLS_MAX);
    assert.deepEqual(events.at(-1)?.text, `process ${process.record.pid} does not end by SIGKILL`);
    assert.equal(machine.running("a").length, 1);
  });
});

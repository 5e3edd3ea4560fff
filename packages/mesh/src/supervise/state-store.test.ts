import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../testing/manual-clock.ts";
import { createMemoryStore, ModelMachine } from "../testing/supervise/model-processes.ts";
import { completeSpec } from "./spec.ts";
import { createStateFile } from "./state-file.ts";
import { parseState, printState } from "./state-store.ts";
import { createSupervisor } from "./supervisor.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-state-"));
after(() => rmSync(folder, { recursive: true }));
const half = { next: () => 0.5, integer: () => 0, bytes: (count: number) => new Uint8Array(count) };

describe("createStateFile", () => {
  it("keeps what was saved last, for its user alone", async () => {
    const file = join(folder, "new", "state.json");
    const store = createStateFile(file);
    assert.equal(await store.load(), undefined);
    const record = { child: "a", token: "t", pid: 7, started: "s", program: { x: 1 }, address: "" };
    store.save({ version: 1, spec: { groups: [] }, processes: [] });
    store.save({ version: 1, spec: { groups: [] }, processes: [record] });
    assert.deepEqual((await store.load())?.processes, [record]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "new")).mode & 0o777, 0o700);
  });

  it("refuses what it cannot read, and the supervisor then touches nothing", async () => {
    const file = join(folder, "broken.json");
    writeFileSync(file, '{"version":1,');
    const clock = createManualClock();
    const machine = new ModelMachine(clock);
    const made = createSupervisor({ clock, random: half, control: machine.control(), store: createStateFile(file) });
    await assert.rejects(made, {
      code: "data_loss",
      message: /^Cannot read supervisor state ".*broken\.json": it is no JSON; /,
    });
    assert.equal(machine.processes.length, 0);
  });
});

describe("parseState", () => {
  it("never crashes on rubbish, and takes back what was printed", () => {
    const state = { version: 1, spec: { groups: [] }, processes: [] } as const;
    assert.deepEqual(parseState(printState(state), "f"), state);
    const rubbish = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constant('{"version":1,"spec":{"groups":[]},"processes":[{}]}'),
    );
    fc.assert(fc.property(rubbish, (text) => assert.throws(() => parseState(text, "f"), { code: "data_loss" })));
  });
});

describe("createSupervisor", () => {
  it("routes nothing to a process that an earlier supervisor had asked to end", async () => {
    const clock = createManualClock();
    const machine = new ModelMachine(clock);
    const store = createMemoryStore();
    const seen: string[] = [];
    const onRoutes = (routes: ReadonlyMap<string, string>) => void seen.push([...routes.values()].join());
    const open = () => createSupervisor({ clock, random: half, control: machine.control(), store, onRoutes });
    const pass = (ms: number) => {
      for (let passed = 0; passed < ms; passed++) clock.advance(1);
    };
    const spec = (program: object) => ({ groups: [{ name: "g", children: [{ name: "a", program: { ...program } }] }] });
    const first = await open();
    first.apply(spec({ drainMs: 500 }));
    pass(10);
    first.apply(spec({ drainMs: 5 }));
    pass(200); // It drains.
    first.release();
    await open();
    pass(1_000);
    assert.deepEqual(seen, ["", "model:1", "", "", "model:2"]); // The fourth is the second supervisor's first.
  });

  it("neither ends nor replaces a process of which nobody can tell who it is", async () => {
    const clock = createManualClock();
    const machine = new ModelMachine(clock);
    const store = createMemoryStore();
    const open = () => createSupervisor({ clock, random: half, control: machine.control(), store });
    const pass = (ms: number) => {
      for (let passed = 0; passed < ms; passed++) clock.advance(1);
    };
    const first = await open();
    first.apply({ groups: [{ name: "g", children: [{ name: "a", program: {} }] }] });
    pass(10);
    first.release();
    machine.of("a").isVeiled = true;
    const second = await open();
    second.apply({ groups: [] });
    pass(20_000);
    assert.deepEqual(
      second.status().map(({ state }) => state),
      ["unknown"],
    );
    assert.equal(machine.of("a").alive, true);
    machine.of("a").isVeiled = false;
    for (let round = 0; round < 6; round++) {
      await Promise.resolve(); // It looks again, and is told later.
      pass(5_000);
    }
    assert.equal(machine.of("a").alive, false);
    assert.deepEqual(second.status(), []);
  });
});

describe("completeSpec", () => {
  const child = { name: "a", program: {} };
  for (const [name, groups, message] of [
    [
      "a bad name",
      [{ name: "g", children: [{ name: "a b", program: 1 }] }],
      /^Cannot supervise child "a b": a name has/,
    ],
    ["a name twice", [{ name: "g", children: [child, child] }], /^Cannot supervise child "a": the name is there twice/],
    ["a strategy", [{ name: "g", strategy: "all", children: [] }], /there is no strategy "all", write one-for-one/],
    ["a rule", [{ name: "g", children: [child], rules: { pause: 1 } }], /there is no rule "pause", write restartsMax/],
    [
      "a number",
      [{ name: "g", children: [child], rules: { drainMs: -1 } }],
      /its rule drainMs is -1, write a number above 0/,
    ],
    [
      "too many",
      [{ name: "g", children: Array.from({ length: 257 }, (_, i) => ({ name: `c${i}`, program: 1 })) }],
      /limits are 256/,
    ],
  ] as const)
    it(`refuses ${name}`, () => assert.throws(() => completeSpec({ groups } as never), { message }));
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock, JsonValue, Random } from "@orrery/core";
import type { ProcessControl } from "../../supervise/process-control.ts";
import type { ChildSpec, GroupSpec, KeepRules } from "../../supervise/spec.ts";
import type { StateStore } from "../../supervise/state-store.ts";
import type { SuperviseEvent, Supervisor } from "../../supervise/supervise.ts";
import { createSupervisor } from "../../supervise/supervisor.ts";

/** Behaviours of a process that is supervised. */
export type SuiteProgram = "serve" | "exit-0" | "exit-3" | "never-ready";
/** What may befall a process. */
export type SuiteDeed = "kill" | "freeze" | "spin" | "hog" | "debug";

/** A machine, real or modelled, on which supervision is tried. */
export interface SuiteMachine extends AsyncDisposable {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: StateStore;
  readonly rules: Partial<KeepRules>;
  /** A control for one supervisor. */
  control(): ProcessControl;
  program(kind: SuiteProgram): JsonValue;
  act(pid: number, deed: SuiteDeed): Promise<void>;
  until(isTrue: () => boolean): Promise<void>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Whether a process runs. */
  isAlive(pid: number): boolean;
}

interface Bench {
  readonly machine: SuiteMachine;
  readonly events: SuperviseEvent[];
  supervisor: Supervisor;
  apply(...groups: GroupSpec[]): Promise<void>;
  pid(child: string): number;
  stateOf(child: string): string;
  /** What happened to a child, as words. */
  story(child: string): readonly string[];
  until(isTrue: () => boolean): Promise<void>;
}

/** The same tests of supervision for every kind of machine; `outlives` says whether children go on when their supervisor is gone. */
export function supervisionSuite(
  kind: string,
  makeMachine: () => Promise<SuiteMachine>,
  { outlives = true }: { readonly outlives?: boolean } = {},
): void {
  const test = (name: string, run: (bench: Bench) => Promise<void>) =>
    it(name, async () => {
      await using machine = await makeMachine();
      const bench = await makeBench(machine);
      try {
        await run(bench);
      } finally {
        const gone = bench.supervisor.kill();
        await machine.until(() => bench.supervisor.status().every(({ pid }) => pid === 0));
        await gone;
      }
    });

  describe(`supervision on ${kind}`, () => {
    testReplacing(test);
    testGroups(test);
    testEnding(test);
    if (outlives) testAdopting(test);
  });
}

type Test = (name: string, run: (bench: Bench) => Promise<void>) => void;

function testReplacing(test: Test): void {
  for (const [deed, reason] of [
    ["kill", "crashed"],
    ["freeze", "hang"],
    ["spin", "spin"],
    ["hog", "memory"],
  ] as const) {
    test(`replaces a process after ${deed}, and says that it was ${reason}`, async (bench) => {
      await bench.apply(group("g", ["a", "b"]));
      const [a, b] = [bench.pid("a"), bench.pid("b")];
      await bench.machine.act(a, deed);
      await bench.until(() => bench.pid("a") !== a && bench.stateOf("a") === "ready");
      assert.equal(bench.machine.isAlive(a), false);
      assert.equal(bench.pid("b"), b);
      const ended = bench.events.filter(({ kind, child }) => kind === "ended" && child === "a");
      assert.deepEqual(
        ended.map((event) => event.reason),
        [reason],
      );
    });
  }

  test("never takes a process for a hang that a debugger holds", async (bench) => {
    await bench.apply(group("g", ["a"]));
    const a = bench.pid("a");
    await bench.machine.act(a, "debug");
    await bench.machine.act(a, "freeze");
    await bench.machine.pass((bench.machine.rules.pingEveryMs ?? 0) * (bench.machine.rules.missesMax ?? 0) * 3);
    assert.deepEqual([bench.pid("a"), bench.stateOf("a")], [a, "ready"]);
  });

  test("gives a crash loop up, and names the last exits", async (bench) => {
    await bench.apply(group("g", [{ name: "a", program: bench.machine.program("exit-3") }, "b"]));
    await bench.until(() => bench.stateOf("a") === "given-up");
    const [a] = bench.supervisor.status();
    assert.match(
      a?.cause ?? "",
      /^Cannot keep "a" up: it ended 5 times within .* s \(it exited with code 3 \(5 times\)\)/,
    );
    assert.equal(bench.stateOf("b"), "ready");
    await bench.machine.pass(300);
    assert.equal(bench.story("a").filter((word) => word === "starting").length, 5);
    bench.supervisor.retry("a");
    await bench.until(() => bench.story("a").filter((word) => word === "starting").length > 5);
  });

  test("starts no process again that ended by itself with 0", async (bench) => {
    await bench.apply(group("g", [{ name: "a", program: bench.machine.program("exit-0") }]), group("h", ["b"]));
    await bench.until(() => bench.stateOf("a") === "finished");
    await bench.machine.pass(300);
    assert.equal(bench.supervisor.status()[0]?.restarts, 0);
  });

  test("ends a process that does not become ready in time", async (bench) => {
    const program = bench.machine.program("never-ready");
    await bench.apply(group("g", [{ name: "a", program, rules: { startMs: 400, restartsMax: 1 } }]));
    await bench.until(() => bench.stateOf("a") === "given-up");
    assert.match(bench.supervisor.status()[0]?.cause ?? "", /it was not ready within 0\.4 s/);
  });
}

function testGroups(test: Test): void {
  test("replaces all children of an all-for-one group, stopped from the last, started from the first", async (bench) => {
    await bench.apply(group("g", ["a", "b", "c"], "all-for-one"));
    const before = ["a", "b", "c"].map(bench.pid);
    const from = bench.events.length;
    await bench.machine.act(bench.pid("b"), "kill");
    await bench.until(() =>
      ["a", "b", "c"].every((name, i) => bench.pid(name) !== before[i] && bench.stateOf(name) === "ready"),
    );
    const order = bench.events.slice(from).filter(({ kind }) => kind === "ended" || kind === "ready");
    assert.deepEqual(
      order.map(({ kind, child }) => `${kind} ${child}`),
      ["ended b", "ended c", "ended a", "ready a", "ready b", "ready c"],
    );
  });

  test("replaces the children of a rest-for-one group that stand behind", async (bench) => {
    await bench.apply(group("g", ["a", "b", "c"], "rest-for-one"));
    const [a, b, c] = ["a", "b", "c"].map(bench.pid);
    await bench.machine.act(b ?? 0, "kill");
    await bench.until(() => bench.pid("c") !== c && bench.stateOf("c") === "ready");
    assert.equal(bench.pid("a"), a);
    assert.notEqual(bench.pid("b"), b);
  });

  test("changes nothing when the same is applied twice, and only what changed otherwise", async (bench) => {
    const spec = group("g", ["a", "b"]);
    await bench.apply(spec);
    const [a, b] = ["a", "b"].map(bench.pid);
    assert.deepEqual(bench.supervisor.apply(bench.supervisor.spec), []);
    await bench.apply(group("g", ["a", "c"]));
    await bench.until(() => bench.story("b").includes("ended asked"));
    assert.equal(bench.machine.isAlive(b ?? 0), false);
    assert.equal(bench.pid("a"), a);
    assert.deepEqual(bench.story("b").slice(-2), ["stopping asked", "ended asked"]);
  });
}

function testAdopting(test: Test): void {
  test("takes over what an earlier supervisor left, and starts nothing twice", async (bench) => {
    await bench.apply(group("g", ["a", "b", "c"]));
    const [a, b, c] = ["a", "b", "c"].map(bench.pid);
    bench.supervisor.release();
    await bench.machine.act(b ?? 0, "kill"); // While nobody watches.
    await bench.until(() => !bench.machine.isAlive(b ?? 0));
    bench.supervisor = await openSupervisor(bench.machine, bench.events);
    await bench.until(() => ["a", "b", "c"].every((name) => bench.stateOf(name) === "ready"));
    assert.deepEqual([bench.pid("a"), bench.pid("c")], [a, c]);
    assert.deepEqual(bench.story("b").slice(-3), ["ended unseen", "starting", "ready"]);
    await bench.machine.act(a ?? 0, "freeze");
    await bench.until(() => bench.pid("a") !== a && bench.stateOf("a") === "ready");
    assert.ok(bench.story("a").includes("ended hang"));
  });
}

function testEnding(test: Test): void {
  test("ends everything in order, and leaves nothing behind", async (bench) => {
    await bench.apply(group("g", ["a", "b"], "rest-for-one"));
    const pids = ["a", "b"].map(bench.pid);
    const stopped = bench.supervisor.stop();
    await bench.until(() => !pids.some((pid) => bench.machine.isAlive(pid)));
    await bench.until(() => bench.events.filter(({ kind }) => kind === "ended").length === 2);
    await stopped;
    const ended = bench.events.filter(({ kind }) => kind === "ended");
    assert.deepEqual(
      ended.map(({ child, reason }) => [child, reason]),
      [
        ["b", "asked"],
        ["a", "asked"],
      ],
    );
    assert.deepEqual((await bench.machine.store.load())?.processes, []);
  });
}

/** A group of children that serve, where only names are given; `apply` fills in programs and rules of the machine. */
function group(name: string, children: readonly (string | ChildSpec)[], strategy?: GroupSpec["strategy"]): GroupSpec {
  const full = children.map((child) => (typeof child === "string" ? { name: child, program: null } : child));
  return { name, children: full, ...(strategy === undefined ? {} : { strategy }) };
}

async function openSupervisor(machine: SuiteMachine, events: SuperviseEvent[]): Promise<Supervisor> {
  const { clock, random, store } = machine;
  const onEvent = (event: SuperviseEvent) => void events.push(event);
  return await createSupervisor({ clock, random, store, control: machine.control(), onEvent });
}

async function makeBench(machine: SuiteMachine): Promise<Bench> {
  const events: SuperviseEvent[] = [];
  const bench: Bench = {
    machine,
    events,
    supervisor: await openSupervisor(machine, events),
    until: (isTrue) => machine.until(isTrue),
    pid: (child) => bench.supervisor.status().find(({ name }) => name === child)?.pid ?? 0,
    stateOf: (child) => bench.supervisor.status().find(({ name }) => name === child)?.state ?? "none",
    story: (child) =>
      events
        .filter((event) => event.child === child)
        .map(({ kind, reason }) => (reason === undefined ? kind : `${kind} ${reason}`)),
    async apply(...groups) {
      const filled = groups.map((one) => ({
        ...one,
        rules: machine.rules,
        children: one.children.map((child) => ({ ...child, program: child.program ?? machine.program("serve") })),
      }));
      bench.supervisor.apply({ groups: filled });
      const serving = groups.flatMap((one) => one.children.filter(({ program }) => program === null));
      await machine.until(() => serving.every(({ name }) => bench.stateOf(name) === "ready"));
    },
  };
  return bench;
}

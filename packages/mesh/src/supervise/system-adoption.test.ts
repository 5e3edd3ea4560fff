import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createRealMachine } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { pidWithToken, startedOf } from "./proc-files.ts";
import type { ProcessRecord, ProcessWatch } from "./process-control.ts";
import type { SuperviseEvent } from "./supervise.ts";
import { createSystemControl } from "./system-control.ts";

const PROGRAM = fileURLToPath(new URL("../testing/supervise/supervisor-process.ts", import.meta.url));

function launch(folder: string): { process: ChildProcess; events: SuperviseEvent[]; pid(child: string): number } {
  const events: SuperviseEvent[] = [];
  const child = fork(PROGRAM, [folder], {
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.on("message", (event) => events.push(event as SuperviseEvent));
  const pid = (name: string) => events.findLast((event) => event.child === name && event.kind === "ready")?.pid ?? 0;
  return { process: child, events, pid };
}

describe("a supervisor of its own process", () => {
  it("may be killed: its children go on, and the next takes them over and ends them in order", async () => {
    await using machine = await createRealMachine();
    const { folder } = machine;
    const first = launch(folder);
    await waitUntil(() => first.pid("a") > 0 && first.pid("b") > 0);
    const pids = [first.pid("a"), first.pid("b")];
    const second = launch(folder);
    const [code] = (await once(second.process, "exit")) as [number];
    assert.equal(code, 1, "two supervisors in one folder");

    first.process.kill("SIGKILL");
    await once(first.process, "exit");
    assert.deepEqual(pids.map(machine.isAlive), [true, true]);

    const third = launch(folder);
    await waitUntil(() => third.pid("a") > 0 && third.pid("b") > 0);
    assert.deepEqual([third.pid("a"), third.pid("b")], pids);
    assert.deepEqual([...new Set(third.events.map(({ kind }) => kind))], ["adopted", "ready"]);

    process.kill(pids[0] ?? 0, "SIGKILL"); // No child of the third, and yet it is seen.
    await waitUntil(() => third.pid("a") !== pids[0]);
    third.process.kill("SIGTERM");
    const [end] = (await once(third.process, "exit")) as [number];
    assert.equal(end, 0);
    assert.deepEqual([...pids, third.pid("a")].map(machine.isAlive), [false, false, false]);
    assert.deepEqual(readdirSync(join(folder, "s")), []);
  });
});

describe("createSystemControl", () => {
  const watch: ProcessWatch = { ready: () => {}, pong: () => {}, failed: () => {}, exit: () => {} };
  const stranger = async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await once(child, "spawn");
    return child;
  };
  const recordOf = (pid: number, started: string): ProcessRecord => {
    return { child: "a", token: "0123456789abcdef0123456789abcdef", pid, started, program: null, address: "" };
  };

  for (const [name, startedBy] of [
    ["that started at another time", () => "boot/1"],
    ["that has no token", (pid: number) => startedOf(pid)],
  ] as const)
    it(`takes a process of the right number ${name} for another's, and leaves it alone`, async () => {
      await using machine = await createRealMachine();
      const child = await stranger();
      const pid = child.pid ?? 0;
      const found = await machine.control().find(recordOf(pid, startedBy(pid)), watch);
      assert.equal(found.kind, "gone");
      assert.equal(machine.isAlive(pid), true);
      child.kill("SIGKILL");
      await once(child, "exit");
    });

  it("finds a process by its token that was started just before its supervisor died", async () => {
    await using machine = await createRealMachine();
    const control = machine.control();
    const prepared = control.prepare("a", machine.program("serve"));
    const born = control.spawn(prepared, watch);
    born.release();
    const found = await machine.control().find(prepared, watch); // The record has no number yet.
    assert.equal(found.kind === "running" ? found.process.record.pid : 0, born.record.pid);
    assert.equal(pidWithToken(prepared.token), born.record.pid);
    if (found.kind === "running") found.process.signal("SIGKILL");
    await waitUntil(() => !machine.isAlive(born.record.pid));
    if (found.kind === "running") found.process.release();
  });

  it("refuses a folder whose sockets nobody could open", () => {
    assert.throws(() => createSystemControl({ folder: `/tmp/${"x".repeat(99)}` }), {
      message: /^Cannot keep sockets in "\/tmp\/x+": its name is too long for Unix sockets, choose a folder nearer/,
    });
  });
});

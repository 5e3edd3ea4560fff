import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import type { CagedProcess, CageLimits, Isolation, ProcessStart } from "@orrery/mesh/supervise";
import { BREAK_OUT, BURST, FILL, FORK, HOLD } from "./break-out.ts";

/** An isolation, and how processes of the platform's user are started where it is made for another. */
export interface IsolationHarness {
  /** Makes it over a folder of the platform's data. */
  open(data: string): Isolation;
  /** Starts what `enclose` gave as its user. Default: as this one. */
  as?(start: ProcessStart): ProcessStart;
  /** As whom files of its processes are, where they are another's than this process's. */
  readonly user?: number;
  /** Whether it bounds memory itself. */
  readonly boundsMemory: boolean;
}

const MIB = 1024 * 1024;
const LIMITS: CageLimits = {
  of: "plan developer",
  memoryBytes: 128 * MIB,
  processors: 1,
  threadsMax: 48,
  scratchBytes: 8 * MIB,
};

/** What a program that tries to break out found. */
interface Found {
  readonly read: Readonly<Record<string, string>>;
  readonly wrote: Readonly<Record<string, string>>;
  readonly reached: Readonly<Record<string, string>>;
  readonly processes: readonly string[];
  readonly variables: readonly string[];
  readonly rights: string;
}

/** Tests an isolation by programs that try to break out: what every cage promises. */
export function testIsolation(name: string, harness: IsolationHarness): void {
  describe(`${name}, as every cage,`, () => {
    const world = createWorld(harness);
    before(() => world.open());
    after(() => world.close());

    it("shows a program its own files and sockets, and nothing else of the machine", async () => {
      const found = await world.breakOut();
      const refused = (all: Readonly<Record<string, string>>) =>
        Object.entries(all).filter(([, how]) => how === "done");
      assert.deepEqual(refused(found.read), [["own", "done"]]);
      assert.deepEqual(
        refused(found.wrote).map(([what]) => what),
        ["scratch", "journal"],
      );
      assert.deepEqual(refused(found.reached), [["own", "done"]]);
      assert.deepEqual(found.processes, ["1", "2"]);
      assert.deepEqual(found.variables, ["HOME", "ORDER", "PATH", "PWD", "TMPDIR"]);
      assert.match(found.rights, /^CapEff:\t0+\nCapBnd:.*\nNoNewPrivs:\t1$/);
    });

    it("refuses more processes than it may have, and what else is in its cage runs on", async () => {
      const { out, code } = await world.run(FORK);
      assert.equal(code, 0);
      const { started, refusal } = JSON.parse(out) as { started: number; refusal: string };
      assert.equal(refusal, "EAGAIN");
      assert.equal(started < LIMITS.threadsMax, true, `${started} processes were started`);
    });

    it("gives it no more of a scratch than it may have", async () => {
      const { out } = await world.run(FILL);
      const { bytes, refusal } = JSON.parse(out) as { bytes: number; refusal: string };
      assert.equal(refusal, "ENOSPC");
      assert.equal(bytes <= LIMITS.scratchBytes, true, `${bytes} bytes were written`);
    });

    it("ends what takes more memory than it may, alone, and says by which limit", {
      skip: !harness.boundsMemory && "no control group bounds memory, supervisors look at it",
    }, async () => {
      const neighbour = world.start(HOLD);
      await neighbour.says();
      const { why, code } = await world.run(BURST);
      assert.equal(why, "killed: memory limit 128 MiB of plan developer");
      assert.notEqual(code, 0);
      assert.equal(neighbour.child.exitCode ?? neighbour.child.signalCode, null);
      neighbour.kill();
      assert.equal((await neighbour.ended()).why, undefined);
    });

    it("ends all that was started in it with the process that keeps it", async () => {
      const one = world.start(HOLD);
      await one.says();
      const body = one.body();
      assert.notEqual(body, one.child.pid);
      one.kill();
      await one.ended();
      while (isThere(body)) await new Promise((resolve) => setTimeout(resolve, 5));
    });
  });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A machine with the platform's data, another tenant, and servers. */
function createWorld({ open, as = (start) => start, user }: IsolationHarness) {
  const folder = mkdtempSync(join(tmpdir(), "orrery-cages-"));
  const data = join(folder, "data");
  const at = (...names: readonly string[]) => join(data, ...names);
  const [own, other] = [at("apps", "own"), at("apps", "other")];
  const servers: Server[] = [];
  let isolation: Isolation | undefined;
  let port = 0;
  let count = 0;
  const listen = async (where: { readonly path: string } | { readonly port: number; readonly host: string }) => {
    const server = createServer((socket) => socket.end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(where, resolve));
    return server;
  };
  const start = (code: string) => {
    const caged: CagedProcess = {
      id: `p${++count}`,
      cage: {
        ...{ owner: "demo.test:app", sockets: join(own, "s"), limits: LIMITS },
        readable: [join(own, "code")],
        writable: [join(own, "journal")],
      },
    };
    const used = known(isolation);
    const order = JSON.stringify({ own, other, data, port, code: join(own, "code", "main.txt") });
    const plain = { command: process.execPath, args: ["-e", code], env: { ORDER: order }, cwd: join(own, "code") };
    const { command, args, env, cwd } = as(used.enclose(plain, caged));
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    return runOf(child, used, caged);
  };
  const run = async (code: string) => {
    const one = start(code);
    const out = await text(one.child.stdout as NodeJS.ReadableStream);
    return { out, ...(await one.ended()) };
  };
  return {
    start,
    run,
    breakOut: async () => JSON.parse((await run(BREAK_OUT)).out) as Found,
    open: async () => {
      for (const place of [join(own, "code"), join(own, "s"), join(own, "journal"), join(other, "s")])
        mkdirSync(place, { recursive: true });
      for (const file of [join(own, "code", "main.txt"), join(other, "main.txt"), at("secrets.key")])
        writeFileSync(file, "it is there");
      chmodSync(folder, 0o755);
      isolation = open(data);
      port = ((await listen({ port: 0, host: "127.0.0.1" })).address() as { port: number }).port;
      for (const path of [join(own, "s", "platform"), join(other, "s", "platform")]) {
        await listen({ path });
        isolation.lend(path, "demo.test:app");
        if (user !== undefined) chmodSync(path, 0o666);
      }
      if (user !== undefined) for (const place of ["s", "journal"]) chmodSync(join(own, place), 0o777);
    },
    close: () => {
      for (const server of servers) server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process in a cage, from its start to what ended it. */
function runOf(child: ChildProcess, isolation: Isolation, caged: CagedProcess) {
  const exited = new Promise<{ code: number | null; signal: string }>((resolve) => {
    child.once("exit", (code, signal) => {
      endGroup(child); // What it left runs on otherwise.
      resolve({ code, signal: signal ?? "" });
    });
  });
  return {
    child,
    says: () => new Promise<unknown>((resolve) => child.stdout?.once("data", resolve)),
    body: () => isolation.bodyOf(child.pid ?? 0, caged),
    kill: () => endGroup(child),
    ended: async () => {
      const end = await exited;
      return { ...end, why: isolation.ended(end, caged) };
    },
  };
}

function endGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The world is used before it is open");
  return value;
}

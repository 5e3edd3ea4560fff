import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { createSystemClock } from "@orrery/core";
import { openManagedPostgres } from "@orrery/registry";
import { type Ended, orrery, type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-up-"));
chmodSync(cwd, 0o755); // As root, PostgreSQL runs as another user, who must get in.
const ANY_PORTS = ["--port=0", "--http=0", "--web-port=0"];
const running = new Set<Running>();
const databases = new Set<number>();
after(() => {
  for (const { child } of running) child.kill("SIGKILL");
  for (const pid of databases) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
  rmSync(cwd, { recursive: true, force: true });
});

type Ready = RunEvent & {
  readonly database: { readonly pid: number; readonly found: boolean };
  readonly revision: number;
};

async function start(words: readonly string[] = []): Promise<{ up: Running; ready: Ready }> {
  const up = startEvents(["up", ...ANY_PORTS, ...words], { cwd });
  running.add(up);
  const ready = (await up.next("ready")) as Ready;
  if (ready.database.pid > 0) databases.add(ready.database.pid);
  return { up, ready };
}

/** Ends it as Ctrl-C or a service manager does. */
async function stop({ child, ended }: Running, signal: "SIGINT" | "SIGTERM"): Promise<Ended> {
  child.kill(signal);
  return await ended;
}

const at = (ready: Ready) => ({ cwd, env: { ORRERY_SERVER: ready.address } });

describe("orrery up", () => {
  it("keeps everything in one folder, whether it is ended or killed, and refuses another one over it by its process", async () => {
    const first = await start();
    assert.equal(first.ready.database.found, false);
    for (const words of [
      ["create", "demo.test<Space>"],
      ["set", 'demo.test{ +title="Hi" }'],
    ])
      assert.equal((await orrery(words, at(first.ready))).exit, 0);
    const other = await orrery(["up", ...ANY_PORTS], { cwd });
    assert.equal(other.exit, 1);
    assert.match(
      other.err,
      new RegExp(`orrery up runs over it already, process ${first.up.child.pid}, stop that first`),
    );
    assert.equal(statSync(join(cwd, ".orrery", "data", "secrets.key")).mode & 0o777, 0o600);

    const ended = await stop(first.up, "SIGTERM");
    assert.deepEqual([ended.exit, existsSync(join(cwd, ".orrery", "run"))], [0, false]);
    assert.equal(isAlive(first.ready.database.pid), false);

    const second = await start();
    assert.deepEqual([second.ready.revision, second.ready.database.found], [7, false]);
    second.up.child.kill("SIGKILL");
    await second.up.ended;

    const third = await start();
    assert.deepEqual([third.ready.revision, third.ready.database.found], [7, true]);
    await third.up.says("Found a database that was left running");
    assert.equal((await orrery(["get", "demo.test{ title }"], at(third.ready))).out, "Hi\n");
    assert.equal((await stop(third.up, "SIGINT")).exit, 0);
    assert.equal(isAlive(third.ready.database.pid), false);
  });

  for (const which of ["pglite", "postgres://…"])
    it(`refuses another one over its folder by its process with --database=${which}`, async (t) => {
      const data = `--data=twice-${which.slice(0, 6)}`;
      const words = [data, `--database=${which === "pglite" ? which : await openServer(t)}`];
      const { up } = await start(words);
      const other = await orrery(["up", ...ANY_PORTS, ...words], { cwd });
      assert.equal(other.exit, 1);
      assert.match(other.err, new RegExp(`orrery up runs over it already, process ${up.child.pid}, stop that first`));
      assert.equal((await stop(up, "SIGTERM")).exit, 0);
    });

  it("says what has its port, and what to type", async () => {
    const { up, ready } = await start(["--database=pglite", "--data=other"]);
    const port = ready.address.split(":").at(-1);
    const twin = await orrery(
      ["up", `--port=${port}`, "--http=0", "--web-port=0", "--database=pglite", "--data=twin"],
      { cwd },
    );
    assert.equal(twin.exit, 4);
    assert.match(twin.err, new RegExp(`${port}.*\\n.*\\nTry: orrery up --port=0 --http=0 --web-port=0`));
    assert.equal((await stop(up, "SIGTERM")).exit, 0);
  });

  it("answers whoever comes by HTTP as somebody unknown", async () => {
    const { up, ready } = await start(["--database=pglite", "--data=web"]);
    assert.equal((await orrery(["create", "demo.test<Space>"], at(ready))).exit, 0);
    const reply = await fetch(`${ready.http}/orrery.registry.v1.RegistryService/Get`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ address: "demo.test" }),
    });
    assert.equal(reply.status, 403);
    assert.match(await reply.text(), /no rule lets anonymous read demo.test/);
    assert.equal((await stop(up, "SIGTERM")).exit, 0);
  });
});

/** A PostgreSQL that is somebody else's; gives its URL. */
async function openServer(t: TestContext): Promise<string> {
  const { pid, url, close } = await openManagedPostgres({ folder: join(cwd, "server"), clock: createSystemClock() });
  databases.add(pid);
  t.after(close);
  return url;
}

/** One that has ended and that nobody asked how is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

import assert from "node:assert/strict";
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createSystemClock, isOrreryError } from "@orrery/core";
import { sql } from "kysely";
import { openManagedPostgres } from "./system-managed-postgres.ts";
import { findPostgres } from "./system-postgres-program.ts";

const clock = createSystemClock();

function temporary(t: { after(does: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-managed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One that has ended is not alive, though its parent was not told yet. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

describe("openManagedPostgres", () => {
  it("makes a database, stops it cleanly, and finds what was written", async (t) => {
    const folder = temporary(t);
    const steps: string[] = [];
    const first = await openManagedPostgres({ folder, clock, onProgress: (step) => void steps.push(step) });
    await sql`create table kept (n int)`.execute(first.kysely);
    await sql`insert into kept values (7)`.execute(first.kysely);
    const { pid } = first;
    await first.close();
    assert.equal(isAlive(pid), false);
    assert.match(readFileSync(join(folder, "postgres.log"), "utf8"), /database system is shut down/);
    assert.deepEqual(steps, ["making a database", "starting PostgreSQL"]);
    assert.equal(statSync(join(folder, "password")).mode & 0o777, 0o600);
    const second = await openManagedPostgres({ folder, clock });
    assert.deepEqual(
      [(await sql`select n from kept`.execute(second.kysely)).rows, second.isFound],
      [[{ n: 7 }], false],
    );
    await second.close();
  });

  it("finds the server that a process left which died, and one that was killed starts anew", async (t) => {
    const folder = temporary(t);
    const left = await openManagedPostgres({ folder, clock });
    await sql`create table kept (n int)`.execute(left.kysely);
    await left.kysely.destroy();
    const found = await openManagedPostgres({ folder, clock });
    assert.deepEqual([found.isFound, found.pid], [true, left.pid]);
    await sql`insert into kept values (7)`.execute(found.kysely);
    await found.kysely.destroy();
    process.kill(found.pid, "SIGKILL");
    while (isAlive(found.pid)) await clock.sleep(10);
    const again = await openManagedPostgres({ folder, clock });
    assert.deepEqual([(await sql`select n from kept`.execute(again.kysely)).rows, again.isFound], [[{ n: 7 }], false]);
    await again.close();
  });

  it("waits for processes of a killed server that are not gone yet, says so, and begins when they are", async (t) => {
    const folder = temporary(t);
    const left = await openManagedPostgres({ folder, clock });
    await sql`create table kept (n int)`.execute(left.kysely);
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(left.kysely);
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, "SIGSTOP");
    process.kill(left.pid, "SIGKILL");
    while (isAlive(left.pid)) await clock.sleep(10);
    const steps: string[] = [];
    const again = await openManagedPostgres({
      folder,
      clock,
      onProgress: (step) => {
        steps.push(step);
        if (step.startsWith("waiting")) process.kill(backend, "SIGCONT");
      },
    });
    assert.deepEqual(steps, ["starting PostgreSQL", "waiting for processes of a PostgreSQL that was killed"]);
    assert.deepEqual((await sql`select n from kept`.execute(again.kysely)).rows, []);
    await again.close();
    await left.kysely.destroy().catch(() => undefined);
  });

  const LEFT = {
    "one that is dead, but was not asked how it ended": `
      sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done; echo $$' & exec sleep 1000`,
    "another program": "echo $$; exec sleep 1000",
  };
  for (const [whose, script] of Object.entries(LEFT))
    it(`starts where a server was killed whose pid is of ${whose}`, async (t) => {
      const folder = temporary(t);
      const { user } = await findPostgres();
      const first = await openManagedPostgres({ folder, clock });
      const pidFile = join(folder, "data", "postmaster.pid");
      const lines = readFileSync(pidFile, "utf8").split("\n");
      await first.close();
      const ids = user === undefined ? {} : { uid: user.uid, gid: user.gid };
      const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"], cwd: "/", ...ids });
      t.after(() => child.kill("SIGKILL"));
      const [pid] = await once(createInterface({ input: child.stdout }), "line");
      if (whose !== "another program") while (isAlive(Number(pid))) await clock.sleep(10);
      writeFileSync(pidFile, [pid, ...lines.slice(1)].join("\n"), { mode: 0o600 });
      if (user !== undefined) chownSync(pidFile, user.uid, user.gid);
      const again = await openManagedPostgres({ folder, clock });
      assert.deepEqual([again.isFound, (await sql`select 7 as n`.execute(again.kysely)).rows], [false, [{ n: 7 }]]);
      await again.close();
    });

  const skip = userInfo().uid !== 0 && "the other tests do it: they run as an ordinary user already";
  it("runs for an ordinary user as himself, in a folder that nobody else may enter", { skip }, async (t) => {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "nobody"]).toString()));
    const nobody = { uid, gid, cwd: "/" };
    const program = fileURLToPath(new URL("../testing/use-postgres.ts", import.meta.url));
    for (const path of [program, process.execPath])
      if (spawnSync("test", ["-r", path], nobody).status !== 0) return t.skip(`user nobody may not read ${path}`);
    const home = temporary(t);
    chownSync(home, uid ?? 0, gid ?? 0);
    const folder = join(home, "postgres");
    const words = ["--conditions=source", program, folder];
    const { stdout } = await promisify(execFile)(process.execPath, words, nobody);
    const modes = [0o700, 0o700, 0o600];
    assert.deepEqual(JSON.parse(stdout), { user: uid, server: uid, modes, rows: [{ n: 7 }] });
  });

  it("says why it cannot open what another version wrote, and where it may not enter", async (t) => {
    const folder = temporary(t);
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "PG_VERSION"), "14\n");
    await assert.rejects(
      openManagedPostgres({ folder, clock }),
      (error) =>
        isOrreryError(error) && error.message.includes("it is of PostgreSQL 14, this is 18, move it by pg_upgrade"),
    );
    if (userInfo().uid !== 0) return;
    const closed = join(temporary(t), "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    await assert.rejects(
      openManagedPostgres({ folder: join(closed, "db"), clock }),
      (error) => isOrreryError(error) && error.message.includes("may not enter it: choose another folder"),
    );
  });
});

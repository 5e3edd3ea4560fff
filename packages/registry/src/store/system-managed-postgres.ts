import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Clock, OrreryError } from "@orrery/core";
import pg from "pg";
import { POSTGRES_AGAIN_MS, POSTGRES_ASK_EVERY_MS, POSTGRES_START_MS, POSTGRES_STOP_MS } from "../limits.ts";
import type { Database } from "./database.ts";
import { openPostgres } from "./system-postgres.ts";
import { findPostgres, type PostgresProgram } from "./system-postgres-program.ts";

/** Options of a PostgreSQL server that this process manages. */
export interface ManagedPostgresOptions {
  /** Its data, settings and log; made where it is missing. Whoever calls holds the lock of it. */
  readonly folder: string;
  /** Bounds its waits. */
  readonly clock: Clock;
  /** Which PostgreSQL. Default: the 18 that is installed beside this package. */
  readonly program?: PostgresProgram;
  /** Told in words how far a start has come. Default: nobody. */
  readonly onProgress?: (step: string) => void;
}

/** A database on a server of its own. */
export interface ManagedPostgres extends Database {
  readonly pid: number;
  /** Whether it ran already, left by a process that died. */
  readonly isFound: boolean;
  /** For other programs, such as psql. */
  readonly url: string;
}

const DATABASE = "orrery";
const USER = "orrery";

/**
 * Starts PostgreSQL 18 in a folder, or finds the one that runs there. It listens on a Unix socket alone, with a password that stands in the folder.
 * `close` stops it, and what it acknowledged is on the disk by then.
 * @throws OrreryError `failed_precondition` where it cannot run here, `unavailable` with the end of its log where it does not start
 */
export async function openManagedPostgres(options: ManagedPostgresOptions): Promise<ManagedPostgres> {
  const { folder, clock, onProgress } = options;
  const program = options.program ?? (await findPostgres());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (program.user !== undefined) chmodSync(folder, 0o711); // It must get in; what lies there is closed by itself.
  assertMayEnter(folder, program);
  const data = join(folder, "data");
  if (!existsSync(data)) initialize(folder, program, onProgress);
  assertVersion(data, program);
  const password = readFileSync(join(folder, "password"), "utf8").trim();
  const running = readPidFile(data);
  const urlAt = ({ sockets }: Server, database: string) =>
    `postgres://${USER}:${password}@/${database}?host=${encodeURIComponent(sockets)}`;
  const open = async (one: Server) => {
    await untilReady({ url: urlAt(one, "postgres"), server: one, folder, clock });
    return one;
  };
  const server =
    running === undefined ? await startAlone({ folder, program, onProgress, clock, open }) : await open(running);
  const urlOf = (database: string) => urlAt(server, database);
  await ensureDatabase(urlOf("postgres"), running !== undefined);
  const url = urlOf(DATABASE);
  const database = openPostgres({ url });
  const close = async () => {
    await database.close();
    await stop(server, clock);
  };
  return { ...database, close, pid: server.pid, isFound: running !== undefined, url };
}

/** A folder above that is closed to it would end in errors of the server that say less. */
function assertMayEnter(folder: string, { user }: PostgresProgram): void {
  if (user === undefined || spawnSync("test", ["-x", folder], { cwd: "/", ...asUser(user) }).status === 0) return;
  const why = `user "${user.name}", who runs PostgreSQL because it refuses root, may not enter it: choose another folder, or run chmod o+x on those above`;
  throw new OrreryError("failed_precondition", `Cannot keep a database in "${folder}": ${why}`);
}

interface Server {
  readonly pid: number;
  /** Folder of its socket. */
  readonly sockets: string;
  readonly child?: ChildProcess;
}

function initialize(
  folder: string,
  { initdb, user }: PostgresProgram,
  onProgress: ManagedPostgresOptions["onProgress"],
): void {
  onProgress?.("making a database");
  const unfinished = join(folder, "data.new");
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  if (user !== undefined) for (const path of [unfinished, passwordFile]) chownSync(path, user.uid, user.gid);
  const words = [
    "-D",
    unfinished,
    "-U",
    USER,
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  try {
    execFileSync(initdb, words, {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: unfinished,
      ...asUser(user),
      env: environment(),
    });
  } catch (cause) {
    const told = String((cause as { stderr?: Buffer }).stderr ?? cause)
      .trim()
      .slice(-600);
    throw new OrreryError(
      "failed_precondition",
      `Cannot make a database in "${folder}"${user === undefined ? "" : ` as user "${user.name}"`}: ${told}`,
      { cause },
    );
  }
  renameSync(unfinished, join(folder, "data"));
}

function assertVersion(data: string, program: PostgresProgram): void {
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (version !== program.version)
    throw new OrreryError(
      "failed_precondition",
      `Cannot open the database in "${data}": it is of PostgreSQL ${version}, this is ${program.version}, move it by pg_upgrade`,
    );
}

/** The server that runs over this data, if one does. */
function readPidFile(data: string): Server | undefined {
  const path = join(data, "postmaster.pid");
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").split("\n");
  const pid = Number(lines[0]);
  const sockets = lines[4]?.trim() ?? "";
  if (sockets !== "" && isServerOf(pid, data)) return { pid, sockets };
  if (isNoServer(pid)) rmSync(path); // PostgreSQL would wait for whoever has that pid now to end.
  return undefined;
}

/** Whether a pid is of one that is dead, but that nobody asked how it ended, or of another program by now. Where that cannot be seen it is not. */
function isNoServer(pid: number): boolean {
  try {
    if (readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) return true;
    const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return program !== "" && !/^postgres\b/.test(basename(program));
  } catch {
    return false;
  }
}

/** A pid may be another program's by now. */
function isServerOf(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(data);
  } catch {
    return false;
  }
}

function start(
  folder: string,
  { postgres, user }: PostgresProgram,
  onProgress: ManagedPostgresOptions["onProgress"],
): Server {
  onProgress?.("starting PostgreSQL");
  const data = join(folder, "data");
  const sockets = mkdtempSync(join(tmpdir(), "orrery-pg-")); // The path of a socket may have 107 bytes.
  chmodSync(sockets, 0o700);
  if (user !== undefined) chownSync(sockets, user.uid, user.gid);
  const log = openSync(join(folder, "postgres.log"), "a", 0o600);
  const settings = {
    listen_addresses: "",
    unix_socket_directories: sockets,
    max_connections: "100",
    wal_level: "minimal",
    max_wal_senders: "0",
  };
  const words = ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const child = spawn(postgres, words, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: data,
    ...asUser(user),
    env: environment(),
  });
  child.on("error", () => {}); // Told by its missing pid.
  closeSync(log);
  child.unref();
  if (child.pid === undefined)
    throw new OrreryError("unavailable", `Cannot start PostgreSQL in "${folder}": "${postgres}" does not run`);
  return { pid: child.pid, sockets, child };
}

/** What a server says that may not begin while processes of one that was killed still have its memory. */
const HELD = "pre-existing shared memory block";

/** Starts a server; where processes of one that was killed are about to end, waits for them and starts it again. */
async function startAlone({
  folder,
  program,
  onProgress,
  clock,
  open,
}: {
  readonly folder: string;
  readonly program: PostgresProgram;
  readonly onProgress: ManagedPostgresOptions["onProgress"];
  readonly clock: Clock;
  readonly open: (server: Server) => Promise<Server>;
}): Promise<Server> {
  const log = join(folder, "postgres.log");
  const end = clock.monotonic() + POSTGRES_START_MS;
  for (let tries = 1; ; tries++) {
    const from = existsSync(log) ? statSync(log).size : 0;
    const server = start(folder, program, tries === 1 ? onProgress : undefined);
    try {
      return await open(server);
    } catch (error) {
      const isHeld = readFileSync(log).subarray(from).includes(HELD);
      if (!isHeld || clock.monotonic() >= end) throw error;
      rmSync(server.sockets, { recursive: true, force: true });
      if (tries === 1) onProgress?.("waiting for processes of a PostgreSQL that was killed");
      await clock.sleep(POSTGRES_AGAIN_MS);
    }
  }
}

function asUser(user: PostgresProgram["user"]): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

/** Settings of clients, such as PGHOST, are not meant for it. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" };
}

async function untilReady({
  url,
  server,
  folder,
  clock,
}: {
  url: string;
  server: Server;
  folder: string;
  clock: Clock;
}): Promise<void> {
  const end = clock.monotonic() + POSTGRES_START_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (cause) {
      await client.end().catch(() => {});
      const isGone = server.child !== undefined && server.child.exitCode !== null;
      if (!isGone && clock.monotonic() < end) {
        await clock.sleep(POSTGRES_ASK_EVERY_MS);
        continue;
      }
      const log = readFileSync(join(folder, "postgres.log"), "utf8").trim().split("\n").slice(-5).join("\n  ");
      throw new OrreryError(
        "unavailable",
        `Cannot start PostgreSQL in "${folder}": ${isGone ? "it ended" : "it does not answer"}\n  ${log}`,
        { cause },
      );
    }
  }
}

/** What a process that died had begun must be over before anybody looks: whoever holds the lock now is alone. */
const END_OTHERS =
  "select pg_terminate_backend(pid, $2) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()";

async function ensureDatabase(url: string, isFound: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
    if (isFound) await client.query(END_OTHERS, [DATABASE, POSTGRES_STOP_MS]);
  } finally {
    await client.end();
  }
}

/** Asks it to end its sessions and write what is left; then to end at once, which loses nothing either. */
async function stop({ pid, sockets }: Server, clock: Clock): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      break;
    }
    const end = clock.monotonic() + POSTGRES_STOP_MS;
    while (isAlive(pid) && clock.monotonic() < end) await clock.sleep(POSTGRES_ASK_EVERY_MS);
    if (!isAlive(pid)) break;
  }
  rmSync(sockets, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return true;
  }
}

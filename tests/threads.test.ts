import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { startServer } from "./testing/start-server.ts";

const skip = !existsSync("/proc/self/task") && "threads are counted in /proc, which only Linux has";
const CALLS = 1000;

/** Threads of Node's own pool for files and names; they start at the first use, so how many there are is chance. */
const POOL = /^libuv-worker$/;

/** Names of a process's threads, but for those of the pool, sorted. */
function threadsOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  const names = readdirSync(tasks).map((task) => readFileSync(join(tasks, task, "comm"), "utf8").trim());
  return names.filter((name) => !POOL.test(name)).sort();
}

/** Sockets that a process holds, of some of the kernel's tables. */
function socketsOf(pid: number, tables: readonly (readonly [name: string, inodeColumn: number])[]): string[] {
  const inodes = new Set(tables.flatMap(([name, column]) => inodesOf(`/proc/${pid}/net/${name}`, column)));
  const files = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  return files.filter((file) => inodes.has(/^socket:\[(\d+)\]$/.exec(file)?.[1] ?? ""));
}

function inodesOf(table: string, column: number): string[] {
  if (!existsSync(table)) return [];
  const [, ...rows] = readFileSync(table, "utf8").trimEnd().split("\n");
  return rows.map((row) => row.trim().split(/\s+/)[column] ?? "");
}

const TCP = ["tcp", "tcp6"].map((name) => [name, 9] as const);
const UDP = ["udp", "udp6"].map((name) => [name, 9] as const);
const UNIX = [["unix", 6]] as const;

/** Where a file descriptor leads; nowhere when it is closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

async function startProgram(name: string): Promise<ChildProcess> {
  const words = ["--conditions=source", join(import.meta.dirname, "testing", name)];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  await once(child, "exit");
}

test("a node that serves over ZeroMQ has the threads of a bare Node process, and no other", { skip }, async () => {
  const bare = await startProgram("bare.ts");
  await using server = await startServer();
  await using client = clientOf(server.address);
  const relay = client.client(RelayService);
  await Promise.all(Array.from({ length: CALLS }, () => relay.echo({ payload: { data: new Uint8Array(1000) } })));
  assert.deepEqual(threadsOf(server.pid), threadsOf(bare.pid ?? 0));
  await end(bare);
});

test("a node that serves over ZeroMQ has TCP sockets and no others of its own", { skip }, async () => {
  const bare = await startProgram("bare.ts");
  await using server = await startServer();
  await using client = clientOf(server.address);
  await client.client(RelayService).echo({});
  assert.equal(socketsOf(server.pid, TCP).length, 2); // The listener, and the client's connection.
  assert.deepEqual(socketsOf(server.pid, UDP), []);
  // Node makes Unix sockets of the three streams between a process and its parent.
  assert.equal(socketsOf(server.pid, UNIX).length, socketsOf(bare.pid ?? 0, UNIX).length);
  await end(bare);
});

test("a node in memory mode opens no socket while its components call one another", { skip }, async () => {
  const program = await startProgram("memory-nodes.ts");
  assert.deepEqual(socketsOf(program.pid ?? 0, [...TCP, ...UDP]), []);
  await end(program);
});

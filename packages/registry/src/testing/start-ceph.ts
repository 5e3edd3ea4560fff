import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A Ceph of one machine with its S3 gateway, in memory. */
export interface Ceph {
  /** URL of the gateway. */
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
  /** Ends its processes, and takes all away. */
  [Symbol.asyncDispose](): Promise<void>;
}

const CLUSTER = "9f5e7b0a-3a1b-4a3e-8f54-5bd1a3a3d001";
const DISK = "5c1c2a4e-7c54-4f2a-9d52-8f3c2f2a0001";
const KEYS = { key: "orrery", secret: "orrery-secret" };
/** For a machine with much else to do. */
const START_MS = 180_000;

/** Starts Ceph as Debian has it: a monitor, a manager, a store in memory and the gateway. Takes 13 s where nothing else runs. */
export async function startCeph(): Promise<Ceph> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-ceph-"));
  const [monitor, gateway] = [await freePort(), await freePort()];
  const config = join(folder, "ceph.conf");
  writeFileSync(config, configText({ folder, monitor, gateway }));
  for (const name of ["mon", "osd", "mgr", "rgw"]) mkdirSync(join(folder, name));
  const env = { ...process.env, CEPH_CONF: config };
  const children: ChildProcess[] = [];
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"], timeout: START_MS });
  const start = (command: string, ...args: string[]) => {
    const log = openSync(join(folder, `${command}.out`), "a");
    const child = spawn(command, ["-f", ...args], { cwd: folder, env, stdio: ["ignore", log, log] });
    closeSync(log);
    children.push(child);
  };
  const dispose = async () => {
    for (const child of children) child.kill("SIGKILL");
    for (const child of children) if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const all = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"];
    for (const [index, name] of ["mon.", "client.admin", "client.rgw", "mgr.a", "osd.0"].entries())
      run("ceph-authtool", ...(index === 0 ? ["--create-keyring"] : []), "keyring", "--gen-key", "-n", name, ...all);
    run("monmaptool", "--create", "--fsid", CLUSTER, "--addv", "a", `[v2:127.0.0.1:${monitor}]`, "monmap");
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring");
    start("ceph-mon", "-i", "a");
    start("ceph-mgr", "-i", "a");
    run("ceph", "--connect-timeout", String(START_MS / 1000), "osd", "new", DISK);
    run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", DISK);
    start("ceph-osd", "-i", "0");
    start("radosgw", "-n", "client.rgw");
    const endpoint = `http://127.0.0.1:${gateway}`;
    await untilAnswers(endpoint, () => readFileSync(join(folder, "radosgw.out"), "utf8"));
    const { key, secret } = KEYS;
    const user = ["--uid=orrery", "--display-name=orrery", `--access-key=${key}`, `--secret-key=${secret}`];
    run("radosgw-admin", "user", "create", ...user);
    return { endpoint, ...KEYS, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function configText({ folder, monitor, gateway }: { folder: string; monitor: number; gateway: number }): string {
  return `[global]
fsid = ${CLUSTER}
mon initial members = a
mon host = [v2:127.0.0.1:${monitor}]
public addr = 127.0.0.1
ms bind ipv6 = false
run dir = ${folder}
admin socket = ${folder}/$name.asok
log file = ${folder}/$name.log
pid file = ${folder}/$name.pid
mon data = ${folder}/mon
osd data = ${folder}/osd
mgr data = ${folder}/mgr
rgw data = ${folder}/rgw
keyring = ${folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 0
mgr initial modules =
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${gateway}
`;
}

async function untilAnswers(url: string, log: () => string): Promise<void> {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (cause) {
      if (performance.now() > end) throw new Error(`Ceph's gateway does not answer at ${url}: ${log()}`, { cause });
      await pause(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

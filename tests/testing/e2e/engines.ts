import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createSystemClock } from "@orrery/core";
import { openManagedPostgres } from "@orrery/registry";

/** What may stand beside `orrery up` and keep things for it. */
export const ENGINES = ["postgres", "nats"] as const;

/** One of them. */
export type Engine = (typeof ENGINES)[number];

/** One that runs. */
export interface RunningEngine {
  /** Flags by which `orrery up` uses it, and variables. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Why an engine cannot run here; undefined where it can. */
export function whyNot(engine: Engine): string | undefined {
  if (engine !== "nats" || spawnSync("nats-server", ["--version"]).status === 0) return undefined;
  return "nats-server is not installed, see tools/system-packages.ts";
}

/** Starts one over a folder of its own. */
export function startEngine(engine: Engine, folder: string): Promise<RunningEngine> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return engine === "nats" ? startNats(folder) : startPostgres(folder);
}

async function startPostgres(folder: string): Promise<RunningEngine> {
  const server = await openManagedPostgres({ folder: join(folder, "postgres"), clock: createSystemClock() });
  const [, password = ""] = /^postgres:\/\/[^:]+:([^@]*)@/.exec(server.url) ?? [];
  return {
    flags: [`--database=${server.url.replace(`:${password}@`, "@")}`],
    env: { PGPASSWORD: decodeURIComponent(password) },
    close: () => server.close(),
  };
}

async function startNats(folder: string): Promise<RunningEngine> {
  const words = ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", join(folder, "nats"), "--ports_file_dir", folder];
  const child = spawn("nats-server", words, { stdio: "ignore" });
  const { nats } = JSON.parse(await portsOf(folder, child)) as { readonly nats: readonly string[] };
  return {
    flags: [`--events=nats://127.0.0.1:${new URL(nats[0] ?? "").port}`],
    env: {},
    close: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** What it writes of its ports, once it is there. */
async function portsOf(folder: string, child: ChildProcess): Promise<string> {
  while (child.exitCode === null) {
    const name = readdirSync(folder).find((one) => one === `nats-server_${child.pid}.ports`);
    const text = name === undefined ? "" : readFileSync(join(folder, name), "utf8");
    if (text.endsWith("}")) return text;
    await pause(10);
  }
  throw new Error(`Cannot start nats-server: it ended with ${child.exitCode}`);
}

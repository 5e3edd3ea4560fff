import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cgroups, openCgroups } from "@orrery/mesh/internal";
import { quoted, runScript } from "../system-command.ts";
import { assembly, inOwnMounts } from "./assembly.ts";
import type { ContainerBackend, ContainerStart, StartedContainer } from "./container-backend.ts";
import { catchesTerm, usageOfTree } from "./process-facts.ts";
import { runcConfig } from "./runc-config.ts";
import { type KeeperProcess, signal, spawnScript } from "./system-spawn.ts";

/** Options of `openRuncBackend`. */
export interface RuncBackendOptions {
  /** Of letters, digits and `-`: names its control groups, and what runc knows of its containers. */
  readonly name: string;
}

/** Where runc keeps what it knows, in memory; it outlives this process, so that what an earlier one left is found. */
const STATE = "/run";
const CGROUPS = "/sys/fs/cgroup";

/** Opens what starts containers by runc; gives instead why it cannot. */
export async function openRuncBackend({ name }: RuncBackendOptions): Promise<ContainerBackend | string> {
  if (process.getuid?.() !== 0) return "the runtime is not root, start it as root";
  if ((await runScript("command -v runc")).code !== 0) return "there is no runc, install it (apt install runc)";
  const state = join(STATE, `${name}-runc`);
  await sweepState(state);
  const cgroups = openCgroups({ name, below: "/" });
  if (cgroups?.controls.has("memory") !== true) return "there are no control groups that bound memory, mount them";
  mkdirSync(state, { recursive: true, mode: 0o700 });
  return new RuncBackend({ name, state, cgroups });
}

/** Ends containers that an earlier process left, with all that runc knows of them. */
async function sweepState(state: string): Promise<void> {
  if (!existsSync(state)) return;
  for (const id of readdirSync(state)) await runScript(`runc --root ${quoted(state)} delete --force ${quoted(id)}`);
  rmSync(state, { recursive: true, force: true });
}

interface RuncBackendState extends RuncBackendOptions {
  readonly state: string;
  readonly cgroups: Cgroups;
}

/** Owns: containers of runc, and the control groups that it makes below one of ours. */
class RuncBackend implements ContainerBackend {
  readonly kind = "container";
  readonly users = "all";
  readonly lacks: readonly string[] = [];
  readonly #name: string;
  readonly #state: string;
  readonly #cgroups: Cgroups;

  constructor({ name, state, cgroups }: RuncBackendState) {
    this.#name = name;
    this.#state = state;
    this.#cgroups = cgroups;
  }

  async start(start: ContainerStart): Promise<StartedContainer> {
    const { id, scratch } = start;
    const bundle = `${scratch}.bundle`;
    mkdirSync(scratch, { recursive: true, mode: 0o700 });
    mkdirSync(bundle, { recursive: true, mode: 0o700 });
    const config = runcConfig(start, { cgroup: `/${this.#name}/${id}` });
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 });
    const run = `exec runc --root ${quoted(this.#state)} run --keep --pid-file ${quoted(join(bundle, "pid"))} --bundle ${quoted(bundle)} ${id}`;
    const script = inOwnMounts(undefined, `${assembly(start)}${run}`);
    return this.#watched(await spawnScript(script, ""), start, bundle);
  }

  async sweep(): Promise<void> {
    // Done as it was opened.
  }

  async close(): Promise<void> {
    await sweepState(this.#state);
    this.#cgroups.close();
    for (const kind of readdirSync(CGROUPS)) removeEmpty(join(CGROUPS, kind, this.#name)); // runc makes one of each kind.
  }

  #watched(keeper: KeeperProcess, { id, scratch }: ContainerStart, bundle: string): StartedContainer {
    let body: number | undefined;
    const pid = () => {
      if (body === undefined && existsSync(join(bundle, "pid")))
        body = Number(readFileSync(join(bundle, "pid"), "utf8")) || undefined;
      return body;
    };
    let last = { cpuMs: 0, memoryBytes: 0 };
    const usage = () => {
      const { cpuMs, memoryBytes } = this.#cgroups.usage(id);
      const tree = cpuMs === undefined || memoryBytes === undefined ? usageOfTree(pid() ?? keeper.pid) : last;
      last = { cpuMs: Math.max(last.cpuMs, cpuMs ?? tree.cpuMs), memoryBytes: memoryBytes ?? tree.memoryBytes };
      return last;
    };
    const isOverMemory = () => this.#cgroups.memoryKills(id) > 0;
    const ended = keeper.ended.then(async (end) => {
      const isOutOfMemory = isOverMemory();
      const { cpuMs } = this.#cgroups.usage(id);
      await runScript(`runc --root ${quoted(this.#state)} delete --force ${quoted(id)}`);
      this.#cgroups.remove(id);
      for (const folder of [scratch, bundle]) rmSync(folder, { recursive: true, force: true });
      return { ...end, isOutOfMemory, cpuMs: Math.max(last.cpuMs, cpuMs ?? 0) };
    });
    const end = (how: "ask" | "kill") => {
      const asked = pid();
      if (asked === undefined) return keeper.kill();
      signal(asked, how === "ask" && catchesTerm(asked) ? "SIGTERM" : "SIGKILL");
    };
    return { stdout: keeper.stdout, stderr: keeper.stderr, ended, pid, end, usage, isOverMemory };
  }
}

function removeEmpty(group: string): void {
  try {
    if (existsSync(group)) rmdirSync(group);
  } catch {
    // Something is in it still; the next start finds it.
  }
}

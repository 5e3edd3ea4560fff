import { mkdirSync, rmSync } from "node:fs";
import { bodyIn, type Cgroups, childrenOf, openCgroups } from "@orrery/mesh/internal";
import { OPEN_FILES_MAX, THREADS_MAX } from "../limits.ts";
import { quoted, runScript } from "../system-command.ts";
import { assembly, inOwnMounts } from "./assembly.ts";
import { bwrapArguments } from "./bwrap-arguments.ts";
import type { ContainerBackend, ContainerStart, StartedContainer } from "./container-backend.ts";
import { catchesTerm, usageOfTree } from "./process-facts.ts";
import { type KeeperProcess, signal, spawnScript } from "./system-spawn.ts";

/** Options of `openBwrapBackend`. */
export interface BwrapBackendOptions {
  /** Names its control groups. */
  readonly name: string;
  /** Whether control groups are used where there are some. Default: true. */
  readonly hasCgroups?: boolean;
}

const RIGHTS = "--clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all";

/** Opens what starts containers as processes in cages of bubblewrap; gives instead why it cannot. */
export async function openBwrapBackend({
  name,
  hasCgroups = true,
}: BwrapBackendOptions): Promise<ContainerBackend | string> {
  const isRoot = process.getuid?.() === 0;
  if ((await runScript("command -v bwrap")).code !== 0)
    return "there is no bwrap, install bubblewrap (apt install bubblewrap)";
  const user = isRoot ? `setpriv --reuid=65534 --regid=65534 ${RIGHTS} ` : "";
  const trial = await runScript(`${user}bwrap --unshare-all --unshare-user --disable-userns --ro-bind / / /bin/true`);
  if (trial.code !== 0)
    return `a trial of bwrap failed (${trial.stderr.trim()}): allow name spaces of users (sysctl kernel.unprivileged_userns_clone=1)`;
  return new BwrapBackend(hasCgroups ? openCgroups({ name }) : undefined, isRoot);
}

/**
 * Owns: cages and their control groups. I1: a process that cannot join its groups does not run. I2: the cage ends with the process that keeps it, and
 * that with this one. I3: as root, what runs has a user of the machine of its own, and rights over nothing that is not the pod's.
 */
class BwrapBackend implements ContainerBackend {
  readonly kind = "process";
  readonly users = "one";
  readonly lacks: readonly string[];
  readonly #cgroups: Cgroups | undefined;
  readonly #isRoot: boolean;

  constructor(cgroups: Cgroups | undefined, isRoot: boolean) {
    this.#cgroups = cgroups;
    this.#isRoot = isRoot;
    const bounds = (control: "memory" | "processors") => cgroups?.controls.has(control) === true;
    const how = "start it as root, or in a unit of systemd with Delegate=yes";
    this.lacks = [
      ...(bounds("memory")
        ? []
        : [`memory of containers is looked at twice a second, since no control group bounds it: ${how}`]),
      ...(bounds("processors") ? [] : [`no control group bounds what containers use of the processors: ${how}`]),
      ...(isRoot ? [] : ["containers write only to /tmp, /run and their volumes: start it as root"]),
    ];
  }

  async start(start: ContainerStart): Promise<StartedContainer> {
    const { id, limits, scratch } = start;
    mkdirSync(scratch, { recursive: true, mode: 0o700 });
    const groups = this.#cgroups?.make(id, {
      ...{ of: id, memoryBytes: limits.memoryBytes, processors: limits.processors },
      ...{ threadsMax: THREADS_MAX, scratchBytes: 0 },
    });
    const joining = (groups ?? []).map((file) => `echo $$ >${quoted(file)} || exit 125\n`).join(""); // I1
    const handed = bwrapArguments(start, this.#isRoot).join("\0");
    const keeper = await spawnScript(this.#entering(start, joining), handed);
    return this.#watched(keeper, start);
  }

  async sweep(): Promise<void> {
    // I2: none is left; their groups were taken away when these were opened.
  }

  async close(): Promise<void> {
    this.#cgroups?.close();
  }

  /** What makes its files is not the container's, and joins nothing: a small share of a processor would take a second for it. */
  #entering(start: ContainerStart, joining: string): string {
    const { command, hostUser, network } = start;
    const cage = `prlimit --core=0 --nofile=${OPEN_FILES_MAX} -- bwrap --args 3 -- ${command.map(quoted).join(" ")}`;
    if (!this.#isRoot) return `${joining}exec ${cage}`;
    const user = `setpriv --reuid=${hostUser} --regid=${hostUser} ${RIGHTS}`; // I3
    return inOwnMounts(network.nameSpace, `${assembly(start)}${joining}exec ${user} ${cage}`);
  }

  #watched(keeper: KeeperProcess, { id, scratch, limits }: ContainerStart): StartedContainer {
    let body: number | undefined;
    const pid = () => {
      body ??= bodyIn(keeper.pid, this.#cgroups?.pids(id));
      return body;
    };
    let last = { cpuMs: 0, memoryBytes: 0 };
    const usage = () => {
      const { cpuMs, memoryBytes } = this.#cgroups?.usage(id) ?? {};
      if (cpuMs !== undefined && memoryBytes !== undefined) last = { cpuMs, memoryBytes };
      else {
        const tree = usageOfTree(keeper.pid);
        last = { cpuMs: Math.max(last.cpuMs, cpuMs ?? tree.cpuMs), memoryBytes: memoryBytes ?? tree.memoryBytes };
      }
      return last;
    };
    let wasOver = false;
    const isOverMemory = () => {
      const kills = this.#cgroups?.memoryKills(id) ?? 0;
      const isBound = this.#cgroups?.controls.has("memory") === true;
      wasOver ||= kills > 0 || (!isBound && usage().memoryBytes > limits.memoryBytes);
      return wasOver;
    };
    const ended = keeper.ended.then((end) => {
      const isOutOfMemory = wasOver || (this.#cgroups?.memoryKills(id) ?? 0) > 0;
      const { cpuMs } = this.#cgroups === undefined ? last : usage();
      this.#cgroups?.remove(id);
      rmSync(scratch, { recursive: true, force: true });
      return { ...end, isOutOfMemory, cpuMs };
    });
    const end = (how: "ask" | "kill") => {
      const asked = pid();
      if (how === "ask" && asked !== undefined && catchesTerm(asked)) return signal(asked, "SIGTERM");
      // One that is just being made does not know yet that it is to end with its keeper: the keeper makes no more, what it made ends, then itself.
      signal(keeper.pid, "SIGSTOP");
      for (const child of childrenOf(keeper.pid)) signal(child, "SIGKILL");
      keeper.kill(); // I2
    };
    return { stdout: keeper.stdout, stderr: keeper.stderr, ended, pid, end, usage, isOverMemory };
  }
}

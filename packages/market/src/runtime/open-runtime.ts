import { type Clock, OrreryError } from "@orrery/core";
import type { ContainerBackend } from "./backend/container-backend.ts";
import type { CopyMeans } from "./copy/pod-copy.ts";
import type { MemoryFolder } from "./files/system-memory-folder.ts";
import { POD_NAME_MAX } from "./limits.ts";
import type { PodNetworks } from "./network/pod-network.ts";
import { assertPodName, PodRunner, type RunnerMeans } from "./pod-runner.ts";
import type { PodLine, PodRuntime, PodUsage, RunningPod, WantedLines, WantedPod } from "./pod-runtime.ts";

/** What a runtime is made of. */
export interface RuntimeParts extends Omit<RunnerMeans, "clock"> {
  readonly clock: Clock;
  readonly memory: MemoryFolder;
  readonly backend: ContainerBackend;
  readonly networks: PodNetworks;
  readonly lock: Disposable;
}

/** Makes a runtime of its parts, which end with it. */
export function openRuntime(parts: RuntimeParts): PodRuntime {
  return new Runtime(parts);
}

/** Owns: what runs each pod, and the parts. I1: when it is closed nothing of it is left but volumes and lines. */
class Runtime implements PodRuntime {
  readonly kind: PodRuntime["kind"];
  readonly lacks: readonly string[];
  readonly #parts: RuntimeParts;
  readonly #copyMeans: CopyMeans;
  readonly #runners = new Map<string, PodRunner>();
  #starts = 0;

  constructor(parts: RuntimeParts) {
    const { backend, networks, memory, volumes, clock, wellMs } = parts;
    this.kind = backend.kind;
    this.lacks = [...backend.lacks, ...networks.lacks, ...memory.lacks, ...volumes.lacks];
    this.#parts = parts;
    const nextId = () => {
      this.#starts += 1;
      return `c${this.#starts}`;
    };
    this.#copyMeans = { clock, backend, networks, wellMs, nextId };
  }

  async apply(wanted: WantedPod): Promise<void> {
    assertPodName(wanted.name, POD_NAME_MAX);
    if (wanted.pod.containers.some(({ gpus }) => gpus > 0))
      throw new OrreryError(
        "failed_precondition",
        `Cannot run pod "${wanted.name}": this runtime hands over no devices, ask for none`,
      );
    await this.#runnerOf(wanted.name).apply(wanted);
  }

  async restart(name: string): Promise<void> {
    await this.#runners.get(name)?.restart();
  }

  async stop(name: string): Promise<void> {
    await this.#runners.get(name)?.stop();
  }

  async remove(name: string): Promise<void> {
    if (!(await this.names()).includes(name)) return;
    const runner = this.#runners.get(name);
    await runner?.stop();
    runner?.close();
    this.#runners.delete(name);
    this.#parts.folders.remove(name);
  }

  async removeVolumes(name: string, volumes: readonly string[]): Promise<void> {
    const used = volumes.find((volume) => this.#runners.get(name)?.hasVolume(volume));
    if (used !== undefined)
      throw new OrreryError(
        "failed_precondition",
        `Cannot take away volume "${used}" of pod "${name}": the pod has it still, run it without`,
      );
    for (const volume of volumes) this.#parts.folders.removeVolume(name, volume);
  }

  async names(): Promise<readonly string[]> {
    return this.#parts.folders.names();
  }

  look(name: string): RunningPod | undefined {
    const runner = this.#runners.get(name);
    if (runner !== undefined) return runner.look();
    return this.#parts.folders.names().includes(name) ? { copies: [], isWell: false, ports: [] } : undefined;
  }

  async usage(name: string): Promise<PodUsage | undefined> {
    return await this.#runners.get(name)?.usage();
  }

  async *lines(name: string, wanted: WantedLines): AsyncGenerator<PodLine> {
    if ((await this.names()).includes(name)) yield* this.#runnerOf(name).lines(wanted);
  }

  async close(): Promise<void> {
    const runners = [...this.#runners.values()];
    this.#runners.clear();
    await Promise.all(runners.map(async (runner) => await runner.stop()));
    for (const runner of runners) runner.close();
    const { networks, backend, memory, lock } = this.#parts;
    await networks.close();
    await backend.close();
    await memory.close(); // I1
    lock[Symbol.dispose]();
  }

  #runnerOf(name: string): PodRunner {
    const known = this.#runners.get(name);
    if (known !== undefined) return known;
    const runner = new PodRunner(name, this.#parts, this.#copyMeans);
    this.#runners.set(name, runner);
    return runner;
  }
}

import { join } from "node:path";
import { type Clock, OrreryError } from "@orrery/core";
import type { Pod } from "../../pod/pod.ts";
import type { ContainerBackend } from "../backend/container-backend.ts";
import { connectionsAt } from "../backend/process-facts.ts";
import type { PodFiles } from "../files/pod-files.ts";
import {
  DRAIN_MAX_MS,
  DRAIN_MIN_MS,
  ERROR_LINE_CHARS,
  ERROR_LINES,
  PROBE_PAUSE_MS,
  START_ENDS_MAX,
} from "../limits.ts";
import type { LineStore } from "../lines/line-store.ts";
import type { CopyNetwork, PodNetworks } from "../network/pod-network.ts";
import type { RunningCopy } from "../pod-runtime.ts";
import { type ContainerKeeper, createContainerKeeper } from "./container-keeper.ts";

const MIB = 1024 ** 2;

/** What copies are made with. */
export interface CopyMeans {
  readonly clock: Clock;
  readonly backend: ContainerBackend;
  readonly networks: PodNetworks;
  /** A name for each start of a container, unlike all others. */
  readonly nextId: () => string;
  readonly wellMs: number;
}

/** A copy to start. */
export interface CopyOptions {
  readonly name: string;
  readonly pod: Pod;
  /** From 0. */
  readonly index: number;
  readonly files: PodFiles;
  /** Folder of the pod in memory. */
  readonly memory: string;
  readonly lines: LineStore;
  readonly isOffline?: boolean | undefined;
}

/** What a copy used. */
export interface CopyUsage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly egressBytes: number | undefined;
  readonly ingressBytes: number | undefined;
}

/** One copy of a pod: its containers and the network that they share. */
export interface PodCopy {
  readonly index: number;
  readonly isWell: boolean;
  views(): readonly RunningCopy[];
  reach(port: number): { readonly host: string; readonly port: number };
  usage(): CopyUsage;
  /**
   * Waits until all of its containers are well.
   * @throws OrreryError `failed_precondition` where one ends again and again, or is late; with its last lines; `aborted` where nobody waits any more
   */
  well(signal: AbortSignal): Promise<void>;
  /** Waits until nobody is connected to it, up to a bound: nobody is to be sent to it any more. */
  drain(): Promise<void>;
  /** Ends its processes, but stays and tells why. */
  hold(why: string): Promise<void>;
  /** Ends it; what it used stands. */
  stop(): Promise<void>;
}

/** Starts a copy; it is not well yet. */
export async function startCopy(means: CopyMeans, options: CopyOptions): Promise<PodCopy> {
  const ports = options.pod.containers.flatMap((container) => container.ports.map(({ port }) => port));
  const { isOffline } = options;
  const asked = options.pod.containers.flatMap(({ health }) => (health === undefined ? [] : [health.port]));
  return new Copy(means, options, await means.networks.open([...new Set([...ports, ...asked])], { isOffline }));
}

/** Owns: a network, and what keeps each container running in it. I1: the network goes after the last process in it. */
class Copy implements PodCopy {
  readonly index: number;
  readonly #means: CopyMeans;
  readonly #options: CopyOptions;
  readonly #network: CopyNetwork;
  readonly #keepers: readonly ContainerKeeper[];
  #changed: () => void = () => {};
  #isStopped = false;
  /** What each container wrote last: by its number alone a copy is not told from the one whose place it takes. */
  readonly #last = new Map<string, string[]>();

  constructor(means: CopyMeans, options: CopyOptions, network: CopyNetwork) {
    this.index = options.index;
    this.#means = means;
    this.#options = options;
    this.#network = network;
    this.#keepers = options.pod.containers.map((container) => {
      return createContainerKeeper({
        ...{ clock: means.clock, container, copy: options.index, reach: network.reach },
        start: async () => await this.#start(container.name),
        tell: ({ stream, text }) => {
          const said = options.files.redact(text);
          if (stream !== "event") this.#keep(container.name, said);
          options.lines.append({ stream, text: said, container: container.name, copy: options.index });
        },
        onChange: () => this.#changed(),
      });
    });
  }

  get isWell(): boolean {
    return this.views().every(({ state }) => state === "running");
  }

  views(): readonly RunningCopy[] {
    return this.#keepers.map((keeper) => keeper.view());
  }

  reach(port: number) {
    return this.#network.reach(port);
  }

  usage(): CopyUsage {
    const all = this.#keepers.map((keeper) => keeper.usage());
    const sum = (of: "cpuMs" | "memoryBytes") => all.reduce((total, one) => total + one[of], 0);
    const { egressBytes, ingressBytes } = this.#network.traffic() ?? {};
    return { cpuMs: sum("cpuMs"), memoryBytes: this.#isStopped ? 0 : sum("memoryBytes"), egressBytes, ingressBytes };
  }

  async well(signal: AbortSignal): Promise<void> {
    const { clock, wellMs } = this.#means;
    const untilMs = clock.monotonic() + wellMs;
    while (!this.isWell) {
      const ended = this.#keepers.findIndex(({ endsUnwell }) => endsUnwell >= START_ENDS_MAX);
      if (ended >= 0) throw this.#failure(ended, `ended ${START_ENDS_MAX} times`);
      if (signal.aborted)
        throw new OrreryError(
          "aborted",
          `Cannot run pod "${this.#options.pod.name}": it was stopped before it was well`,
        );
      const leftMs = untilMs - clock.monotonic();
      if (leftMs <= 0) {
        const late = this.views().findIndex(({ state }) => state !== "running");
        throw this.#failure(late, `was not well within ${wellMs / 1_000} s`);
      }
      await this.#change(leftMs, signal);
    }
  }

  /** Waits until something changes, for so long at most. */
  async #change(waitMs: number, signal: AbortSignal): Promise<void> {
    const waited = new AbortController();
    const stop = () => waited.abort();
    signal.addEventListener("abort", stop, { once: true });
    this.#changed = stop;
    await this.#means.clock.sleep(waitMs, waited.signal).catch(() => {}); // It changed before.
    signal.removeEventListener("abort", stop);
    this.#changed = () => {};
  }

  async drain(): Promise<void> {
    const { clock } = this.#means;
    const untilMs = clock.monotonic() + DRAIN_MAX_MS;
    await clock.sleep(DRAIN_MIN_MS);
    const ports = this.#options.pod.containers.flatMap((container) =>
      container.ports.map(({ port }) => this.reach(port).port),
    );
    const pid = this.#keepers.map((keeper) => keeper.pid).find((one) => one !== undefined);
    if (pid === undefined || ports.length === 0) return;
    while (clock.monotonic() < untilMs && connectionsAt(pid, new Set(ports)) > 0) await clock.sleep(PROBE_PAUSE_MS);
  }

  async hold(why: string): Promise<void> {
    await Promise.all(this.#keepers.map(async (keeper) => await keeper.hold(why)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#keepers.map(async (keeper) => await keeper.stop()));
    this.#isStopped = true;
    await this.#network.close(); // I1
  }

  async #start(name: string) {
    const { files, memory, pod } = this.#options;
    const container = pod.containers.find((one) => one.name === name);
    const made = files.containers.get(name);
    if (container === undefined || made === undefined) throw new Error(`No files of container "${name}"`);
    const id = this.#means.nextId();
    return await this.#means.backend.start({
      ...made,
      id,
      hostname: this.#options.name,
      hostUser: files.hostUser,
      scratch: join(memory, `scratch-${id}`),
      env: {
        ...this.#network.env,
        HOSTNAME: this.#options.name,
        ...made.env,
        ...this.#listening(container.ports[0]?.port, made.env),
      },
      network: this.#network,
      limits: { memoryBytes: container.memoryMiB * MIB, processors: container.cpu / 1_000 },
    });
  }

  /** Where a container itself is to listen: its own first port, and not that of the pod. */
  #listening(port: number | undefined, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const told = port === undefined ? undefined : this.#network.env[`PORT_${port}`];
    return told === undefined || "PORT" in env ? {} : { PORT: told };
  }

  #keep(container: string, text: string): void {
    const last = this.#last.get(container) ?? [];
    last.push(text.slice(0, ERROR_LINE_CHARS));
    this.#last.set(container, last.slice(-ERROR_LINES));
  }

  #failure(place: number, why: string): OrreryError {
    const { pod } = this.#options;
    const container = pod.containers[place]?.name ?? "";
    const last = (this.#last.get(container) ?? []).map((text) => `\n  ${text}`);
    const end = this.views()[place]?.lastEnd;
    const how = end === undefined ? "" : ` (${end})`;
    const wrote = last.length === 0 ? ", and wrote nothing" : `, and wrote:${last.join("")}`;
    return new OrreryError(
      "failed_precondition",
      `Cannot run pod "${pod.name}": container "${container}" ${why}${how}${wrote}`,
    );
  }
}

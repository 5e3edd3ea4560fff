import { type Clock, OrreryError } from "@orrery/core";
import { stableText } from "@orrery/mesh/internal";
import type { ContainerBackend } from "./backend/container-backend.ts";
import { isOneOfAKind, madeOf } from "./copy/made-of.ts";
import { type CopyMeans, type PodCopy, startCopy } from "./copy/pod-copy.ts";
import { diskUsage } from "./files/disk-usage.ts";
import { type PodFiles, preparePodFiles } from "./files/pod-files.ts";
import type { PodFolders } from "./files/pod-folders.ts";
import type { HostBase } from "./files/system-host-base.ts";
import { type LineStore, openLineStore } from "./lines/line-store.ts";
import type { PodNetworks } from "./network/pod-network.ts";
import type { PodLine, PodUsage, ReachedPort, RunningPod, WantedLines, WantedPod } from "./pod-runtime.ts";
import { fitVolumes, resizeVolumes } from "./volumes/fit-volumes.ts";
import type { PodVolumes } from "./volumes/pod-volumes.ts";
import { createVolumeWatch, type VolumeWatch } from "./volumes/volume-watch.ts";

/** What runs pods. */
export interface RunnerMeans {
  readonly clock: Clock;
  readonly backend: ContainerBackend;
  readonly networks: PodNetworks;
  readonly folders: PodFolders;
  readonly volumes: PodVolumes;
  readonly base: HostBase;
  readonly wellMs: number;
  /** How long a volume that is counted may hold more than it says before its pod is stopped, in ms. */
  readonly volumeNoticeMs: number;
}

/** What a set of copies is made of. */
interface Make {
  readonly wanted: WantedPod;
  readonly madeOf: string;
  readonly files: PodFiles;
}

/**
 * Owns: the copies of one pod, their files in memory, and its lines. I1: one thing is done to it at a time. I2: a copy is told to those who look
 * only while it may be sent to: from when it is well until it is about to stop. I3: an update that fails leaves copies of what ran before.
 */
export class PodRunner {
  readonly #name: string;
  readonly #means: RunnerMeans;
  readonly #copyMeans: CopyMeans;
  readonly #lines: LineStore;
  readonly #watch: VolumeWatch;
  #copies: PodCopy[] = [];
  #make: Make | undefined;
  #generation = 0;
  /** Whether its processes were ended for what a volume holds. */
  #isHeld = false;
  /** What copies used that are no more. */
  #used = { cpuMs: 0, egressBytes: 0, ingressBytes: 0 };
  #last: Promise<unknown> = Promise.resolve();
  /** Of what is asked for from now on: aborted when it is to stop, so that nobody waits any more for copies to get well. */
  #waiting = new AbortController();
  /** Of what is being done. */
  #signal: AbortSignal = this.#waiting.signal;

  constructor(name: string, means: RunnerMeans, copyMeans: CopyMeans) {
    this.#name = name;
    this.#means = means;
    this.#copyMeans = copyMeans;
    this.#lines = openLineStore(means.folders.lines(name), means);
    this.#watch = createVolumeWatch({
      ...{ clock: means.clock, noticeMs: means.volumeNoticeMs },
      volumes: () => means.volumes.counted(name, this.#make?.wanted.pod.volumes ?? []),
      held: async (volume) => await means.volumes.held(name, volume),
      tell: (text) => this.#tell(text),
      hold: async (signal) => await this.#hold(signal),
    });
  }

  async apply(wanted: WantedPod): Promise<void> {
    await this.#inOrder(async () => {
      const before = this.#make;
      const { volumes } = this.#means;
      const sizes = { wanted: wanted.pod.volumes, before: before?.wanted.pod.volumes };
      const tell = (text: string) => this.#tell(text);
      const resized = await fitVolumes(volumes, { pod: this.#name, ...sizes, tell });
      if (before === undefined || resized.length === 0) return await this.#become(wanted, before);
      await this.#endOver(0);
      try {
        for (const volume of resized) await volumes.resize(this.#name, volume);
        await this.#become(wanted, before);
      } catch (error) {
        await resizeVolumes(volumes, { pod: this.#name, wanted: before.wanted.pod.volumes, tell });
        await this.#fillUp(before); // I3
        this.#watchAnew();
        throw error;
      }
    });
  }

  async #become(wanted: WantedPod, before: Make | undefined): Promise<void> {
    const digest = madeOf(wanted);
    if (before?.madeOf === digest) return await this.#scale({ ...before, wanted }, before);
    const make = await this.#prepare(wanted, digest);
    try {
      await this.#update(before, make);
    } catch (error) {
      make.files.remove(before === undefined ? [] : [before.files]);
      if (this.#isHeld) this.#watchAnew();
      throw error;
    }
    before?.files.remove([make.files]);
    this.#watchAnew();
  }

  async restart(): Promise<void> {
    await this.#inOrder(async () => {
      const make = this.#make;
      if (make === undefined) return;
      for (const copy of [...this.#copies]) await this.#startAnew(copy, make);
      this.#watchAnew();
    });
  }

  async stop(): Promise<void> {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    await this.#inOrder(async () => {
      await this.#watch.stop();
      const copies = this.#copies;
      this.#copies = [];
      this.#make = undefined;
      await Promise.all(copies.map(async (copy) => await this.#end(copy)));
      this.#means.folders.clearMemory(this.#name);
    });
  }

  /** Nothing is done to it after that. */
  close(): void {
    this.#lines.close();
  }

  hasVolume(volume: string): boolean {
    return this.#make?.wanted.pod.volumes.some(({ name }) => name === volume) === true;
  }

  look(): RunningPod {
    const pod = this.#make?.wanted.pod;
    const ports = (pod?.containers ?? []).flatMap((container) =>
      container.ports.map(({ port, protocol }): ReachedPort => {
        const at = this.#copies.filter(({ isWell }) => isWell).map((copy) => copy.reach(port)); // I2
        return { container: container.name, port, protocol, at };
      }),
    );
    const isWhole = pod !== undefined && this.#copies.length === pod.replicas;
    return {
      copies: this.#copies.flatMap((copy) => copy.views()),
      isWell: isWhole && this.#copies.every(({ isWell }) => isWell),
      ports,
    };
  }

  async usage(): Promise<PodUsage | undefined> {
    if (this.#copies.length === 0) return undefined;
    const all = this.#copies.map((copy) => copy.usage());
    const sum = (of: "cpuMs" | "memoryBytes" | "egressBytes" | "ingressBytes", ended = 0) => {
      return all.reduce((total, one) => total + (one[of] ?? 0), ended);
    };
    const isCounted = all.every(({ egressBytes }) => egressBytes !== undefined);
    return {
      atMs: this.#means.clock.monotonic(),
      cpuMs: sum("cpuMs", this.#used.cpuMs),
      memoryBytes: sum("memoryBytes"),
      egressBytes: isCounted ? sum("egressBytes", this.#used.egressBytes) : undefined,
      ingressBytes: isCounted ? sum("ingressBytes", this.#used.ingressBytes) : undefined,
      storageBytes: await diskUsage(this.#means.folders.volumes(this.#name)),
      copies: this.#copies.length,
    };
  }

  lines(wanted: WantedLines): AsyncIterable<PodLine> {
    return this.#lines.read(wanted);
  }

  async #prepare(wanted: WantedPod, digest: string): Promise<Make> {
    this.#generation += 1;
    const { folders, volumes, base, networks, backend } = this.#means;
    const options = { folders, volumes, base, nameServers: networks.nameServers, users: backend.users };
    return { wanted, madeOf: digest, files: await preparePodFiles(wanted, this.#generation, options) };
  }

  async #update(before: Make | undefined, make: Make): Promise<void> {
    const { replicas } = make.wanted.pod;
    const kept = this.#copies.slice(0, replicas);
    const isAlone = isOneOfAKind(make.wanted.pod) || (before !== undefined && isOneOfAKind(before.wanted.pod));
    const replaced: PodCopy[] = [];
    try {
      for (const copy of kept) replaced.push(await this.#replace(copy, make, isAlone ? "stop first" : "start first"));
      await this.#add(make);
    } catch (error) {
      if (before !== undefined) await this.#rollBack(before, replaced); // I3
      throw error;
    }
    this.#make = make;
    await this.#endOver(replicas);
  }

  /** Has as many copies as are wanted, of what runs. */
  async #scale(make: Make, before: Make): Promise<void> {
    await this.#add(make);
    this.#make = make;
    await this.#endOver(make.wanted.pod.replicas);
    if (stableText(before.wanted.pod.volumes) === stableText(make.wanted.pod.volumes)) return;
    if (this.#isHeld) for (const copy of [...this.#copies]) await this.#startAnew(copy, make);
    this.#watchAnew();
  }

  #watchAnew(): void {
    this.#isHeld = false;
    this.#watch.begin();
  }

  /** Ends its processes for what a volume holds; copies stay, and tell why. */
  async #hold(signal: AbortSignal): Promise<void> {
    await this.#inOrder(async () => {
      if (signal.aborted) return; // It has begun anew.
      this.#isHeld = true;
      await Promise.all(this.#copies.map(async (copy) => await copy.hold("storage")));
    });
  }

  /** A line about the pod as a whole. */
  #tell(text: string): void {
    this.#lines.append({ stream: "event", text, container: this.#make?.wanted.pod.containers[0]?.name ?? "", copy: 0 });
  }

  async #add(make: Make): Promise<void> {
    const { replicas } = make.wanted.pod;
    const there = new Set(this.#copies.map(({ index }) => index));
    const missing = Array.from({ length: replicas }, (_, index) => index).filter((index) => !there.has(index));
    const started = await Promise.allSettled(missing.map(async (index) => await this.#startWell(index, make)));
    const copies = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const failed = started.find((one) => one.status === "rejected");
    if (failed !== undefined) {
      await Promise.all(copies.map(async (copy) => await this.#end(copy)));
      throw failed.reason;
    }
    for (const copy of copies) this.#put(copy);
  }

  async #endOver(replicas: number): Promise<void> {
    const over = this.#copies.slice(replicas);
    this.#copies = this.#copies.slice(0, replicas);
    await Promise.all(over.map(async (copy) => await this.#retire(copy)));
  }

  /** Puts a new copy in the place of one. Where the new one fails, the old one is there, or one like it. */
  async #replace(old: PodCopy, make: Make, how: "start first" | "stop first"): Promise<PodCopy> {
    if (how === "start first") {
      const copy = await this.#startWell(old.index, make);
      this.#copies = this.#copies.map((one) => (one === old ? copy : one)); // I2
      await this.#retire(old);
      return copy;
    }
    this.#copies = this.#copies.filter((one) => one !== old); // I2
    await this.#retire(old);
    try {
      return this.#put(await this.#startWell(old.index, make));
    } catch (error) {
      const before = this.#make;
      if (before !== undefined && before !== make) this.#put(await this.#startAnyhow(old.index, before)); // I3
      throw error;
    }
  }

  /** Ends one and starts one of the same in its place, which stays and is tried on where it does not get well. */
  async #startAnew(old: PodCopy, make: Make): Promise<void> {
    this.#copies = this.#copies.filter((one) => one !== old); // I2
    await this.#retire(old);
    await this.#put(await this.#start(old.index, make)).well(this.#signal);
  }

  #put(copy: PodCopy): PodCopy {
    this.#copies = [...this.#copies, copy].sort((a, b) => a.index - b.index);
    return copy;
  }

  async #rollBack(before: Make, replaced: readonly PodCopy[]): Promise<void> {
    for (const copy of replaced) {
      const old = await this.#startAnyhow(copy.index, before);
      this.#copies = this.#copies.map((one) => (one === copy ? old : one));
      await this.#retire(copy);
    }
  }

  /** Starts the copies that are missing of what ran before. */
  async #fillUp(make: Make): Promise<void> {
    const there = new Set(this.#copies.map(({ index }) => index));
    for (let index = 0; index < make.wanted.pod.replicas; index += 1)
      if (!there.has(index)) this.#put(await this.#startAnyhow(index, make));
  }

  /** A copy of what ran before: it is kept up even where it is not well at once. */
  async #startAnyhow(index: number, make: Make): Promise<PodCopy> {
    const copy = await this.#start(index, make);
    await copy.well(this.#signal).catch(() => {}); // It is tried on, and looks tell how it stands.
    return copy;
  }

  async #startWell(index: number, make: Make): Promise<PodCopy> {
    const copy = await this.#start(index, make);
    try {
      await copy.well(this.#signal);
      return copy;
    } catch (error) {
      await this.#end(copy);
      throw error;
    }
  }

  async #start(index: number, { wanted, files }: Make): Promise<PodCopy> {
    const memory = this.#means.folders.memory(this.#name);
    return await startCopy(this.#copyMeans, {
      name: this.#name,
      pod: wanted.pod,
      isOffline: wanted.isOffline,
      index,
      files,
      memory,
      lines: this.#lines,
    });
  }

  async #retire(copy: PodCopy): Promise<void> {
    await copy.drain();
    await this.#end(copy);
  }

  async #end(copy: PodCopy): Promise<void> {
    await copy.stop();
    const { cpuMs, egressBytes = 0, ingressBytes = 0 } = copy.usage();
    this.#used = {
      cpuMs: this.#used.cpuMs + cpuMs,
      egressBytes: this.#used.egressBytes + egressBytes,
      ingressBytes: this.#used.ingressBytes + ingressBytes,
    };
  }

  /** I1 */
  async #inOrder<T>(does: () => Promise<T>): Promise<T> {
    const { signal } = this.#waiting;
    const mine = this.#last.then(async () => {
      this.#signal = signal;
      return await does();
    });
    this.#last = mine.catch(() => {}); // Whoever asked for it is told.
    return await mine;
  }
}

/** A name that names files, devices and groups. @throws OrreryError `invalid_argument` */
export function assertPodName(name: string, lettersMax: number): void {
  if (name.length <= lettersMax && /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name)) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot name a pod ${JSON.stringify(name)}: a name is letters, digits and "-" between them, up to ${lettersMax}`,
  );
}

import type { Clock } from "@orrery/core";
import type { PodVolume } from "../../pod/pod.ts";
import { VOLUME_LOOK_MS, VOLUME_TIMES_MAX } from "../limits.ts";

/** Options of `createVolumeWatch`. */
export interface VolumeWatchOptions {
  readonly clock: Clock;
  /** How long a volume may hold more than its size before its pod is stopped, in ms. */
  readonly noticeMs: number;
  /** Volumes of the pod that nothing stops at their size. */
  readonly volumes: () => readonly PodVolume[];
  readonly held: (volume: string) => Promise<number>;
  /** Tells the pod's publisher. */
  readonly tell: (text: string) => void;
  /** Ends the pod's processes, unless the signal says that it has begun anew. */
  readonly hold: (signal: AbortSignal) => Promise<void>;
}

/** Looks at the volumes of a pod that are counted alone. */
export interface VolumeWatch {
  /** Begins anew, as the pod does: it has a notice of its own again. */
  begin(): void;
  stop(): Promise<void>;
}

/** Makes one that looks at nothing yet. */
export function createVolumeWatch(options: VolumeWatchOptions): VolumeWatch {
  return new Watch(options);
}

const MIB = 1024 ** 2;

/**
 * Owns: looks at counted volumes. I1: a pod is told before it is stopped, unless what it holds grows too far meanwhile. I2: it is stopped once, and not
 * looked at from then on until it begins anew.
 */
class Watch implements VolumeWatch {
  readonly #options: VolumeWatchOptions;
  #round = new AbortController();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: VolumeWatchOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#round.abort();
    this.#round = new AbortController();
    if (this.#options.volumes().length > 0) this.#looking = this.#look(this.#round.signal);
  }

  async stop(): Promise<void> {
    this.#round.abort();
    await this.#looking;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, noticeMs, tell, hold } = this.#options;
    let toldMs: number | undefined;
    while (!signal.aborted) {
      await clock.sleep(Math.min(VOLUME_LOOK_MS, noticeMs), signal).catch(() => {}); // It is stopped.
      const over = await this.#worst();
      if (signal.aborted) return;
      if (over === undefined) {
        if (toldMs !== undefined) tell("volumes hold no more than they say again");
        toldMs = undefined;
        continue;
      }
      const said = `volume "${over.name}" holds ${Math.ceil(over.held / MIB)} MiB of ${over.sizeMiB} MiB`;
      const isFar = over.held > over.sizeMiB * MIB * VOLUME_TIMES_MAX;
      if (toldMs === undefined) {
        toldMs = clock.monotonic();
        if (!isFar) tell(`${said}: take files out of it within ${noticeMs / 1_000} s, or the pod is stopped`); // I1
      }
      if (!isFar && clock.monotonic() - toldMs < noticeMs) continue;
      tell(`stopped: ${said}; restart it and take files out, or update it with a larger volume`);
      void hold(signal).catch(() => {}); // What runs in its place is another round.
      return; // I2
    }
  }

  /** The volume that is furthest over its size; undefined where none is. */
  async #worst(): Promise<(PodVolume & { readonly held: number }) | undefined> {
    const counts: (PodVolume & { readonly held: number })[] = [];
    for (const volume of this.#options.volumes())
      counts.push({ ...volume, held: await this.#options.held(volume.name).catch(() => 0) });
    const over = counts.filter(({ held, sizeMiB }) => held > sizeMiB * MIB);
    return over.sort((a, b) => b.held / b.sizeMiB - a.held / a.sizeMiB)[0];
  }
}

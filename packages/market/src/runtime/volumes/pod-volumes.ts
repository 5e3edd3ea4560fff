import { existsSync, lstatSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { OrreryError } from "@orrery/core";
import type { PodVolume } from "../../pod/pod.ts";
import { diskUsage } from "../files/disk-usage.ts";
import type { PodFolders } from "../files/pod-folders.ts";
import { imageBytes } from "./image-bytes.ts";
import type { VolumeImages } from "./system-volume-images.ts";

/** Where a volume lies on the machine. */
export interface VolumePlace {
  readonly from: string;
  /** Whether it is a file that holds a file system, rather than a folder. */
  readonly isImage: boolean;
}

/**
 * Volumes of pods. I1: what a volume holds is taken away by nobody here. I2: one that is a file system of its own takes no more than its size;
 * one that is a folder is counted alone.
 */
export interface PodVolumes {
  /** What it does not hold volumes to on this machine, and what would help; a line each. */
  readonly lacks: readonly string[];
  /** Makes those that are missing. @throws OrreryError `resource_exhausted` where the disk has no room for one */
  make(pod: string, volumes: readonly PodVolume[]): Promise<void>;
  /** Of these those that are there with room for more or less than they say. */
  unfit(pod: string, volumes: readonly PodVolume[]): readonly PodVolume[];
  /**
   * Says whether one can have its size.
   * @throws OrreryError `failed_precondition` where it holds more, `resource_exhausted` where the disk has no room for it
   */
  assertFits(pod: string, volume: PodVolume): Promise<void>;
  /** Makes one as large as it says. Nothing of the pod may run. @throws OrreryError as `assertFits`; it is as it was */
  resize(pod: string, volume: PodVolume): Promise<void>;
  /** One that is there. @throws OrreryError `failed_precondition` where this process may not open it */
  place(pod: string, volume: string): VolumePlace;
  /** Of these those that nothing stops at their size. */
  counted(pod: string, volumes: readonly PodVolume[]): readonly PodVolume[];
  /** Bytes that one holds. */
  held(pod: string, volume: string): Promise<number>;
}

/** Options of `createPodVolumes`. */
export interface PodVolumesOptions {
  readonly folders: PodFolders;
  /** What makes file systems; or why there is none. */
  readonly images: VolumeImages | string;
}

const MIB = 1024 ** 2;

/** Makes volumes file systems of their own where the machine lets it, and folders where it does not. One that is there stays what it is. */
export function createPodVolumes({ folders, images }: PodVolumesOptions): PodVolumes {
  return new Volumes(folders, images);
}

class Volumes implements PodVolumes {
  readonly lacks: readonly string[];
  readonly #folders: PodFolders;
  readonly #images: VolumeImages | undefined;
  readonly #why: string;

  constructor(folders: PodFolders, images: VolumeImages | string) {
    this.#folders = folders;
    this.#images = typeof images === "string" ? undefined : images;
    this.#why = typeof images === "string" ? images : "";
    this.lacks =
      typeof images === "string"
        ? [`volumes are counted, and their pod is stopped after a notice where they hold more than they say: ${images}`]
        : [];
  }

  async make(pod: string, volumes: readonly PodVolume[]): Promise<void> {
    for (const volume of volumes) {
      const image = this.#image(pod, volume.name);
      if (existsSync(image)) continue;
      if (this.#images === undefined || existsSync(this.#folder(pod, volume.name)))
        this.#folders.volume(pod, volume.name);
      else {
        const bytes = imageBytes(volume.sizeMiB);
        this.#assertRoom(pod, volume, bytes);
        this.#folders.makeVolumes(pod);
        await this.#images.make(image, { bytes, owner: this.#folders.userOf(pod) ?? 0 });
      }
    }
  }

  unfit(pod: string, volumes: readonly PodVolume[]): readonly PodVolume[] {
    return volumes.filter(({ name, sizeMiB }) => {
      const had = this.#imageSize(pod, name);
      return had !== undefined && had !== imageBytes(sizeMiB);
    });
  }

  async assertFits(pod: string, volume: PodVolume): Promise<void> {
    const more = imageBytes(volume.sizeMiB) - (this.#imageSize(pod, volume.name) ?? 0);
    if (more > 0 && this.#imageSize(pod, volume.name) !== undefined) return this.#assertRoom(pod, volume, more);
    const held = await this.held(pod, volume.name);
    if (held > volume.sizeMiB * MIB) throw tooFull(pod, volume, held);
  }

  async resize(pod: string, volume: PodVolume): Promise<void> {
    await this.assertFits(pod, volume);
    const image = this.#image(pod, volume.name);
    const bytes = imageBytes(volume.sizeMiB);
    const images = this.#opened(pod, volume.name);
    if (bytes > lstatSync(image).size) await images.grow(image, bytes);
    else await images.shrink(image, bytes);
  }

  place(pod: string, volume: string): VolumePlace {
    const image = this.#image(pod, volume);
    if (!existsSync(image)) return { from: this.#folders.volume(pod, volume), isImage: false };
    this.#opened(pod, volume);
    return { from: image, isImage: true };
  }

  counted(pod: string, volumes: readonly PodVolume[]): readonly PodVolume[] {
    return volumes.filter(({ name }) => !existsSync(this.#image(pod, name)));
  }

  async held(pod: string, volume: string): Promise<number> {
    const image = this.#image(pod, volume);
    return existsSync(image) ? await this.#opened(pod, volume).held(image) : await diskUsage(this.#folder(pod, volume));
  }

  /** What opens a volume that is a file system. */
  #opened(pod: string, volume: string): VolumeImages {
    if (this.#images !== undefined) return this.#images;
    throw new OrreryError(
      "failed_precondition",
      `Cannot open volume "${volume}" of pod "${pod}": it is a file system of its own, and ${this.#why}`,
    );
  }

  #image(pod: string, volume: string): string {
    return this.#folders.volumeImage(pod, volume);
  }

  /** Bytes of the file of one that is a file system. */
  #imageSize(pod: string, volume: string): number | undefined {
    return lstatSync(this.#image(pod, volume), { throwIfNoEntry: false })?.size;
  }

  #folder(pod: string, volume: string): string {
    return join(this.#folders.volumes(pod), volume);
  }

  /** Whether the disk has what is promised: what was promised before, and not yet written, counts as taken. */
  #assertRoom(pod: string, { name, sizeMiB }: PodVolume, bytes: number): void {
    const { bavail, bsize } = statfsSync(this.#folders.disk);
    const promised = this.#folders.names().reduce((sum, one) => sum + this.#unwritten(one), 0);
    const room = Math.max(0, bavail * bsize - promised);
    if (bytes <= room) return;
    throw new OrreryError(
      "resource_exhausted",
      `Cannot make volume "${name}" of pod "${pod}" ${sizeMiB} MiB: the disk has ${Math.floor(room / MIB)} MiB that are not promised to others; ask for less, or another provider`,
    );
  }

  #unwritten(pod: string): number {
    const folder = this.#folders.volumes(pod);
    if (!existsSync(folder)) return 0;
    return readdirSync(folder)
      .map((file) => lstatSync(join(folder, file), { throwIfNoEntry: false }))
      .reduce((sum, one) => sum + (one?.isFile() ? Math.max(0, one.size - one.blocks * 512) : 0), 0);
  }
}

/** A volume that holds more than it is to. */
function tooFull(pod: string, { name, sizeMiB }: PodVolume, held: number): OrreryError {
  const holds = Math.ceil(held / MIB);
  return new OrreryError(
    "failed_precondition",
    `Cannot make volume "${name}" of pod "${pod}" ${sizeMiB} MiB: it holds ${holds} MiB; take files out of it, or ask for ${holds} MiB or more`,
  );
}

import { type Clock, OrreryError } from "@orrery/core";
import type { ChoiceSite } from "../chance/choices.ts";

/** Files of a modelled machine. What was not synced may be lost when its node crashes. */
export interface Disk {
  /** Bytes of a file; undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces a file. @throws OrreryError `resource_exhausted` on a full disk, `data_loss` on a failing one. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end of a file, which is made when there is none. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names of all files, sorted. */
  list(): Promise<readonly string[]>;
  /** Ends when all that was written before would survive a crash. */
  sync(): Promise<void>;
}

/** How a disk is: well, slow, full, or such that nothing can be read or written. */
export type DiskState = "ok" | "slow" | "full" | "failing";

/** A disk that faults can reach. It outlives the lives of its node. */
export interface ModelDisk extends Disk {
  state: DiskState;
  /** Loses what was not synced, but for a first part of it that chance decides. What is under way never ends. */
  crash(): void;
  /** Loses all. */
  wipe(): void;
}

/** Options of a disk. */
export interface DiskOptions {
  readonly node: string;
  readonly clock: () => Clock;
  /** Decides how much of what was not synced survives a crash. */
  readonly survival: ChoiceSite;
}

/** Makes an empty disk. */
export function createDisk(options: DiskOptions): ModelDisk {
  return new MemoryDisk(options);
}

/** How long one access takes, in ms: on a good disk, and on a slow one. */
const ACCESS_MS = 0.1;
const SLOW_ACCESS_MS = 50;

type Files = Map<string, Uint8Array>;
type Change = (files: Files) => void;

/** I1: what a sync has confirmed survives every crash. I2: unsynced changes survive in their order, or not at all. */
class MemoryDisk implements ModelDisk {
  readonly #options: DiskOptions;
  #durable: Files = new Map();
  #seen: Files = new Map();
  #unsynced: Change[] = [];
  #life = 0;
  state: DiskState = "ok";

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    await this.#access(`read "${name}"`);
    return this.#seen.get(name)?.slice();
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const kept = bytes.slice();
    await this.#change(`write "${name}"`, (files) => files.set(name, kept));
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    const added = bytes.slice();
    await this.#change(`append to "${name}"`, (files) => {
      const before = files.get(name) ?? new Uint8Array(0);
      const joined = new Uint8Array(before.length + added.length);
      joined.set(before);
      joined.set(added, before.length);
      files.set(name, joined);
    });
  }

  async remove(name: string): Promise<void> {
    await this.#change(`remove "${name}"`, (files) => files.delete(name));
  }

  async list(): Promise<readonly string[]> {
    await this.#access("list files");
    return [...this.#seen.keys()].sort();
  }

  async sync(): Promise<void> {
    const changes = this.#unsynced.length;
    await this.#access("sync");
    for (const change of this.#unsynced.splice(0, changes)) change(this.#durable); // I1
  }

  crash(): void {
    this.#life++;
    const { length } = this.#unsynced;
    const survivors = length === 0 ? 0 : this.#options.survival.next((random) => random.integer(length + 1));
    for (const change of this.#unsynced.slice(0, survivors)) change(this.#durable); // I2
    this.#unsynced = [];
    this.#seen = new Map(this.#durable);
  }

  wipe(): void {
    this.#life++;
    this.#durable = new Map();
    this.#seen = new Map();
    this.#unsynced = [];
  }

  async #change(action: string, change: Change): Promise<void> {
    await this.#access(action);
    if (this.state === "full") {
      const text = `Cannot ${action} on the disk of "${this.#options.node}": it is full`;
      throw new OrreryError("resource_exhausted", text);
    }
    change(this.#seen);
    this.#unsynced.push(change);
  }

  async #access(action: string): Promise<void> {
    const life = this.#life;
    await this.#options.clock().sleep(this.state === "slow" ? SLOW_ACCESS_MS : ACCESS_MS);
    if (life !== this.#life) await new Promise(() => undefined); // The process that asked is gone.
    if (this.state === "failing")
      throw new OrreryError("data_loss", `Cannot ${action} on the disk of "${this.#options.node}": it is failing`);
  }
}

import { OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { FILE_SPENT_BYTES_MAX } from "./limits.ts";
import { isSame, next, type Position } from "./position.ts";
import { changedState } from "./state.ts";
import type { StateFiles } from "./state-files.ts";
import { encodeRecord, type StartRecord, scanFile } from "./state-record.ts";
import type { StateStore, Stored, StoreStep } from "./state-store.ts";

/** Options of a store in files. */
export interface FileStoreOptions {
  /** A folder of its own. */
  readonly files: Omit<StateFiles, "close">;
  /** The mechtron whose state it is. */
  readonly name: string;
  readonly members: readonly string[];
  /** Bytes of changes beyond twice the state's own, after which a file is followed by the next. Default: 1 MiB. */
  readonly spentBytesMax?: number;
  /** Called once at its end. */
  readonly onClose?: () => Promise<void>;
}

/** Makes a store of files that only grow; each begins with the whole state, and has each change after it. */
export function createFileStore(options: FileStoreOptions): StateStore {
  return new FileStore(options);
}

const NAME = /^state-(\d{10})$/;

/**
 * Owns: the files of its folder. I1: a step is on the disk before `write` resolves. I2: a life begins with a file of its own, and so does
 * what follows a write that failed: nothing is written behind what may be torn. I3: a file goes when a later one is whole on the disk.
 */
class FileStore implements StateStore {
  readonly #options: Required<Omit<FileStoreOptions, "onClose">> & FileStoreOptions;
  /** Number of the file that was begun last. */
  #last = 0;
  /** The file that may be written on. */
  #current: { readonly name: string; bytes: number } | undefined;
  /** All files that may be there. */
  readonly #names = new Set<string>();
  #isClosed = false;

  constructor(options: FileStoreOptions) {
    this.#options = { spentBytesMax: FILE_SPENT_BYTES_MAX, ...options };
  }

  async load(): Promise<Stored | undefined> {
    const { files } = this.#options;
    const names = (await files.list()).filter((name) => NAME.test(name)).sort();
    for (const name of names) this.#names.add(name);
    this.#last = Number(NAME.exec(names.at(-1) ?? "")?.[1] ?? 0);
    for (const name of names.toReversed()) {
      const stored = this.#read(name, (await files.read(name)) ?? new Uint8Array(0));
      if (stored !== undefined) return stored;
    }
    return undefined;
  }

  async write(step: StoreStep, after: Stored): Promise<void> {
    if (this.#isClosed) throw new OrreryError("failed_precondition", `${this.#cannot("write")}: it was closed`);
    const { files, spentBytesMax } = this.#options;
    const file = this.#current;
    const isSpent = file === undefined || file.bytes > spentBytesMax + 2 * after.snapshot.state.bytes;
    if (step.kind === "whole" || isSpent) return await this.#begin(after);
    this.#current = undefined; // I2
    const bytes = encodeRecord(step, file.bytes);
    await files.append(file.name, bytes);
    await files.sync(file.name); // I1
    file.bytes += bytes.length;
    this.#current = file;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#options.onClose?.();
  }

  async #begin({ promised, snapshot }: Stored): Promise<void> {
    const { files, name: of, members } = this.#options;
    this.#current = undefined;
    const name = `state-${String(++this.#last).padStart(10, "0")}`;
    const bytes = encodeRecord({ kind: "start", name: of, members, promised, snapshot }, 0);
    this.#names.add(name);
    await files.append(name, bytes);
    await files.sync(name);
    this.#current = { name, bytes: bytes.length };
    for (const other of this.#names) {
      if (other === name) continue;
      const isGone = await files.remove(other).then(
        () => true,
        () => false, // Another time.
      );
      if (isGone) this.#names.delete(other); // I3
    }
  }

  /** What a file says; undefined for one whose beginning was cut short: nobody was told that it is there. */
  #read(name: string, bytes: Uint8Array): Stored | undefined {
    const { records, tail, isDamaged, end } = this.#scan(name, bytes);
    const [first, ...rest] = records;
    if (isDamaged || (first === undefined && tail === "unreadable")) {
      const why = `byte ${end} of "${name}" and what follows cannot be read`;
      throw new OrreryError("data_loss", `${this.#cannot("open")}: ${why}, put back a copy or empty the folder`);
    }
    if (first === undefined) return undefined;
    if (first.kind !== "start") throw this.#unfit(name, "it does not begin with a whole state");
    this.#assertOwn(first);
    let { promised, snapshot } = first;
    for (const record of rest) {
      if (record.kind === "start") throw this.#unfit(name, "it begins twice");
      if (record.kind === "promised") promised = Math.max(promised, record.promised);
      else {
        const { before, changes } = record.update;
        if (!isSame(before, snapshot.position)) throw this.#unfit(name, gap(snapshot.position, before));
        promised = Math.max(promised, before.epoch);
        snapshot = { position: next(before), state: changedState(snapshot.state, changes) };
      }
    }
    return { promised, snapshot };
  }

  #scan(name: string, bytes: Uint8Array) {
    try {
      return scanFile(bytes);
    } catch (error) {
      throw this.#unfit(name, messageOf(error));
    }
  }

  #assertOwn({ name, members }: StartRecord): void {
    const { name: own, members: wanted } = this.#options;
    const said = JSON.stringify([name, members]);
    if (said === JSON.stringify([own, wanted])) return;
    const why = `its files are of "${name}" with ${members.join(", ")}, it is asked for with ${wanted.join(", ")}`;
    throw new OrreryError("failed_precondition", `${this.#cannot("open")}: ${why}; members stay the same`);
  }

  #unfit(file: string, why: string): OrreryError {
    return new OrreryError("data_loss", `${this.#cannot("open")}: "${file}": ${why}`);
  }

  #cannot(what: string): string {
    return `Cannot ${what} the state of "${this.#options.name}"`;
  }
}

function gap(at: Position, before: Position): string {
  const say = ({ epoch, revision }: Position) => `epoch ${epoch} revision ${revision}`;
  return `a change of ${say(before)} follows ${say(at)}`;
}

import { OrreryError } from "@orrery/core";
import { FILE_SPENT_BYTES_MAX } from "./limits.ts";
import { type ReadState, readStateFiles, STATE_FILE, stateFile, stateFilesIn } from "./read-state-files.ts";
import type { StateFiles } from "./state-files.ts";
import { encodeRecord } from "./state-record.ts";
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
    const { files, name } = this.#options;
    const names = await stateFilesIn(files);
    for (const one of names) this.#names.add(one);
    this.#last = Number(STATE_FILE.exec(names.at(-1) ?? "")?.[1] ?? 0);
    const read = await readStateFiles(files, name);
    if (read !== undefined) this.#assertOwn(read);
    return read;
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
    const name = stateFile(++this.#last);
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

  #assertOwn({ name, members }: ReadState): void {
    const { name: own, members: wanted } = this.#options;
    const said = JSON.stringify([name, members]);
    if (said === JSON.stringify([own, wanted])) return;
    const why = `its files are of "${name}" with ${members.join(", ")}, it is asked for with ${wanted.join(", ")}`;
    throw new OrreryError("failed_precondition", `${this.#cannot("open")}: ${why}; members stay the same`);
  }

  #cannot(what: string): string {
    return `Cannot ${what} the state of "${this.#options.name}"`;
  }
}

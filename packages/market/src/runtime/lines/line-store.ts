import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { LINE_FILE_BYTES, LINE_FILES_MAX, LINE_LETTERS_MAX, LINES_BYTES_MAX } from "../limits.ts";
import type { PodLine, WantedLines } from "../pod-runtime.ts";

/** Options of `openLineStore`. */
export interface LineStoreOptions {
  readonly clock: Pick<Clock, "now">;
  /** Bytes of one file. Default: `LINE_FILE_BYTES`. */
  readonly fileBytes?: number;
  /** Bytes of all. Default: `LINES_BYTES_MAX`. */
  readonly bytesMax?: number;
}

/** Lines of a pod, in files of its own: the last ones, in order. */
export interface LineStore {
  /** Puts a line in; one that is too long becomes several. What it is now counts as its time, and no time is before that of the line before. */
  append(line: Omit<PodLine, "atMs">): void;
  read(wanted: WantedLines): AsyncGenerator<PodLine>;
  /** Writes what waits, and ends those who follow. */
  close(): void;
}

/** A line as its file has it. */
interface KeptLine {
  readonly t: number;
  readonly c: string;
  readonly n: number;
  readonly s: "o" | "e" | "x";
  readonly m: string;
}

interface Position {
  readonly file: number;
  readonly offset: number;
}

const FILE = /^(\d{8})\.jsonl$/;
const STREAMS = { o: "stdout", e: "stderr", x: "event" } as const;
const LETTERS = { stdout: "o", stderr: "e", event: "x" } as const;

/** Opens a folder of lines, made where it is missing. */
export function openLineStore(folder: string, options: LineStoreOptions): LineStore {
  return new LineFiles(folder, options);
}

/**
 * Owns: a folder of files with growing numbers. I1: whoever reads holds a place in the files and no lines, so that one who is slow costs nothing; what
 * was taken away meanwhile is skipped. I2: a file that was open when a process died is not written again: its end may be torn.
 */
class LineFiles implements LineStore {
  readonly #folder: string;
  readonly #options: LineStoreOptions;
  #file: number;
  #handle: number | undefined;
  #bytes = 0;
  #lastMs = 0;
  #waiting: string[] = [];
  #isClosed = false;
  #readers = new Set<() => void>();

  constructor(folder: string, options: LineStoreOptions) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#options = options;
    this.#file = (this.#files().at(-1) ?? 0) + 1; // I2
  }

  append({ container, copy, stream, text }: Omit<PodLine, "atMs">): void {
    this.#lastMs = Math.max(this.#lastMs, this.#options.clock.now());
    if (this.#waiting.length === 0) queueMicrotask(() => this.#write());
    for (let at = 0; at === 0 || at < text.length; at += LINE_LETTERS_MAX) {
      const kept: KeptLine = {
        ...{ t: this.#lastMs, c: container, n: copy, s: LETTERS[stream] },
        m: text.slice(at, at + LINE_LETTERS_MAX),
      };
      this.#waiting.push(`${JSON.stringify(kept)}\n`);
    }
  }

  async *read(wanted: WantedLines): AsyncGenerator<PodLine> {
    const { tail, follow = false, signal } = wanted;
    let place: Position = { file: 0, offset: 0 };
    this.#write();
    if (tail !== undefined) {
      const kept: PodLine[] = [];
      for (let next = this.#from(place); next !== undefined; next = this.#from(place)) {
        kept.push(...next.lines.filter((line) => isWanted(line, wanted)));
        if (kept.length > tail) kept.splice(0, kept.length - tail);
        place = next.place;
      }
      yield* kept;
    }
    while (!signal.aborted) {
      const next = this.#from(place);
      if (next === undefined) {
        if (!follow || this.#isClosed) return;
        await this.#more(signal);
        continue;
      }
      place = next.place;
      for (const line of next.lines) {
        if (signal.aborted) return;
        if (isWanted(line, wanted)) yield line;
      }
    }
  }

  close(): void {
    this.#write();
    this.#isClosed = true;
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
    for (const wake of this.#readers) wake();
  }

  /** Whole lines from a place on, and the place behind them; undefined at the end. */
  #from({ file, offset }: Position): { readonly lines: readonly PodLine[]; readonly place: Position } | undefined {
    for (const number of this.#files().filter((one) => one >= file)) {
      const from = number === file ? offset : 0;
      const bytes = bytesOf(this.#pathOf(number)).subarray(from);
      const end = bytes.lastIndexOf(10) + 1;
      if (end > 0) return { lines: linesOf(bytes.subarray(0, end)), place: { file: number, offset: from + end } };
    }
    return undefined;
  }

  #write(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(""));
    this.#waiting = [];
    if (this.#isClosed) return;
    if (this.#handle !== undefined && this.#bytes + bytes.length > (this.#options.fileBytes ?? LINE_FILE_BYTES)) {
      closeSync(this.#handle);
      this.#handle = undefined;
      this.#file += 1;
    }
    if (this.#handle === undefined) {
      this.#handle = openSync(this.#pathOf(this.#file), "a", 0o600);
      this.#bytes = 0;
      this.#forget();
    }
    writeSync(this.#handle, bytes);
    this.#bytes += bytes.length;
    for (const wake of this.#readers) wake();
  }

  /** Takes away the oldest files over the bounds. */
  #forget(): void {
    const files = this.#files();
    const sizes = files.map((number) => statSync(this.#pathOf(number)).size);
    const room = (this.#options.bytesMax ?? LINES_BYTES_MAX) - (this.#options.fileBytes ?? LINE_FILE_BYTES);
    let total = sizes.reduce((sum, size) => sum + size, 0);
    for (const [place, number] of files.entries()) {
      if (total <= room && files.length - place <= LINE_FILES_MAX) return;
      if (number === this.#file) return;
      rmSync(this.#pathOf(number), { force: true });
      total -= sizes[place] ?? 0;
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#readers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#readers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${String(number).padStart(8, "0")}.jsonl`);
  }

  #files(): readonly number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
}

function isWanted({ container, atMs }: PodLine, { container: of, sinceMs }: WantedLines): boolean {
  return (of === undefined || of === container) && (sinceMs === undefined || atMs >= sinceMs);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0); // It was taken away for its age.
  }
}

function linesOf(bytes: Buffer): readonly PodLine[] {
  return bytes
    .toString("utf8")
    .split("\n")
    .flatMap((text) => {
      try {
        const { t, c, n, s, m } = JSON.parse(text) as KeptLine;
        return [{ atMs: t, container: c, copy: n, stream: STREAMS[s], text: m }];
      } catch {
        return []; // The end of a file that was open when a process died.
      }
    });
}

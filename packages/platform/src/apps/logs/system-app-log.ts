import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { LOG_FILE_BYTES, LOG_FILES_KEPT, LOG_READ_BYTES } from "./limits.ts";
import { type LogLine, type NewLine, parseLogLine, printLogLine } from "./log-line.ts";

/** Reads a log from a place on; one reader. */
export interface LogCursor {
  /** What comes next, in pieces; none at the end. */
  next(): readonly LogLine[];
}

/** The log of one app, in files that outlive whoever writes them. */
export interface AppLog {
  /** Number of the last line; 0 for none. */
  readonly last: number;
  add(lines: readonly NewLine[]): void;
  /** Reads what comes after a number, or what is left of it. */
  from(after: number): LogCursor;
  /** Calls back whenever there are more lines; gives what ends that. */
  onAdd(listener: () => void): () => void;
}

const NAME = /^\d{12}\.log$/;

/**
 * Opens a log in a folder, of which this is the only user. I1: of `LOG_FILES_KEPT` files of `LOG_FILE_BYTES` the oldest goes when there is another. I2: numbers
 * grow by one, over restarts too. I3: a file has the number of its first line in its name.
 */
export function openAppLog(folder: string): AppLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return new FileLog(folder);
}

class FileLog implements AppLog {
  readonly #folder: string;
  readonly #listeners = new Set<() => void>();
  #files: readonly string[];
  #bytes: number;
  last: number;

  constructor(folder: string) {
    this.#folder = folder;
    this.#files = readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort();
    const newest = this.#files.at(-1);
    const text = newest === undefined ? "" : readFileSync(join(folder, newest), "utf8");
    if (newest !== undefined && !text.endsWith("\n")) appendFileSync(join(folder, newest), "\n"); // It was torn off.
    this.#bytes = Buffer.byteLength(text);
    const lines = text.split("\n").flatMap((line) => parseLogLine(line)?.seq ?? []);
    this.last = lines.at(-1) ?? (newest === undefined ? 0 : numberOf(newest) - 1); // I2
  }

  add(lines: readonly NewLine[]): void {
    let text = "";
    for (const line of lines) {
      if (this.#files.length === 0 || this.#bytes >= LOG_FILE_BYTES) {
        this.#write(text);
        text = "";
        this.#begin();
      }
      const printed = printLogLine({ ...line, seq: ++this.last });
      this.#bytes += Buffer.byteLength(printed);
      text += printed;
    }
    this.#write(text);
    for (const hear of [...this.#listeners]) hear();
  }

  from(after: number): LogCursor {
    const first = this.#files.findLast((name) => numberOf(name) <= after + 1) ?? this.#files[0];
    return new FileCursor({ folder: this.#folder, files: () => this.#files, after }, first);
  }

  onAdd(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  #begin(): void {
    const files = [...this.#files, `${String(this.last + 1).padStart(12, "0")}.log`]; // I3
    for (const old of files.slice(0, -LOG_FILES_KEPT)) rmSync(join(this.#folder, old), { force: true }); // I1
    this.#files = files.slice(-LOG_FILES_KEPT);
    this.#bytes = 0;
  }

  #write(text: string): void {
    const file = this.#files.at(-1);
    if (text !== "" && file !== undefined) appendFileSync(join(this.#folder, file), text, { mode: 0o600 });
  }
}

function numberOf(name: string): number {
  return Number(name.slice(0, -".log".length));
}

interface CursorParts {
  readonly folder: string;
  readonly files: () => readonly string[];
  readonly after: number;
}

/** I1: a file that went before it was read is passed over; numbers tell what was missed. */
class FileCursor implements LogCursor {
  readonly #parts: CursorParts;
  #file: string | undefined;
  #offset = 0;

  constructor(parts: CursorParts, file: string | undefined) {
    this.#parts = parts;
    this.#file = file;
  }

  next(): readonly LogLine[] {
    for (;;) {
      const files = this.#parts.files();
      this.#file ??= files[0];
      if (this.#file === undefined) return [];
      const text = readPiece(join(this.#parts.folder, this.#file), this.#offset);
      this.#offset += Buffer.byteLength(text);
      const lines = text.split("\n").flatMap((line) => parseLogLine(line) ?? []);
      const wanted = lines.filter(({ seq }) => seq > this.#parts.after);
      if (wanted.length > 0) return wanted;
      if (text !== "") continue;
      const following = files.find((name) => name > (this.#file ?? "")); // I1
      if (following === undefined) return [];
      this.#file = following;
      this.#offset = 0;
    }
  }
}

/** Whole lines from a place of a file on; empty at its end, or where it has gone. */
export function readPiece(file: string, offset: number, most = LOG_READ_BYTES): string {
  const bytes = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) - offset;
  if (bytes <= 0) return "";
  const fd = openSync(file, "r");
  try {
    for (let length = Math.min(bytes, most); ; length = Math.min(bytes, length * 2)) {
      const piece = Buffer.alloc(length);
      const read = piece.subarray(0, readSync(fd, piece, 0, length, offset));
      const end = read.lastIndexOf(0x0a);
      if (end >= 0) return read.subarray(0, end + 1).toString("utf8");
      if (length === bytes) return "";
    }
  } finally {
    closeSync(fd);
  }
}

import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  watch,
} from "node:fs";
import { join } from "node:path";
import type { Clock, Timer } from "@orrery/core";
import { replaceFile } from "../system-replace-file.ts";
import { OUTPUT_AHEAD_BYTES, OUTPUT_EMPTIED_BYTES, OUTPUT_TAKE_MS } from "./limits.ts";
import type { LogStream, NewLine } from "./log-line.ts";
import { printedLines } from "./printed-lines.ts";
import { type AppLog, readPiece } from "./system-app-log.ts";

/** What takes what processes print. */
export interface OutputTaker {
  /** Takes all that is there now. */
  take(): void;
  close(): void;
}

/** Where processes print, and where that goes. */
export interface OutputTakerOptions {
  /** Folder of their files, such as `greeter-0.out`, made where it is missing. */
  readonly folder: string;
  /** File that says how far each was taken. */
  readonly placesFile: string;
  readonly log: AppLog;
  readonly clock: Clock;
}

/**
 * Takes what processes print into a log as it comes, also what they printed while nobody was there. I1: each line is taken once. I2: what has been
 * taken is emptied, and of what comes faster than it is taken the oldest is left out, so that no process fills the disk.
 */
export function createOutputTaker(options: OutputTakerOptions): OutputTaker {
  return new FileTaker(options);
}

class FileTaker implements OutputTaker {
  readonly #options: OutputTakerOptions;
  readonly #places: Map<string, number>;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;

  constructor(options: OutputTakerOptions) {
    const { folder, placesFile } = options;
    this.#options = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#places = new Map(Object.entries(readPlaces(placesFile)));
    this.#watcher = watch(folder, { persistent: false }, () => this.#soon());
    this.#watcher.on("error", () => this.close()); // The folder has gone, with its app.
    this.take();
  }

  take(): void {
    const { folder, log, placesFile } = this.#options;
    const files = readdirSync(folder).filter((name) => streamOf(name) !== undefined);
    const lines = files.flatMap((name) => this.#takeOne(name)).sort((a, b) => a.atMs - b.atMs);
    if (lines.length === 0) return;
    log.add(lines.map((line) => ({ ...line, atMs: Math.floor(line.atMs) })));
    for (const name of files) this.#empty(name);
    replaceFile(placesFile, JSON.stringify(Object.fromEntries(this.#places))); // I1
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #soon(): void {
    if (this.#watcher === undefined || this.#timer !== undefined) return;
    this.#timer = this.#options.clock.timer(OUTPUT_TAKE_MS, () => {
      this.#timer = undefined;
      if (existsSync(this.#options.folder)) this.take();
    });
  }

  #takeOne(name: string): readonly NewLine[] {
    const { folder, clock } = this.#options;
    const file = join(folder, name);
    const about = { stream: streamOf(name) ?? "stderr", instance: instanceOf(name) };
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const lines: NewLine[] = [];
    let place = this.#places.get(name) ?? 0;
    if (place > size) place = 0; // It was emptied, and that was not kept.
    if (size - place > OUTPUT_AHEAD_BYTES) {
      const left = size - OUTPUT_EMPTIED_BYTES - place;
      place += left; // I2
      const text = `${left} bytes of output were left out: they came faster than they are kept`;
      lines.push({ atMs: clock.now(), stream: "platform", instance: about.instance, text });
    }
    for (let text = readPiece(file, place); text !== ""; text = readPiece(file, place)) {
      place += Buffer.byteLength(text);
      let atMs = lines.at(-1)?.atMs ?? 0;
      for (const line of printedLines(text.slice(0, -1))) {
        atMs = line.atMs ?? (atMs === 0 ? clock.now() : atMs); // What has no time came with what is before it.
        lines.push({ ...about, atMs, text: line.text });
      }
    }
    this.#places.set(name, place);
    return lines;
  }

  /** I2: only what was taken whole; who writes meanwhile is left alone. */
  #empty(name: string): void {
    const file = join(this.#options.folder, name);
    const place = this.#places.get(name) ?? 0;
    if (place < OUTPUT_EMPTIED_BYTES || statSync(file, { throwIfNoEntry: false })?.size !== place) return;
    truncateSync(file, 0);
    this.#places.set(name, 0);
  }
}

function readPlaces(file: string): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  } catch {
    return {}; // As before the first.
  }
}

function streamOf(name: string): LogStream | undefined {
  if (name.endsWith(".out")) return "stdout";
  return name.endsWith(".err") ? "stderr" : undefined;
}

function instanceOf(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}

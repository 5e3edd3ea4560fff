import type { Clock } from "@orrery/core";
import { HISTORY_LINES_MAX, METRIC_POINTS_MAX, POD_EVENT_LETTERS_MAX, POD_EVENTS_MAX } from "./limits.ts";
import type { LeaseFolder } from "./pod-record.ts";

/** What happened to a pod. */
export interface PodEventLine {
  readonly atMs: number;
  /** Such as `deployed`, `warned`. */
  readonly kind: string;
  readonly text: string;
}

/** What a pod used, at a time. */
export interface MetricLine {
  readonly atMs: number;
  /** Thousandths of a core, since the point before. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly egressBytes: number;
  readonly ingressBytes: number;
  readonly storageBytes: number;
  readonly copies: number;
}

/** What a provider remembers of a pod for its publisher, so much of it at most, over its restarts. */
export interface PodHistory {
  tell(kind: string, text: string): void;
  events(): readonly PodEventLine[];
  measure(point: MetricLine): void;
  points(sinceMs: number): readonly MetricLine[];
  /** Writes what waits. What is told after this is forgotten. */
  close(): Promise<void>;
}

/** What a history works with. */
export interface PodHistoryOptions {
  readonly clock: Pick<Clock, "now">;
  /** Where it is kept. */
  readonly folder: LeaseFolder;
  /** Told where it cannot be kept, or read: nothing is refused for that. */
  readonly onFault: (error: unknown) => void;
}

const FILE = "history.jsonl";

/** Opens the history of a pod, with what is kept of it. */
export async function openPodHistory(options: PodHistoryOptions): Promise<PodHistory> {
  const bytes = await options.folder.read(FILE).catch((error: unknown) => {
    options.onFault(error);
    return undefined;
  });
  return new KeptHistory(options, new TextDecoder().decode(bytes));
}

/**
 * Owns: what is remembered, and a file of it. I1. What the file has beyond what is remembered is bounded: it is written anew then. I2. Behind a line that
 * was torn, by a crash or a full disk, nothing is written: the file is written anew first. I3. Nobody waits for the disk.
 */
class KeptHistory implements PodHistory {
  readonly #options: PodHistoryOptions;
  readonly #events: PodEventLine[];
  readonly #points: MetricLine[];
  #waiting: string[] = [];
  #lines: number;
  #isTorn: boolean;
  #isClosed = false;
  #writing: Promise<void> | undefined;

  constructor(options: PodHistoryOptions, text: string) {
    this.#options = options;
    const lines = text.split("\n");
    const found = lines.flatMap(parseLine);
    this.#events = found.filter((line) => "kind" in line).slice(-POD_EVENTS_MAX);
    this.#points = found.filter((line) => "cpu" in line).slice(-METRIC_POINTS_MAX);
    this.#lines = lines.length - 1;
    this.#isTorn = lines.at(-1) !== "";
  }

  tell(kind: string, text: string): void {
    const event = { atMs: this.#options.clock.now(), kind, text: text.slice(0, POD_EVENT_LETTERS_MAX) };
    this.#events.push(event);
    if (this.#events.length > POD_EVENTS_MAX) this.#events.shift();
    this.#put(event);
  }

  events(): readonly PodEventLine[] {
    return [...this.#events];
  }

  measure(point: MetricLine): void {
    this.#points.push(point);
    if (this.#points.length > METRIC_POINTS_MAX) this.#points.shift();
    this.#put(point);
  }

  points(sinceMs: number): readonly MetricLine[] {
    return this.#points.filter(({ atMs }) => atMs >= sinceMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
  }

  #put(line: PodEventLine | MetricLine): void {
    if (this.#isClosed) return;
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#writing ??= Promise.resolve()
      .then(() => this.#write())
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(): Promise<void> {
    const { folder, onFault } = this.#options;
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      const isAnew = this.#isTorn || this.#lines + lines.length > HISTORY_LINES_MAX; // I1, I2
      const all = isAnew ? [...this.#events, ...this.#points].map((line) => `${JSON.stringify(line)}\n`) : lines;
      const bytes = new TextEncoder().encode(all.join(""));
      try {
        await (isAnew ? folder.write(FILE, bytes) : folder.append(FILE, bytes));
        this.#lines = isAnew ? all.length : this.#lines + lines.length;
        this.#isTorn = false;
      } catch (error) {
        if (!this.#isTorn) onFault(error); // Once, until it is kept again.
        this.#isTorn = true;
      }
    }
  }
}

const POINT = ["cpu", "memoryBytes", "egressBytes", "ingressBytes", "storageBytes", "copies"];

/** A line as it was written; nothing of one that was torn. */
function parseLine(text: string): readonly (PodEventLine | MetricLine)[] {
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    const isNumber = (name: string) => Number.isFinite(line[name]);
    const isEvent = typeof line["kind"] === "string" && typeof line["text"] === "string";
    if (isNumber("atMs") && (isEvent || POINT.every(isNumber))) return [line as unknown as PodEventLine | MetricLine];
  } catch {
    // It was torn, or is the end.
  }
  return [];
}

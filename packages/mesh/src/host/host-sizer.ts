import type { Clock, JsonValue, Log } from "@orrery/core";
import { createElastic, type Elastic, type ElasticEvent, type Wanted } from "../elastic/elastic.ts";
import type { Placement } from "../elastic/placement.ts";
import type { ElasticRules } from "../elastic/rules.ts";
import type { Supervisor } from "../supervise/supervise.ts";
import { componentOf } from "./host-sizes.ts";
import { HOST_PROCESSES_MAX, IDLE_TOLD_MS, SIZE_LOOK_MS } from "./limits.ts";
import { type QueueView, queueViewOf } from "./queue-views.ts";

/** Options of what sizes components. */
export interface HostSizerOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly supervisor: Pick<Supervisor, "status">;
  /** What the sizes of components follow; one whose size is fixed has none. */
  readonly rules: () => Readonly<Record<string, Partial<ElasticRules>>>;
  /** Where processes may run, nearest first. */
  readonly placements: readonly Placement[];
  /** Instances at other hosts that have nothing to do, within the rules' scope. Default: none. */
  readonly idleElsewhere?: (component: string) => number;
  /** Told of everything that is done. Default: nobody. */
  readonly onChange?: (event: ElasticEvent) => void;
}

/** Sizes components whose processes tell how their queues stand. */
export interface HostSizer {
  /** Takes what a process tells of its queues. */
  hear(child: string, news: JsonValue): void;
  /** Lets the rules count, as they are now. */
  follow(): void;
  /** Says how a component stands, and what would be done now. @throws OrreryError `not_found`. */
  explain(component: string): string;
  /** Looks no more; processes stay. */
  close(): void;
}

/** Makes what sizes components by what their processes tell. Call `follow` to begin. */
export function createHostSizer(options: HostSizerOptions): HostSizer {
  return new QueueSizer(options);
}

interface Told {
  readonly view: QueueView;
  readonly atMs: number;
}

/**
 * Owns: what processes told last, and the controller. I1: a component of which nothing is to be decided is in no controller. I2: who is silent
 * waits on, for a busy event loop tells nothing, and is idle only for a while.
 */
class QueueSizer implements HostSizer {
  readonly #options: HostSizerOptions;
  readonly #told = new Map<string, Told>();
  #elastic: Elastic | undefined;
  #rules = "";
  #lookedMs = 0;

  constructor(options: HostSizerOptions) {
    this.#options = options;
  }

  hear(child: string, news: JsonValue): void {
    const view = queueViewOf(news);
    if (view === undefined || (!this.#told.has(child) && this.#told.size >= 2 * HOST_PROCESSES_MAX)) return;
    const nowMs = this.#options.clock.monotonic();
    this.#told.set(child, { view, atMs: nowMs });
    if (view.waiting === 0 || nowMs - this.#lookedMs < SIZE_LOOK_MS) return;
    this.#lookedMs = nowMs;
    this.#elastic?.look();
  }

  follow(): void {
    const rules = this.#options.rules();
    const text = JSON.stringify(rules);
    if (text === this.#rules) return;
    this.#rules = text;
    void this.#elastic?.stop();
    this.#elastic = undefined;
    if (Object.keys(rules).length === 0) return;
    const { clock, log, placements, onChange } = this.#options;
    this.#elastic = createElastic({
      clock,
      ...(log && { log }),
      ...(onChange && { onChange }),
      components: rules,
      wanted: (component) => this.#wanted(component),
      placements,
    });
  }

  explain(component: string): string {
    this.follow();
    return this.#elastic?.explain(component) ?? "";
  }

  close(): void {
    void this.#elastic?.stop();
    this.#elastic = undefined;
    this.#rules = "";
  }

  #wanted(component: string): Wanted {
    const { clock, supervisor, idleElsewhere } = this.#options;
    const nowMs = clock.monotonic();
    const children = new Map(supervisor.status().map(({ name, state }) => [name, state]));
    let [waitedMs, waiting, idle] = [0, 0, idleElsewhere?.(component) ?? 0];
    for (const [child, { view, atMs }] of this.#told) {
      if (children.get(child) !== "ready") this.#told.delete(child);
      else if (componentOf(child) === component) {
        const silentMs = nowMs - atMs;
        waiting += view.waiting;
        if (view.waiting > 0) waitedMs = Math.max(waitedMs, view.waitedMs + silentMs); // I2
        if (silentMs <= IDLE_TOLD_MS) idle += view.idle;
      }
    }
    return { waitedMs, waiting, idle };
  }
}

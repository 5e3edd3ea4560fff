import type { Clock, Log } from "@orrery/core";
import { spaceOf } from "../address/space-of.ts";
import { DRIVE_AGAIN_MAX_MS, DRIVE_AGAIN_MIN_MS } from "../limits.ts";
import { nothingThere } from "../nothing-there.ts";
import { listPages } from "../read/list-pages.ts";
import type { Registry, ResourceView } from "../registry.ts";
import type { Status } from "../resource.ts";

/** What a driver drives, and how. */
export interface KindWork {
  /** Name of the kind. */
  readonly kind: string;
  /** Stands among the finalizers of each resource. */
  readonly driver: string;
  /** Addresses of which something is left. */
  left(): readonly string[];
  /** Ends all that is left of one that is gone, or goes; done when nothing is. */
  drop(address: string): Promise<void>;
  /** Ends what runs of one, and forgets nothing: its Space is suspended. Default: it goes on. */
  rest?(address: string): Promise<void>;
  /** Compares what one is to be with how it stands, and acts. It must do nothing more once the signal has aborted. */
  compare(resource: ResourceView, signal: AbortSignal): Promise<Compared>;
  /** Calls back with the address whenever one stands another way. */
  onChange(listener: (address: string) => void): void;
}

/** What came of a comparison. */
export interface Compared {
  readonly status: Status;
  /** Addresses that decided it: when one changes, it is looked at again. */
  readonly looked: readonly string[];
}

/** Options of a driver. */
export interface KindDriverOptions {
  /** One that has the kind. */
  readonly registry: Pick<Registry, "get" | "list" | "watch" | "change">;
  /** Says how long to wait before what went wrong is tried again. */
  readonly clock: Clock;
  /** Is told what went wrong, and is tried again. */
  readonly log: Log;
  /** In whose name it writes what became of resources, an operator. */
  readonly agent: string;
}

/** Makes the resources of a kind what they are to be. */
export interface KindDriver {
  /** Looks at every one, and follows what changes from then on. */
  start(): Promise<void>;
  /** Done when nothing is left to be done now. */
  settled(): Promise<void>;
  /** Does nothing any more; what runs runs on. */
  stop(): Promise<void>;
}

/** Makes the driver of a kind; it does nothing before `start`. */
export function createKindDriver(work: KindWork, options: KindDriverOptions): KindDriver {
  return new ComparingDriver(work, options);
}

/** What is known of one resource while the driver runs; nothing of it is needed to go on. */
interface Known {
  /** Addresses that decided what it is to be. */
  looked: ReadonlySet<string>;
  work: Promise<void> | undefined;
  isDue: boolean;
  againMs: number;
}

/**
 * Compares what each is to be with how it stands, and acts. I1: what it does follows from these two and nothing else, so that it may die
 * between any two steps. I2: of one resource one comparison is under way at a time. I3: what is left of one that is gone is dropped.
 */
class ComparingDriver implements KindDriver {
  readonly #kind: KindWork;
  readonly #options: KindDriverOptions;
  readonly #known = new Map<string, Known>();
  readonly #ended = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(kind: KindWork, options: KindDriverOptions) {
    this.#kind = kind;
    this.#options = options;
    kind.onChange((address) => this.#due(address));
  }

  async start(): Promise<void> {
    const revision = await this.#lookAtAll();
    this.#watching = this.#watch(revision);
  }

  async settled(): Promise<void> {
    for (;;) {
      const under = [...this.#known.values()].flatMap(({ work }) => work ?? []);
      if (under.length === 0) return;
      await Promise.all(under);
    }
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#watching;
    await this.settled();
  }

  /** Has every one looked at that is to be, or that is left; gives the revision from which on to follow. */
  async #lookAtAll(): Promise<number> {
    const { registry, agent } = this.#options;
    for (const address of this.#kind.left()) this.#due(address); // I3
    let revision = Number.POSITIVE_INFINITY;
    for await (const page of listPages(registry, `**<${this.#kind.kind}>`, { agent })) {
      revision = Math.min(revision, page.revision);
      for (const { address } of page.resources) this.#due(address);
    }
    return revision;
  }

  async #watch(from: number): Promise<void> {
    const { registry, agent, clock, log } = this.#options;
    const by = { agent, signal: this.#ended.signal };
    for (let after = from; !this.#ended.signal.aborted; ) {
      try {
        for await (const { resource, revision, parts } of registry.watch({ selector: "**", after }, by)) {
          after = revision;
          const isOwnWord = parts.length === 1 && parts[0] === "status" && resource.status.state !== "Destroying";
          if (resource.kind === this.#kind.kind && !isOwnWord) this.#due(resource.address);
          for (const [address, { looked }] of this.#known) if (looked.has(resource.address)) this.#due(address);
        }
        return; // The registry has ended.
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        log.warn("what is driven could not be watched, all are looked at again", {
          kind: this.#kind.kind,
          error: String(error),
        });
        await clock.sleep(DRIVE_AGAIN_MIN_MS, this.#ended.signal).catch(() => undefined);
        after = await this.#lookAtAll().catch(() => after);
      }
    }
  }

  #due(address: string): void {
    if (this.#ended.signal.aborted) return;
    const known: Known = this.#known.get(address) ?? { looked: new Set(), work: undefined, isDue: false, againMs: 0 };
    this.#known.set(address, known);
    known.isDue = true;
    known.work ??= this.#work(address, known); // I2
  }

  async #work(address: string, known: Known): Promise<void> {
    const { clock, log } = this.#options;
    await undefined; // What is due together is looked at once.
    while (known.isDue && !this.#ended.signal.aborted) {
      known.isDue = false;
      try {
        await this.#compare(address, known);
        known.againMs = 0;
      } catch (error) {
        if (this.#ended.signal.aborted) break;
        known.againMs = Math.min(DRIVE_AGAIN_MAX_MS, Math.max(DRIVE_AGAIN_MIN_MS, known.againMs * 2));
        log.warn("a resource could not be driven, it is tried again", { address, error: String(error) });
        clock.timer(known.againMs, () => this.#due(address));
        break;
      }
    }
    known.work = undefined;
  }

  /** One comparison, and what follows from it. I1 */
  async #compare(address: string, known: Known): Promise<void> {
    const { registry, agent } = this.#options;
    const { driver } = this.#kind;
    const resource = await this.#get(address);
    if (resource === undefined) {
      await this.#kind.drop(address);
      this.#known.delete(address);
      return;
    }
    if (resource.status.state === "Destroying") {
      await this.#kind.drop(address);
      if (resource.finalizers.includes(driver))
        await registry.change({ address, finalizers: { done: [driver] } }, { agent });
      return;
    }
    const space = spaceOf(address);
    const suspended = this.#kind.rest === undefined ? undefined : await this.#whySuspended(space);
    known.looked = new Set([space]); // From now on it is looked at again when its Space changes.
    if (suspended !== undefined) await this.#kind.rest?.(address);
    const compared =
      suspended === undefined
        ? await this.#kind.compare(resource, this.#ended.signal)
        : { status: { state: "Paused", reason: `${space} is suspended: ${suspended}` }, looked: [] };
    const { status, looked } = compared;
    known.looked = new Set([space, ...looked]);
    if (this.#ended.signal.aborted) return;
    if (JSON.stringify(status) !== JSON.stringify(resource.status))
      await registry.change({ address, status }, { agent });
  }

  /** Why nothing of a Space is to run; undefined where it may. */
  async #whySuspended(space: string): Promise<string | undefined> {
    const suspended = (await this.#find(space))?.properties["suspended"];
    return suspended === undefined ? undefined : String(suspended);
  }

  async #get(address: string): Promise<ResourceView | undefined> {
    const resource = await this.#find(address);
    return resource?.kind === this.#kind.kind ? resource : undefined;
  }

  #find(address: string): Promise<ResourceView | undefined> {
    const { registry, agent } = this.#options;
    return registry.get(address, { agent }).catch(nothingThere);
  }
}

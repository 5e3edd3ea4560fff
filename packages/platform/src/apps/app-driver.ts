import { type Clock, isOrreryError, type Log } from "@orrery/core";
import type { Registry, ResourceView } from "@orrery/registry";
import { APP_DRIVER } from "./app-kind.ts";
import type { AppReleases } from "./app-release.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { statusOf } from "./app-status.ts";
import { APP_AGAIN_MAX_MS, APP_AGAIN_MIN_MS } from "./limits.ts";

/** Options of the driver of apps. */
export interface AppDriverOptions {
  readonly registry: Pick<Registry, "get" | "list" | "watch" | "change">;
  readonly releases: AppReleases;
  readonly runtime: AppRuntime;
  readonly clock: Clock;
  readonly log: Log;
  /** In whose name it writes what became of apps, an operator. */
  readonly agent: string;
}

/** Makes apps what they are to be. */
export interface AppDriver {
  /** Looks at every app, and follows what changes from then on. */
  start(): Promise<void>;
  /** Done when nothing is left to be done now. */
  settled(): Promise<void>;
  /** Does nothing any more; what runs runs on. */
  stop(): Promise<void>;
}

/** Makes the driver of apps; it does nothing before `start`. */
export function createAppDriver(options: AppDriverOptions): AppDriver {
  return new ComparingDriver(options);
}

/** What is known of one app while the driver runs; nothing of it is needed to go on. */
interface Known {
  /** Addresses that decided what it is to be. */
  looked: ReadonlySet<string>;
  work: Promise<void> | undefined;
  isDue: boolean;
  againMs: number;
}

/**
 * Compares what each app is to be with how it stands, and acts. I1: what it does follows from these two and nothing else, so that it may die
 * between any two steps. I2: of one app one comparison is under way at a time. I3: an app whose resource is gone is dropped.
 */
class ComparingDriver implements AppDriver {
  readonly #options: AppDriverOptions;
  readonly #known = new Map<string, Known>();
  readonly #ended = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(options: AppDriverOptions) {
    this.#options = options;
    options.runtime.onChange((app) => this.#due(app));
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

  /** Has every app looked at that is to be, or that is left; gives the revision from which on to follow. */
  async #lookAtAll(): Promise<number> {
    const { registry, runtime, agent } = this.#options;
    for (const app of runtime.apps()) this.#due(app); // I3
    let revision: number | undefined;
    for (let after: string | undefined; ; ) {
      const page = await registry.list({ selector: "**<App>", ...(after === undefined ? {} : { after }) }, { agent });
      revision ??= page.revision;
      for (const { address } of page.resources) this.#due(address);
      if (page.next === undefined) return revision;
      after = page.next;
    }
  }

  async #watch(from: number): Promise<void> {
    const { registry, agent, clock, log } = this.#options;
    const by = { agent, signal: this.#ended.signal };
    for (let after = from; !this.#ended.signal.aborted; ) {
      try {
        for await (const { resource, revision, parts } of registry.watch({ selector: "**", after }, by)) {
          after = revision;
          const isOwnWord = parts.length === 1 && parts[0] === "status" && resource.status.state !== "Destroying";
          if (resource.kind === "App" && !isOwnWord) this.#due(resource.address);
          for (const [app, { looked }] of this.#known) if (looked.has(resource.address)) this.#due(app);
        }
        return; // The registry has ended.
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        log.warn("apps could not be watched, all are looked at again", { error: String(error) });
        await clock.sleep(APP_AGAIN_MIN_MS, this.#ended.signal).catch(() => undefined);
        after = await this.#lookAtAll().catch(() => after);
      }
    }
  }

  #due(app: string): void {
    if (this.#ended.signal.aborted) return;
    const known: Known = this.#known.get(app) ?? { looked: new Set(), work: undefined, isDue: false, againMs: 0 };
    this.#known.set(app, known);
    known.isDue = true;
    known.work ??= this.#work(app, known); // I2
  }

  async #work(app: string, known: Known): Promise<void> {
    const { clock, log } = this.#options;
    await undefined; // What is due together is looked at once.
    while (known.isDue && !this.#ended.signal.aborted) {
      known.isDue = false;
      try {
        await this.#compare(app, known);
        known.againMs = 0;
      } catch (error) {
        if (this.#ended.signal.aborted) break;
        known.againMs = Math.min(APP_AGAIN_MAX_MS, Math.max(APP_AGAIN_MIN_MS, known.againMs * 2));
        log.warn("an app could not be looked at, it is tried again", { app, error: String(error) });
        clock.timer(known.againMs, () => this.#due(app));
        break;
      }
    }
    known.work = undefined;
  }

  /** One comparison, and what follows from it. I1 */
  async #compare(app: string, known: Known): Promise<void> {
    const { registry, releases, runtime, agent } = this.#options;
    const resource = await this.#get(app);
    if (resource === undefined) {
      await runtime.drop(app);
      releases.forget(app);
      this.#known.delete(app);
      return;
    }
    if (resource.status.state === "Destroying") {
      await runtime.drop(app);
      releases.forget(app);
      if (resource.finalizers.includes(APP_DRIVER))
        await registry.change({ address: app, finalizers: { done: [APP_DRIVER] } }, { agent });
      return;
    }
    const found = await releases.find(resource);
    known.looked = new Set(found.looked);
    if (this.#ended.signal.aborted) return;
    if (found.kind === "release") runtime.run(found.release);
    const status = statusOf(found, runtime.stand(app));
    if (JSON.stringify(status) !== JSON.stringify(resource.status))
      await registry.change({ address: app, status }, { agent });
  }

  async #get(app: string): Promise<ResourceView | undefined> {
    const { registry, agent } = this.#options;
    try {
      const resource = await registry.get(app, { agent });
      return resource.kind === "App" ? resource : undefined;
    } catch (error) {
      if (isOrreryError(error) && error.code === "not_found") return undefined;
      throw error;
    }
  }
}

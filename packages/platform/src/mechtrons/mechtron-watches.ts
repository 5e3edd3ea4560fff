import { isOrreryError, OrreryError } from "@orrery/core";
import { guestRequest, WATCH_SERVICE } from "@orrery/guest/abi";
import { BROADCAST_KIND, type ChangeView, parseSelector, type Registry } from "@orrery/registry";
import { toldOf } from "./guest-resources.ts";
import { type HearingParts, hearBroadcast } from "./hear-broadcast.ts";
import { MESSAGE_TIMEOUT_MS, READ_AGAIN_MS, TELL_AGAIN_MAX, WATCHES_MAX } from "./limits.ts";

/** What a mechtron watches, and the last change that it was told. */
export interface KeptWatch {
  readonly selector: string;
  readonly after: number;
}

/** Where watches outlive the platform's process. */
export interface WatchStore {
  /** Those of a mechtron; none where nothing is kept. */
  load(mechtron: string): readonly KeptWatch[];
  /** Keeps these in the place of those before. */
  save(mechtron: string, watches: readonly KeptWatch[]): void;
}

/** Tells mechtrons of what they watch: each change once it was, in order, and again where nobody knows whether it was told. */
export interface MechtronWatches {
  /** @throws OrreryError `invalid_argument` for a selector that is none, `resource_exhausted` for too many */
  watch(mechtron: string, watch: { readonly selector: string; readonly since?: number }): void;
  unwatch(mechtron: string, selector: string): void;
  /** Goes on with what a mechtron watched, now that it takes messages. */
  resume(mechtron: string): void;
  /** A mechtron takes no messages for now; what it watched goes on with `resume`. */
  rest(mechtron: string): void;
  /** A mechtron is gone, and with it what it watched. */
  drop(mechtron: string): void;
  /** Ends all of it; what was watched goes on with the next. */
  close(): Promise<void>;
}

/** Options of `createMechtronWatches`. */
export interface MechtronWatchesOptions extends HearingParts {
  readonly registry: Pick<Registry, "watch" | "revision">;
  readonly store: WatchStore;
}

/** Makes what tells mechtrons. */
export function createMechtronWatches(options: MechtronWatchesOptions): MechtronWatches {
  return new KeptWatches(options);
}

interface Watching {
  readonly selector: string;
  after: number;
  readonly ended: AbortController;
  done: Promise<unknown>;
  /** Whether it hears the messages of a broadcast; undefined for not. */
  heard: Promise<void> | undefined;
}

/** I1: of a mechtron and a selector there is one watch. I2: its place moves on when the mechtron was told, and is kept before the next change. */
class KeptWatches implements MechtronWatches {
  readonly #options: MechtronWatchesOptions;
  readonly #open = new Map<string, Map<string, Watching>>();

  constructor(options: MechtronWatchesOptions) {
    this.#options = options;
  }

  watch(mechtron: string, { selector, since }: { readonly selector: string; readonly since?: number }): void {
    parseSelector(selector);
    const own = this.#of(mechtron);
    if (own.has(selector)) return; // I1
    if (own.size >= WATCHES_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot watch "${selector}": ${WATCHES_MAX} are watched already, end one first`,
      );
    this.#begin(mechtron, { selector, after: since ?? this.#options.registry.revision() });
    this.#keep(mechtron);
  }

  unwatch(mechtron: string, selector: string): void {
    const own = this.#of(mechtron);
    own.get(selector)?.ended.abort();
    own.delete(selector);
    this.#keep(mechtron);
  }

  resume(mechtron: string): void {
    this.#of(mechtron);
  }

  rest(mechtron: string): void {
    for (const { ended } of this.#open.get(mechtron)?.values() ?? []) ended.abort();
    this.#open.delete(mechtron);
  }

  drop(mechtron: string): void {
    this.rest(mechtron);
    this.#options.store.save(mechtron, []);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()].flatMap((own) => [...own.values()]);
    for (const { ended } of all) ended.abort();
    await Promise.all(all.flatMap(({ done, heard }) => [done, heard]));
  }

  /** Those of a mechtron, which go on where they were when it is first asked. */
  #of(mechtron: string): Map<string, Watching> {
    const known = this.#open.get(mechtron);
    if (known !== undefined) return known;
    const own = new Map<string, Watching>();
    this.#open.set(mechtron, own);
    for (const kept of this.#options.store.load(mechtron)) this.#begin(mechtron, kept);
    return own;
  }

  #begin(mechtron: string, { selector, after }: KeptWatch): void {
    const watching: Watching = {
      selector,
      after,
      ended: new AbortController(),
      done: Promise.resolve(),
      heard: undefined,
    };
    this.#of(mechtron).set(selector, watching);
    watching.done = this.#follow(mechtron, watching);
    this.#hear(mechtron, watching);
  }

  /** Has it hear what is sent to what it watches, where that is a broadcast. */
  #hear(mechtron: string, watching: Watching): void {
    const { selector, ended } = watching;
    watching.heard ??= hearBroadcast({ mechtron, selector, signal: ended.signal }, this.#options).finally(() => {
      watching.heard = undefined;
    });
  }

  #keep(mechtron: string): void {
    const own = this.#open.get(mechtron);
    if (own !== undefined)
      this.#options.store.save(
        mechtron,
        [...own.values()].map(({ selector, after }) => ({ selector, after })),
      );
  }

  async #follow(mechtron: string, watching: Watching): Promise<void> {
    const { registry, clock, log } = this.#options;
    const { selector, ended } = watching;
    const { signal } = ended;
    while (!signal.aborted) {
      try {
        const wish = { selector, after: watching.after, isCounted: true };
        for await (const change of registry.watch(wish, { agent: mechtron, signal })) {
          if (change.resource.kind === BROADCAST_KIND.name) this.#hear(mechtron, watching);
          await this.#tell(mechtron, watching, change);
          if (signal.aborted) return;
          watching.after = change.revision;
          this.#keep(mechtron); // I2
        }
        return; // The registry has ended.
      } catch (error) {
        if (signal.aborted) return;
        log.warn("a mechtron could not be told of what it watches", { mechtron, selector, error: String(error) });
        if (isOrreryError(error) && error.code === "out_of_range") watching.after = registry.revision();
        await clock.sleep(READ_AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }

  /** Done when the mechtron was told, or went wrong with it again and again. */
  async #tell(mechtron: string, { selector, ended: { signal } }: Watching, change: ChangeView): Promise<void> {
    const { ask, clock, log } = this.#options;
    const body = new TextEncoder().encode(JSON.stringify(toldOf(change, selector)));
    const request = guestRequest({ service: WATCH_SERVICE, method: "changed", contentType: "application/json", body });
    for (let failed = 0; !signal.aborted; ) {
      let why: string;
      try {
        const { failure } = await ask(mechtron, request, { agent: change.agent, timeoutMs: MESSAGE_TIMEOUT_MS });
        if (failure === undefined) return;
        why = failure.message;
        failed += 1;
      } catch (error) {
        if (!isOrreryError(error)) throw error;
        why = error.message;
        if (error.details["fault"] !== undefined) failed += 1; // Else it does not run just now.
      }
      if (failed >= TELL_AGAIN_MAX) {
        log.error("a mechtron went wrong with a change, it is passed over", {
          mechtron,
          selector,
          revision: change.revision,
          why,
        });
        return;
      }
      await clock.sleep(READ_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

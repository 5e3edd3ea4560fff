import { OrreryError } from "@orrery/core";
import type { ConfigCaller, ConfigWatched, WatchConfig } from "./config.ts";
import type { ConfigParts } from "./config-parts.ts";
import { parseConfigPath } from "./config-path.ts";
import type { ConfigPlace } from "./config-store.ts";
import { CONFIG_LOOK_MS, CONFIG_PAGE_MAX, CONFIG_QUIET_MS } from "./limits.ts";
import { seenAt } from "./read-history.ts";

/** Gives changes as they are made. The caller's right is asked anew before each look, so that who lost it gets nothing more. */
export async function* watchConfig(
  request: WatchConfig,
  by: ConfigCaller & { readonly signal?: AbortSignal },
  parts: ConfigParts,
): AsyncGenerator<ConfigWatched> {
  const { store, enter } = parts;
  const path = parseConfigPath(request.path ?? "");
  const place = await enter(request, by, "read");
  let quietMs = 0;
  let version = await startOf(request, place, parts);
  yield { version };
  while (by.signal?.aborted !== true) {
    const ended = new AbortController();
    const rung = listen(place, { ended: ended.signal, by, parts }); // Before it looks, so that nothing is missed.
    try {
      await assertSame(request, by, { place, enter });
      const changes = await store.changes(place, { after: version }, CONFIG_PAGE_MAX);
      assertWhole(changes[0]?.version, version);
      for (const change of changes) {
        version = change.version;
        const seen = seenAt(change, path);
        if (seen !== undefined) yield { change: seen, version };
      }
      if (changes.length > 0) continue;
      const isRung = await rung;
      if (by.signal?.aborted) return;
      quietMs = isRung ? 0 : quietMs + waitOf(parts);
      if (quietMs >= CONFIG_QUIET_MS) {
        yield { version };
        quietMs = 0;
      }
    } finally {
      ended.abort();
    }
  }
}

/** From where to watch. @throws OrreryError `out_of_range` */
async function startOf({ after }: WatchConfig, place: ConfigPlace, { store }: ConfigParts): Promise<number> {
  const { version = 0, compacted = 0 } = (await store.read(place)) ?? {};
  if (after === undefined) return version;
  if (after > version) throw gone(after, `it is at ${version}`);
  if (after < compacted) throw gone(after, `changes up to ${compacted} are forgotten`);
  return after;
}

/** One that was forgotten while it was waited for would be missing. */
function assertWhole(next: number | undefined, version: number): void {
  if (next !== undefined && next !== version + 1) throw gone(version, `changes up to ${next - 1} are forgotten`);
}

function gone(after: number, why: string): OrreryError {
  return new OrreryError(
    "out_of_range",
    `Cannot watch config after version ${after}: ${why}, get it anew and watch from there`,
  );
}

/** A Space that was made anew under the same name is another one. */
async function assertSame(
  request: WatchConfig,
  by: ConfigCaller,
  { place, enter }: Pick<ConfigParts, "enter"> & { readonly place: ConfigPlace },
): Promise<void> {
  if ((await enter(request, by, "read")).space === place.space) return;
  throw new OrreryError("not_found", `Cannot watch config of "${request.space}" any more: the space was removed`);
}

/** Waits for a change, or for a while; tells whether it was a change. */
async function listen(
  place: ConfigPlace,
  {
    ended,
    by,
    parts,
  }: { readonly ended: AbortSignal; readonly by: { readonly signal?: AbortSignal }; readonly parts: ConfigParts },
): Promise<boolean> {
  const { bells, clock } = parts;
  const either = by.signal === undefined ? ended : AbortSignal.any([ended, by.signal]);
  const waited = clock.sleep(waitOf(parts), either).then(
    () => false,
    () => false,
  );
  return Promise.race([bells.wait(place, either).then(() => true), waited]);
}

function waitOf({ isShared }: ConfigParts): number {
  return isShared ? CONFIG_LOOK_MS : CONFIG_QUIET_MS;
}

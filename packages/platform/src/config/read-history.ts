import type { Config, ConfigCaller, ConfigChange, ConfigHistory } from "./config.ts";
import type { ConfigParts } from "./config-parts.ts";
import { type ConfigPath, meet, parseConfigPath } from "./config-path.ts";
import { CONFIG_PAGE_MAX } from "./limits.ts";

/** A page of what was changed, the newest first. */
export async function readHistory(
  request: ConfigHistory,
  by: ConfigCaller,
  { store, enter }: ConfigParts,
): ReturnType<Config["history"]> {
  const path = parseConfigPath(request.path ?? "");
  const place = await enter(request, by, "read");
  const limit = Math.min(request.limit ?? CONFIG_PAGE_MAX, CONFIG_PAGE_MAX);
  const found: ConfigChange[] = [];
  for (let before = request.before ?? Number.MAX_SAFE_INTEGER; ; ) {
    const changes = await store.changes(place, { before }, CONFIG_PAGE_MAX);
    for (const change of changes) {
      before = change.version;
      const seen = seenAt(change, path);
      if (seen !== undefined) found.push(seen);
      if (found.length === limit) return before > 1 ? { changes: found, next: before } : { changes: found };
    }
    if (changes.length < CONFIG_PAGE_MAX) return { changes: found };
  }
}

/** What of a change is about a path; nothing where none of it is. */
export function seenAt(change: ConfigChange, path: ConfigPath): ConfigChange | undefined {
  const paths = change.paths.filter((one) => meet(parseConfigPath(one.path), path));
  return paths.length === 0 ? undefined : { ...change, paths };
}

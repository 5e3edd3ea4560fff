import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { COUNTED_ENTRIES_MAX } from "../limits.ts";

/** Bytes that a folder takes on its disk, up to a bound of entries; 0 for none. What goes away meanwhile is not counted. */
export async function diskUsage(folder: string): Promise<number> {
  const waiting = [folder];
  let bytes = 0;
  let entries = 0;
  for (let next = waiting.pop(); next !== undefined && entries < COUNTED_ENTRIES_MAX; next = waiting.pop()) {
    const opened = await opendir(next).catch(() => undefined);
    if (opened === undefined) continue;
    for await (const entry of opened) {
      entries += 1;
      const path = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else bytes += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * 512;
    }
  }
  return bytes;
}

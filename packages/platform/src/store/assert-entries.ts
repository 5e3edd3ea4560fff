import { OrreryError } from "@orrery/core";
import type { ListPlan } from "./entry-store.ts";
import {
  STORE_BATCH_BYTES_MAX,
  STORE_KEY_BYTES_MAX,
  STORE_OFFSET_MAX,
  STORE_PAGE_MAX,
  STORE_TTL_MS_MAX,
  STORE_VALUE_BYTES_MAX,
  STORE_WRITES_MAX,
} from "./limits.ts";
import type { ListEntries, WriteEntry } from "./space-store.ts";

/** @throws OrreryError `invalid_argument` for what can be no key */
export function assertKey(key: string): void {
  const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key;
  if (key === "") throw refuse("use an empty key: give the entry a name, such as orders/1");
  assertText(key, shown);
}

function assertText(text: string, shown: string): void {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > STORE_KEY_BYTES_MAX)
    throw refuse(`use key "${shown}": it has ${bytes} bytes, up to ${STORE_KEY_BYTES_MAX} fit`);
  if (text.includes("\0") || !text.isWellFormed())
    throw refuse(`use key ${JSON.stringify(shown)}: it has what is no character, or the one of number 0`);
}

/** @throws OrreryError `invalid_argument`, `resource_exhausted` for what is too large */
export function assertWrites(writes: readonly WriteEntry[]): void {
  if (writes.length === 0) throw refuse("write nothing: give a key and a value");
  if (writes.length > STORE_WRITES_MAX)
    throw refuse(`write ${writes.length} entries at once: up to ${STORE_WRITES_MAX} fit, write fewer`);
  let all = 0;
  for (const { key, value, ttlMs } of writes) {
    assertKey(key);
    const bytes = value?.length ?? 0;
    all += bytes;
    if (bytes > STORE_VALUE_BYTES_MAX)
      throw refuse(`set "${key}": its value has ${bytes} bytes, up to ${STORE_VALUE_BYTES_MAX} fit, keep it in a file`);
    if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs) && ttlMs >= 1 && ttlMs <= STORE_TTL_MS_MAX))
      throw refuse(`set "${key}": it shall stay ${ttlMs} ms, from 1 to ${STORE_TTL_MS_MAX} fit`);
  }
  if (all > STORE_BATCH_BYTES_MAX)
    throw refuse(`write ${all} bytes at once: up to ${STORE_BATCH_BYTES_MAX} fit, write fewer entries`);
}

/** What of a list can be told without asking anybody. @throws OrreryError `invalid_argument` */
export function pageOf(request: ListEntries): Omit<ListPlan, "at"> {
  const { prefix = "", descending = false, after, limit = STORE_PAGE_MAX, offset = 0, keysOnly = false } = request;
  assertText(prefix, prefix);
  if (offset > STORE_OFFSET_MAX)
    throw refuse(`list from ${offset} on: up to ${STORE_OFFSET_MAX} are passed over, go on by next`);
  const behind = after === undefined || after === "" ? undefined : Buffer.from(after, "base64url").toString("utf8");
  if (
    behind !== undefined &&
    (!behind.startsWith(prefix) || Buffer.from(behind, "utf8").toString("base64url") !== after)
  )
    throw refuse(`list after "${after}": no page of this list ended there, give its next`);
  const plan = { prefix, descending, offset, keysOnly, limit: Math.max(1, Math.min(limit, STORE_PAGE_MAX)) };
  return behind === undefined ? plan : { ...plan, after: behind };
}

function refuse(what: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot ${what}`);
}

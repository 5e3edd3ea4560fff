import type { BlobStore } from "../blobs/blob-store.ts";
import { BLOB_GRACE_MS, SWEEP_BLOBS_MAX, UPLOAD_KEPT_MS } from "../limits.ts";
import { listPages } from "../read/list-pages.ts";
import type { Registry, ResourceView } from "../registry.ts";
import type { Swept } from "./files.ts";

/** What is swept, and when. */
export interface SweepOptions {
  readonly registry: Registry;
  readonly blobs: BlobStore;
  /** Who may read everything. */
  readonly operator: string;
  /** In ms since 1970. */
  readonly now: number;
}

/**
 * Takes away what nobody needs: uploads that rest, and blobs that are old and that no resource names, anywhere in it.
 *
 * I1 A blob stays that a resource names, or named at any time while it was looked for: it may have moved. Who makes another resource name
 * it has put it, or wanted it, within the grace.
 */
export async function sweepFiles({ registry, blobs, operator, now }: SweepOptions): Promise<Swept> {
  const swept = { uploads: await sweepUploads(blobs, now - UPLOAD_KEPT_MS), blobs: 0 };
  const before = now - BLOB_GRACE_MS;
  let old = new Set<string>();
  const sweepOld = async () => {
    await withoutNamed(old, registry, operator);
    for (const digest of old) if (await blobs.remove(digest, before)) swept.blobs++;
    old = new Set();
  };
  for await (const { name, at } of blobs.list("blobs")) {
    if (at <= before) old.add(name);
    if (old.size >= SWEEP_BLOBS_MAX) await sweepOld();
  }
  if (old.size > 0) await sweepOld();
  return swept;
}

async function sweepUploads(blobs: BlobStore, before: number): Promise<number> {
  let count = 0;
  for await (const { name, at } of blobs.list("uploads")) {
    const upload = at <= before ? await blobs.open(name) : undefined;
    if (await upload?.abandon(before)) count++;
  }
  return count;
}

/** Takes out of a set what a resource names, or comes to name meanwhile. */
async function withoutNamed(digests: Set<string>, registry: Registry, agent: string): Promise<void> {
  const drop = (resource: ResourceView) => {
    for (const [digest] of JSON.stringify(resource).matchAll(/sha256:[0-9a-f]{64}/g)) digests.delete(digest);
  };
  const start = registry.revision();
  for await (const { resources } of listPages(registry, "**", { agent })) for (const one of resources) drop(one);
  const end = registry.revision();
  if (end === start) return;
  for await (const { revision, resource } of registry.watch({ selector: "**", after: start }, { agent })) {
    drop(resource);
    if (revision >= end) return;
  }
}

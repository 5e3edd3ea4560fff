import type { BlobStore } from "../blobs/blob-store.ts";
import { bytesOf } from "../quotas/grown.ts";
import { placesOf, type QuotaState, quotaError } from "../quotas/quota.ts";
import type { Registry } from "../registry.ts";
import { peek, readNote, type UploadNote } from "./begin-upload.ts";

/** Room that uploads under way take in quotas, so that several at once do not come to more than there is. */
export interface Reservations {
  /** Takes room for an upload. @throws OrreryError `resource_exhausted` where a quota has none */
  take(upload: UploadNote & { readonly id: string }): Promise<void>;
  /** The store has the upload now, or never will. */
  begun(id: string): void;
  /** Does the write by which an upload becomes a file; then it takes no room but the file's. */
  write<T>(id: string, run: () => Promise<T>): Promise<T>;
  /** Gives back what an upload took, once it was abandoned. */
  free(id: string): void;
}

/** Options of `createReservations`. */
export interface ReservationsOptions {
  readonly registry: Registry;
  /** Where uploads are, those that others began too. */
  readonly blobs: BlobStore;
  readonly operator: string;
}

/** What one upload brings: uploads to one file count once, as only one of them will be there. */
interface Reservation {
  readonly address: string;
  readonly owner: string;
  readonly bytes: number;
}

/**
 * Makes them. What the store has of uploads is what counts, over restarts and for all who use it; it is looked through only where a quota is.
 *
 * I1 Between the look at what is used and the taking nothing that was reserved becomes a file: else it is looked again.
 */
export function createReservations({ registry, blobs, operator }: ReservationsOptions): Reservations {
  const taken = new Map<string, Reservation>();
  const beginning = new Set<string>();
  const writing = new Set<Promise<unknown>>();
  let freed = 0;
  const free = (id: string) => {
    beginning.delete(id);
    if (taken.delete(id)) freed++;
  };

  const reservationOf = async ({ address, agent, bytes }: UploadNote): Promise<Reservation> => {
    const file = await peek(address, { registry, operator });
    const owner = file?.owner ?? (await registry.whoami({ agent })).owner;
    return { address, owner, bytes: bytes - (file === undefined ? 0 : bytesOf(file)) };
  };
  /** Learns of uploads that others began, or an earlier process, and forgets those that were swept. */
  const look = async () => {
    const there = new Set<string>();
    for await (const { name } of blobs.list("uploads")) {
      there.add(name);
      if (taken.has(name)) continue;
      const upload = await blobs.open(name);
      if (upload !== undefined && upload.note !== "") taken.set(name, await reservationOf(readNote(upload)));
    }
    for (const id of taken.keys()) if (!there.has(id) && !beginning.has(id)) taken.delete(id);
  };
  return {
    take: async ({ id, ...note }) => {
      const quotas = () => registry.quotas(note.address, { agent: operator });
      if ((await quotas()).length === 0) return;
      beginning.add(id);
      try {
        await look();
        for (;;) {
          await Promise.allSettled(writing);
          const wish = await reservationOf(note);
          const before = freed;
          const now = await quotas();
          if (before !== freed || writing.size > 0) continue; // I1
          for (const quota of now) assertRoom(quota, wish, taken.values());
          taken.set(id, wish);
          return;
        }
      } catch (error) {
        beginning.delete(id);
        throw error;
      }
    },
    begun: (id) => void beginning.delete(id),
    write: async (id, run) => {
      const written = run();
      writing.add(written);
      try {
        const result = await written;
        free(id);
        return result;
      } finally {
        writing.delete(written);
      }
    },
    free,
  };
}

/** @throws OrreryError `resource_exhausted` where what is there and what is under way leave no room for what is wished */
function assertRoom(quota: QuotaState, wish: Reservation, taken: Iterable<Reservation>): void {
  const { address, owner } = quota;
  const isMeant = (one: Reservation) =>
    placesOf(one.address).includes(address) && (owner === undefined || owner === one.owner);
  if (wish.bytes <= 0 || !isMeant(wish)) return;
  const most = new Map([[wish.address, wish.bytes]]);
  for (const one of taken) if (isMeant(one)) most.set(one.address, Math.max(most.get(one.address) ?? 0, one.bytes));
  const reserved = [...most.values()].reduce((sum, bytes) => sum + bytes, 0);
  const bytes = quota.bytes + reserved;
  if (bytes > quota.bytesMax)
    throw quotaError(`upload to "${wish.address}"`, { ...quota, bytes }, reserved - wish.bytes);
}

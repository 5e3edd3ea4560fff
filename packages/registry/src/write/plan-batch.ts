import { OrreryError } from "@orrery/core";
import { BATCH_CHANGES_MAX, REQUEST_KEPT_MS } from "../limits.ts";
import type { Change } from "../resource.ts";
import { type Batch, type DoneRequest, requestKey, type Store } from "../store/store.ts";
import { createDraft, type Draft, type DraftBase } from "./draft.ts";

/** A write that somebody asked for. */
export interface Write {
  readonly agent: string;
  /** What it does; throws where it may not be done. Gives the address that it is about. Called again where somebody else wrote between. */
  readonly apply: (draft: Draft) => Promise<string>;
  /** So that it is done once, however often it is asked. Default: it is done each time. */
  readonly request?: {
    readonly id: string;
    /** Stands for what was asked. */
    readonly digest: string;
    /** Whether the same was asked before. */
    readonly isAsked: (digest: string) => boolean;
  };
}

/** How one write ends, once its batch is written. */
export type Ending =
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "done"; readonly address: string; readonly revision: number; readonly changed: boolean };

/** A batch that may be written, and how each of its writes ends then. */
export interface BatchPlan {
  readonly batch: Batch;
  /** Addresses that were presumed to have nothing, without asking the store. */
  readonly presumed: readonly string[];
  /** One for each of the writes taken, from the first; those after them did not fit. */
  readonly endings: readonly Ending[];
}

/** What a plan is made of. */
export interface PlanOptions {
  readonly id: string;
  readonly store: Pick<Store, "requests">;
  readonly base: DraftBase;
  /** The revision that the base shows. */
  readonly revision: number;
  /** In ms since 1970. */
  readonly now: number;
}

/** Tries writes one after the other, each over those before it. Writes nothing. */
export async function planBatch(
  writes: readonly Write[],
  { id, store, base, revision, now }: PlanOptions,
): Promise<BatchPlan> {
  const draft = createDraft(base, revision);
  const done = await requestsDone(writes, store);
  const endings: Ending[] = [];
  const requests: DoneRequest[] = [];
  for (const { agent, request, apply } of writes) {
    if (draft.changes().length >= BATCH_CHANGES_MAX) break;
    const before = request === undefined ? undefined : done.get(requestKey({ agent, id: request.id }));
    if (before !== undefined) {
      endings.push(
        request?.isAsked(before.digest) ? { ...before, kind: "done", changed: false } : otherRequest(before),
      );
      continue;
    }
    const at = draft.nextRevision();
    try {
      const address = await apply(draft);
      draft.keep();
      const changed = draft.nextRevision() > at;
      const last = changed ? draft.nextRevision() - 1 : ((await draft.get(address))?.revision ?? at - 1);
      endings.push({ kind: "done", address, revision: last, changed });
      if (request === undefined) continue;
      const one = {
        agent,
        id: request.id,
        digest: request.digest,
        address,
        revision: last,
        until: now + REQUEST_KEPT_MS,
      };
      requests.push(one);
      done.set(requestKey(one), one);
    } catch (error) {
      draft.undo();
      endings.push({ kind: "failed", error });
    }
  }
  return { endings, presumed: draft.presumed(), batch: batchOf({ id, expected: revision, requests, draft, now }) };
}

async function requestsDone(writes: readonly Write[], store: PlanOptions["store"]): Promise<Map<string, DoneRequest>> {
  const names = writes.flatMap(({ agent, request }) => (request === undefined ? [] : [{ agent, id: request.id }]));
  const done = names.length === 0 ? [] : await store.requests(names);
  return new Map(done.map((one) => [requestKey(one), one]));
}

function otherRequest({ id, address }: DoneRequest): Ending {
  const why = `another request of that name was done, about "${address}": give each request a name of its own`;
  return { kind: "failed", error: new OrreryError("already_exists", `Cannot do request "${id}": ${why}`) };
}

interface BatchParts extends Pick<Batch, "id" | "expected" | "requests"> {
  readonly draft: Draft;
  readonly now: number;
}

function batchOf({ id, expected, requests, draft, now }: BatchParts): Batch {
  const changes = draft
    .changes()
    .map((one): Change => ({ ...one, revision: one.resource.revision, at: now, batch: id }));
  const last = [...new Map(changes.map((change) => [change.resource.address, change])).values()];
  const presumed = new Set(draft.presumed());
  const isGone = ({ parts }: Change) => parts.includes("removed");
  const left = last.filter((change) => !isGone(change)).map(({ resource }) => resource);
  return {
    id,
    expected,
    revision: expected + changes.length,
    fresh: left.filter(({ address }) => presumed.has(address)),
    put: left.filter(({ address }) => !presumed.has(address)),
    removed: last.filter(isGone).map(({ resource }) => resource.address),
    changes,
    requests,
  };
}

import type { PropertyValue } from "./kinds/kind.ts";
import type { KnownKind } from "./kinds/kind-table.ts";
import type { Quota, QuotaState } from "./quotas/quota.ts";
import type { BlobRef, ChangePart, Lock, Resource } from "./resource.ts";
import type { Decision } from "./rights/decide.ts";
import type { Verb } from "./rights/verbs.ts";
import type { ChangeRequest } from "./write/change.ts";
import type { CreateRequest } from "./write/create.ts";
import type { By } from "./write/ground.ts";
import type { LockRequest } from "./write/locks.ts";
import type { RemoveRequest } from "./write/remove.ts";
import type { WriteStep } from "./write/steps.ts";
import type { Written } from "./write/writer.ts";

/** A resource as it is shown: secrets hidden, and of a lock what all may know. */
export type ResourceView = Omit<Resource, "secrets" | "lock"> & { readonly lock?: Omit<Lock, "key"> };

/** Which resources to list. */
export interface ListRequest {
  /** As `parseSelector` reads it. */
  readonly selector: string;
  /** Where the page before ended. Default: from the first. */
  readonly after?: string;
  /** Most on the page, up to 1,000. Default: 1,000. */
  readonly limit?: number;
}

/** A page of a list, of what the agent may read. */
export interface ListPage {
  readonly resources: readonly ResourceView[];
  /** Ask for what is after this to go on; absent on the last page. */
  readonly next?: string;
  /** The revision of the registry when it was listed: watching from there misses nothing. */
  readonly revision: number;
}

/** What to watch. */
export interface WatchRequest {
  /** As `parseSelector` reads it. */
  readonly selector: string;
  /** Further selectors: what any of them means is watched, in one order. Default: none. */
  readonly also?: readonly string[];
  /** Changes after this revision. Default: from now on. */
  readonly after?: number;
  /** Only changes of these parts. Default: all. */
  readonly parts?: readonly ChangePart[];
  /** Whether `watchers` counts it. Default: no, as for what a platform looks at by itself. */
  readonly isCounted?: boolean;
}

/** A change as it is shown. */
export interface ChangeView {
  readonly revision: number;
  /** In ms since 1970. */
  readonly at: number;
  readonly agent: string;
  readonly parts: readonly ChangePart[];
  readonly resource: ResourceView;
}

/** Whoever asks. */
export interface Identity {
  readonly agent: string;
  /** Whether he may do everything. */
  readonly isOperator: boolean;
  /** Who owns what he makes, where he names nobody. */
  readonly owner: string;
  /** Addresses of the roles that he has, in their order. */
  readonly roles: readonly string[];
}

/** What a lock gives its holder. */
export interface LockGrant {
  /** Shown when writing under the lock. */
  readonly token: string;
  readonly fence: number;
  /** In ms since 1970. */
  readonly until: number;
}

/**
 * Everything with a name. Each operation says by whom; what no rule allows is refused. Addresses are texts as `parseAddress` reads them.
 * Every write makes changes with rising revisions, and is done whole or not at all.
 */
export interface Registry {
  /** @throws OrreryError `already_exists`, `not_found` (the parent), `failed_precondition`, `invalid_argument`, `permission_denied` */
  create(request: CreateRequest, by: By): Promise<Written>;
  /** @throws OrreryError `not_found`, `aborted` (locked, or another revision), `failed_precondition`, `invalid_argument`, `permission_denied` */
  change(request: ChangeRequest, by: By): Promise<Written>;
  /** @throws OrreryError `not_found`, `aborted`, `failed_precondition`, `permission_denied` */
  remove(request: RemoveRequest, by: By): Promise<Written>;
  /**
   * Does several writes as one, each over those before it: all of them or none. For code of the own process: it may make what is sealed and
   * set what is reserved.
   * @throws OrreryError as `create`, `change` and `remove`
   */
  apply(steps: readonly WriteStep[], by: By): Promise<Written>;
  /** @throws OrreryError `aborted` where somebody else has it locked */
  lock(request: LockRequest, by: By): Promise<LockGrant>;
  /** Harmless where it is not locked. @throws OrreryError `permission_denied` for another token */
  unlock(request: { readonly address: string; readonly force?: boolean }, by: By): Promise<Written>;
  /** @throws OrreryError `not_found`, `permission_denied` */
  get(address: string, by: By): Promise<ResourceView>;
  /** The value of a secret, for the driver of the resource and operators. @throws OrreryError `permission_denied` */
  reveal(request: { readonly address: string; readonly property: string }, by: By): Promise<PropertyValue>;
  list(request: ListRequest, by: By): Promise<ListPage>;
  /**
   * The quotas that bound what may lie in a resource: its own, and those of what it lies in that the agent may read; the nearest first. Where
   * nothing is at the address, those of what it would lie in.
   */
  quotas(address: string, by: By): Promise<readonly QuotaState[]>;
  /**
   * Changes in order, none twice and none missing, as long as the agent may read them; ends with the signal, or with the registry.
   * @throws OrreryError `out_of_range` where changes after that revision are forgotten
   */
  watch(request: WatchRequest, by: By & { readonly signal?: AbortSignal }): AsyncIterable<ChangeView>;
  /** How many watches that are counted mean a resource now, over this registry. @throws OrreryError `not_found`, `permission_denied` */
  watchers(address: string, by: By): Promise<number>;
  /** Whether somebody may do something, and by which rule. Whoever may read the resource may ask about others. */
  can(question: { readonly agent: string; readonly verb: Verb; readonly address: string }, by: By): Promise<Decision>;
  /** Who asks, and what is known of him. */
  whoami(by: By): Promise<Identity>;
  kinds(): readonly KnownKind[];
  /** Where the registry is. */
  revision(): number;
  /**
   * Closes all secrets with the newest key, so that the others can go, and forgets all changes so far, which hold the old ones. Gives
   * how many resources had some. For operators.
   */
  reseal(by: By): Promise<number>;
  /** Forgets changes up to a revision; those who watch from before are told to list anew. */
  compact(upTo: number): Promise<void>;
  /** Ends watches and waits for writes under way. */
  [Symbol.asyncDispose](): Promise<void>;
}

export type {
  BlobRef,
  By,
  ChangeRequest,
  CreateRequest,
  LockRequest,
  Quota,
  QuotaState,
  RemoveRequest,
  WriteStep,
  Written,
};

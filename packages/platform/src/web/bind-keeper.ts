import { isOrreryError, type Log } from "@orrery/core";
import {
  type ChangeView,
  parseAddress,
  printAddress,
  type Registry,
  type ResourceView,
  type SpacePlan,
  spacePlanOf,
} from "@orrery/registry";
import type { Bind } from "../bind/bind.ts";
import { type BindDocument, findBindDocument, readBindDocument } from "../bind/load-bind.ts";
import { createRouteTable, type RouteTable } from "../bind/route-table.ts";
import type { BlobSource } from "./blob-source.ts";
import type { Lookout } from "./lookout.ts";

/** What a space answers to. */
export type SpaceState =
  | { readonly kind: "missing" }
  | ({ readonly kind: "unbound" } & Planned)
  /** Nothing of it is served for now. */
  | { readonly kind: "suspended" }
  /** There is a bind, and none of it was ever good. */
  | ({ readonly kind: "broken" } & Planned)
  | ({ readonly kind: "bound"; readonly inForce: BindInForce } & Planned);

/** What bounds how it is served. */
interface Planned {
  /** Absent: its plan bounds nothing. */
  readonly plan?: SpacePlan;
}

/** A bind that requests are answered by. */
export interface BindInForce {
  readonly bind: Bind;
  readonly routes: RouteTable;
  /** Its document. */
  readonly address: string;
  readonly digest: string;
}

/** How the bind of a space is. */
export interface BindView {
  readonly space: string;
  /** What its property says. */
  readonly bind: string;
  /** Digest of the document in force; absent where none ever was good. */
  readonly inForce?: string;
  /** Why the newest document is not in force. */
  readonly fault?: string;
}

/**
 * The binds of all spaces, each as it was when it was last good. I1: a bind that does not parse never takes the place of one that did, also
 * over a restart: the status of its space has the digest of the good one. I2: no document is read again while it stays the same.
 */
export interface BindKeeper {
  of(space: string): Promise<SpaceState>;
  /** Loads what a change may have touched. */
  take(change: ChangeView): void;
  views(): readonly BindView[];
  /** Resolves when what was touched so far is loaded. */
  settled(): Promise<void>;
}

/** Options of a keeper. */
export interface BindKeeperOptions {
  readonly registry: Pick<Registry, "change">;
  readonly agent: string;
  readonly lookout: () => Lookout;
  readonly blobs: BlobSource;
  readonly log: Log;
}

/** What is known of one space's bind. */
interface Kept {
  said: string;
  /** The document that was looked at last; absent where there was none. */
  document?: BindDocument;
  inForce?: BindInForce;
  fault?: string;
}

/** Makes a keeper of no binds. */
export function createBindKeeper(options: BindKeeperOptions): BindKeeper {
  return new LoadingKeeper(options);
}

class LoadingKeeper implements BindKeeper {
  readonly #options: BindKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  /** The last load of each space that is loading. */
  readonly #loading = new Map<string, Promise<void>>();
  /** Spaces by what decides on their binds: a document, or a tag on the way to it. */
  readonly #about = new Map<string, Set<string>>();

  constructor(options: BindKeeperOptions) {
    this.#options = options;
  }

  async of(space: string): Promise<SpaceState> {
    const resource = await this.#get(space);
    if (resource === undefined || resource.kind !== "Space") return { kind: "missing" };
    const { bind: said, suspended } = resource.properties;
    if (suspended !== undefined) return { kind: "suspended" };
    const plan = spacePlanOf(resource);
    const planned = plan === undefined ? {} : { plan };
    if (typeof said !== "string") return { kind: "unbound", ...planned };
    if (!(await this.#isCurrent(space, said))) await this.#refresh(space);
    const inForce = this.#kept.get(space)?.inForce;
    return inForce === undefined ? { kind: "broken", ...planned } : { kind: "bound", inForce, ...planned };
  }

  take({ resource: { address, kind }, parts }: ChangeView): void {
    const isOfSpace =
      kind === "Space" && parts.some((part) => part === "properties" || part === "added" || part === "removed");
    const touched = isOfSpace ? [address] : (this.#about.get(address) ?? []);
    for (const space of touched) void this.#refresh(space);
  }

  views(): readonly BindView[] {
    return [...this.#kept].map(([space, { said, inForce, fault }]) => ({
      space,
      bind: said,
      ...(inForce === undefined ? {} : { inForce: inForce.digest }),
      ...(fault === undefined ? {} : { fault }),
    }));
  }

  async settled(): Promise<void> {
    while (this.#loading.size > 0) await Promise.all(this.#loading.values());
  }

  #get = async (address: string): Promise<ResourceView | undefined> =>
    (await this.#options.lookout().find(address))?.resource;

  /** Whether the document that a space names is as it was looked at last. */
  async #isCurrent(space: string, said: string): Promise<boolean> {
    const one = this.#kept.get(space);
    if (one === undefined || one.said !== said) return false;
    return isSame(one.document, await findBindDocument(said, { of: space, get: this.#get }).catch(() => undefined));
  }

  /** Loads the bind of a space after all loads of it that were begun. */
  #refresh(space: string): Promise<void> {
    const loaded = (this.#loading.get(space) ?? Promise.resolve())
      .then(async () => {
        const said = (await this.#get(space))?.properties["bind"];
        if (typeof said === "string") await this.#load(space, said);
        else this.#kept.delete(space);
      })
      .catch((error: Error) => {
        this.#options.log.error("a bind could not be loaded", { space, error: error.message });
      });
    this.#loading.set(space, loaded);
    void loaded.then(() => {
      if (this.#loading.get(space) === loaded) this.#loading.delete(space);
    });
    return loaded;
  }

  async #load(space: string, said: string): Promise<void> {
    const one = this.#kept.get(space) ?? { said };
    one.said = said;
    this.#kept.set(space, one);
    for (const address of waysOf(said, space)) this.#note(address, space);
    let document: BindDocument | undefined;
    try {
      document = await this.#findDocument(space, one);
      this.#note(document.address, space);
      if (isSame(one.document, document)) return; // I2
      one.inForce = await this.#read(space, document);
      one.document = document; // Not before: whoever asks meanwhile waits for it.
      delete one.fault;
    } catch (error) {
      if (isOrreryError(error) && document !== undefined) one.document = document;
      else delete one.document; // It may be so no more when it is tried again.
      const fault = (error as Error).message;
      if (one.fault === fault) return;
      one.fault = fault;
      const good = one.inForce ?? (await this.#lastGood(space)); // I1
      if (good !== undefined) one.inForce = good;
      this.#options.log.error("a bind is not in force", { space, bind: said, fault, inForce: good?.digest ?? "none" });
    }
    await this.#tell(space, one);
  }

  async #findDocument(space: string, one: Kept): Promise<BindDocument> {
    try {
      return await findBindDocument(one.said, { of: space, get: this.#get });
    } catch (error) {
      delete one.document;
      throw error;
    }
  }

  async #read(space: string, document: BindDocument): Promise<BindInForce> {
    const bind = await readBindDocument(document, { of: space, blobs: this.#options.blobs });
    return { bind, routes: createRouteTable(bind.routes), address: document.address, digest: document.digest };
  }

  /** The bind that was in force before a restart. */
  async #lastGood(space: string): Promise<BindInForce | undefined> {
    const { address, digest, bytes } =
      ((await this.#get(space))?.status.details?.["bind"] as Partial<BindDocument>) ?? {};
    if (typeof address !== "string" || typeof digest !== "string" || typeof bytes !== "number") return undefined;
    return this.#read(space, { address, digest, bytes }).catch(() => undefined);
  }

  /** Says in the status of the space what is in force, and why the newest document is not. */
  async #tell(space: string, { inForce, document, fault }: Kept): Promise<void> {
    const { registry, agent, log } = this.#options;
    const resource = await this.#get(space);
    if (resource === undefined || resource.status.state !== "Ready") return;
    const { bindFault, bind: before, ...others } = resource.status.details ?? {};
    const isGood = document !== undefined && document.digest === inForce?.digest;
    const good = isGood ? { ...document } : before;
    const details = {
      ...others,
      ...(good === undefined ? {} : { bind: good }),
      ...(fault === undefined ? {} : { bindFault: fault }),
    };
    const reason = fault ?? (bindFault === undefined ? resource.status.reason : undefined);
    const status = { state: "Ready", ...(reason === undefined ? {} : { reason }), details };
    await registry
      .change({ address: space, status, ifRevision: resource.revision }, { agent })
      .catch((error: Error) => log.warn("the status of a space could not be told", { space, error: error.message }));
  }

  #note(address: string, space: string): void {
    const spaces = this.#about.get(address) ?? new Set();
    this.#about.set(address, spaces.add(space));
  }
}

function isSame(one: BindDocument | undefined, other: BindDocument | undefined): boolean {
  return one?.address === other?.address && one?.digest === other?.digest;
}

/** What decides where an address leads: itself, and the tags in it. */
function waysOf(said: string, space: string): readonly string[] {
  try {
    const { segments, ...rest } = parseAddress(said, { base: parseAddress(space) });
    const tags = segments.flatMap(({ form }, index) => (form === "tag" ? [segments.slice(0, index + 1)] : []));
    return [printAddress({ ...rest, segments }), ...tags.map((way) => printAddress({ segments: way }))];
  } catch {
    return [];
  }
}

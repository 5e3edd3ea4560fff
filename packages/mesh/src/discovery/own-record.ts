import type { ComponentView, Random } from "@orrery/core";
import { contractOf, hashText } from "@orrery/core/internal";
import {
  type Advert,
  byComponentKey,
  type ComponentAdvert,
  type Coordinates,
  componentKey,
  type Entry,
  type Load,
  type MemberStatus,
} from "./entry.ts";
import { encodeEntry } from "./entry-codec.ts";
import { LOAD_BYTES_PER_SECOND, LOAD_TELLINGS, LOAD_TURNS_SAVED } from "./limits.ts";
import { spaceOf } from "./news-queue.ts";

/** A component that a node tells of, with what of it changes often. */
export interface ServedComponent extends ComponentAdvert {
  /** Copies with nothing to do. */
  readonly freeSlots: number;
}

/** What a node tells of beside its own components. */
export interface TellingOptions {
  readonly addresses: readonly string[];
  readonly served: readonly ServedComponent[];
  /** Other networks in which it has a foot. */
  readonly networks: readonly string[];
  /** Whether it shares rates with others. */
  readonly sharesRates: boolean;
}

/** What a node tells of itself. Owns: its own incarnation and versions, which nobody else raises. */
export class OwnRecord {
  readonly node: string;
  incarnation: number;
  version = 1;
  status: MemberStatus = "alive";
  #advertVersion = 0;
  #advert: Advert = { since: 0, addresses: [], components: [], networks: [] };
  #load: Load = { version: 0, advertVersion: 0, freeSlots: [], coordinates: undefined, placeVersion: 0 };
  /** When its next turn to tell its load is. */
  #turnMs = Number.NEGATIVE_INFINITY;
  #placeToldMs = Number.NEGATIVE_INFINITY;

  constructor({ node, incarnation }: { readonly node: string; readonly incarnation: number }) {
    this.node = node;
    this.incarnation = incarnation;
  }

  get addresses(): readonly string[] {
    return this.#advert.addresses;
  }

  /** All that it tells. */
  get whole(): Entry {
    return this.#entry(this.#advert, this.#load);
  }

  /** Its load, as it is told where its place stays. */
  get loadOnly(): Entry {
    return this.#entry(undefined, { ...this.#load, coordinates: undefined });
  }

  /** Only where it stands. */
  get head(): Entry {
    return this.#entry(undefined, undefined);
  }

  /** Looks what it serves now; gives what changed, or nothing. */
  refresh({ addresses, served, networks, sharesRates }: TellingOptions): Entry | undefined {
    const components = served.map(({ freeSlots: _, ...advert }) => advert).sort(byComponentKey);
    const before = this.#advert;
    const changed = differenceOf(before.components, components);
    const isAsBefore = sharesRates === (before.sharesRates === true);
    const isSame = changed.length === 0 && isAsBefore && addresses.join() === before.addresses.join();
    if (isSame && networks.join() === before.networks.join() && this.#advertVersion > 0) return undefined;
    const since = this.#advertVersion;
    const told = { since: 0, addresses: [...addresses], components, networks: [...networks] };
    this.#advert = { ...told, ...(sharesRates && { sharesRates }) };
    if (since > 0) this.version++;
    this.#advertVersion++;
    this.#renewLoad(freeSlotsOf(served, components), undefined);
    return this.#entry({ ...this.#advert, since, components: changed }, this.#load);
  }

  /**
   * Looks how busy it is; gives what changed, where it is its turn to tell, or nothing. That a component became full or free is told at once
   * while there are turns that were saved up.
   */
  refreshLoad(options: {
    readonly served: readonly ServedComponent[];
    readonly coordinates: Coordinates | undefined;
    readonly nowMs: number;
    /** Time between two turns. */
    readonly turnMs: number;
    readonly random: Random;
  }): Entry | undefined {
    const { served, coordinates, nowMs, turnMs, random } = options;
    const before = this.#load;
    const freeSlots = freeSlotsOf(served, this.#advert.components);
    const isTurned = freeSlots.some((free, index) => (free === 0) !== (before.freeSlots[index] === 0));
    if (nowMs < this.#turnMs - (isTurned ? (LOAD_TURNS_SAVED - 1) * turnMs : 0)) return undefined;
    const isMoved = nowMs - this.#placeToldMs >= PLACE_TURNS * turnMs && !isNear(coordinates, before.coordinates);
    if (freeSlots.join() === before.freeSlots.join() && !isMoved) return undefined;
    // By lot, so that nodes whose loads changed together do not tell together for ever.
    this.#turnMs = Math.max(nowMs, this.#turnMs) + turnMs * (0.5 + random.next());
    if (isMoved) this.#placeToldMs = nowMs;
    this.#renewLoad(freeSlots, isMoved ? coordinates : undefined);
    return isMoved ? this.#entry(undefined, this.#load) : this.loadOnly;
  }

  /** Denies what is said of a version of it. */
  deny(version: number): void {
    this.version = Math.max(this.version, version) + 1;
  }

  /** Outbids another life of its name. */
  outlive(incarnation: number): void {
    this.incarnation = incarnation + 1;
    this.version++;
  }

  leave(): void {
    this.status = "left";
    this.version++;
  }

  /** `moved` is where it is now, if that is worth telling. */
  #renewLoad(freeSlots: readonly number[], moved: Coordinates | undefined): void {
    const version = this.#load.version + 1;
    const { coordinates, placeVersion } =
      moved === undefined ? this.#load : { coordinates: moved, placeVersion: version };
    this.#load = { version, advertVersion: this.#advertVersion, freeSlots, coordinates, placeVersion };
  }

  #entry(advert: Advert | undefined, load: Load | undefined): Entry {
    const { node, incarnation, version, status } = this;
    return { node, incarnation, version, status, by: "", advertVersion: this.#advertVersion, advert, load };
  }
}

/** Time between two turns of a node to tell its load, such that all of a network of so many nodes can tell theirs. */
export function loadTurnMs(own: OwnRecord, members: number): number {
  return (1000 * members * LOAD_TELLINGS * spaceOf([encodeEntry(own.loadOnly)])) / LOAD_BYTES_PER_SECOND;
}

/** States of instances that take messages, if only to let them wait. */
const TAKING: ReadonlySet<string> = new Set(["declared", "starting", "ready", "saturated"]);

/** What a node's components look like from afar, by name. */
export function servedBy(views: readonly ComponentView[]): readonly ServedComponent[] {
  const all = views.map(({ component, name, version, instances }) => ({
    name,
    version,
    fingerprint: fingerprintOf(component),
    instances: instances.filter(({ state }) => TAKING.has(state)).length,
    freeSlots: instances.filter(
      ({ state, heldBy, waiting }) => state === "ready" && heldBy === undefined && waiting === 0,
    ).length,
  }));
  return all.filter(({ instances }) => instances > 0);
}

function differenceOf(before: readonly ComponentAdvert[], after: readonly ComponentAdvert[]): ComponentAdvert[] {
  const known = new Map(before.map((one) => [componentKey(one), one]));
  const told = new Set(after.map(componentKey));
  const changed = after.filter((one) => JSON.stringify(one) !== JSON.stringify(known.get(componentKey(one))));
  const gone = before.filter((one) => !told.has(componentKey(one)));
  return [...changed, ...gone.map((one) => ({ ...one, instances: 0 }))];
}

function freeSlotsOf(served: readonly ServedComponent[], components: readonly ComponentAdvert[]): readonly number[] {
  const free = new Map(served.map((one) => [componentKey(one), one.freeSlots]));
  return components.map((one) => free.get(componentKey(one)) ?? 0);
}

/** Turns of telling the load that pass between two tellings of the place. */
const PLACE_TURNS = 8;
/** A smaller step, in ms, is not worth telling. */
const PLACE_STEP_MS = 2;

/** Coordinates move all the time: a step that changes no distance by much is not worth telling. */
function isNear(a: Coordinates | undefined, b: Coordinates | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const stepMs = Math.hypot(a.x - b.x, a.y - b.y) + Math.abs(a.height - b.height);
  return stepMs < Math.max(PLACE_STEP_MS, 0.1 * Math.hypot(a.x, a.y)) && a.error > b.error / 2 && a.error < b.error * 2;
}

const fingerprints = new WeakMap<object, string>();

/** A hash over the fingerprints of all methods: 16 hex digits. */
export function fingerprintOf({ service }: ComponentView["component"]): string {
  const known = fingerprints.get(service);
  if (known !== undefined) return known;
  const methods = [...contractOf(service).methods.values()].map(({ name, fingerprint }) => `${name}:${fingerprint}`);
  const text = methods.sort().join();
  const made = [1, 2].map((seed) => hashText(text, seed).toString(16).padStart(8, "0")).join("");
  fingerprints.set(service, made);
  return made;
}

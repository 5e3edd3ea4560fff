import type { Distance } from "@orrery/core";
import { hashText, mix } from "@orrery/core/internal";
import { distanceBetween } from "./coordinates.ts";
import type { Advert, ComponentAdvert, Coordinates, Entry, Load, MemberStatus, Standing } from "./entry.ts";
import { byComponentKey, componentKey, isThere } from "./entry.ts";
import { encodeEntry } from "./entry-codec.ts";
import { BUCKETS } from "./limits.ts";
import { ringPlaces } from "./rings.ts";

/** What a node knows of another, and of itself. Only the table that it is in changes it. */
export class Member {
  readonly node: string;
  /** Where it stands on the rings. */
  readonly places: readonly number[];
  /** Which sum of a digest it counts in. */
  readonly bucket: number;
  incarnation = 0;
  version = 0;
  status: MemberStatus = "alive";
  /** Who suspects it. */
  by = "";
  /** When it came to its status, on the node's monotonic clock. */
  sinceMs = 0;
  advertVersion = 0;
  addresses: readonly string[] = NONE;
  components: readonly ComponentAdvert[] = NONE;
  /** Other networks in which it has a foot. */
  networks: readonly string[] = NONE;
  /** Whether it shares rates with others. */
  sharesRates = false;
  load: Load | undefined;
  /** What this node's own probes of it measured; undefined before the first answer. */
  measured: Distance | undefined;
  #estimate:
    | { readonly here: Coordinates; readonly there: Coordinates; readonly distance: Distance | undefined }
    | undefined;
  readonly #nameHash: number;
  #bytes: Uint8Array | undefined;
  #isAtRest = false;

  constructor(node: string) {
    this.node = node;
    this.places = ringPlaces(node);
    this.#nameHash = hashText(node);
    this.bucket = this.#nameHash % BUCKETS;
  }

  get isThere(): boolean {
    return isThere(this.status);
  }

  /** What it counts in a digest: its life and version, while it is there. */
  get hash(): number {
    if (!this.isThere) return 0;
    const life = mix(this.incarnation >>> 0) ^ Math.floor(this.incarnation / 0x100000000);
    return mix(this.#nameHash ^ mix(life + Math.imul(this.version, 0x9e3779b1)));
  }

  /** What it counts in a digest of loads. */
  get loadHash(): number {
    if (!this.isThere || this.load === undefined) return 0;
    const { version, placeVersion } = this.load;
    const versions = Math.imul(version, 0x9e3779b1) ^ Math.imul(placeVersion, 0x85ebca6b);
    return mix(this.#nameHash ^ mix((this.incarnation >>> 0) + versions));
  }

  /** Whether its place was told with what is known of its load. */
  get isPlaced(): boolean {
    return this.load !== undefined && this.load.placeVersion === this.load.version;
  }

  /** Free slots of its component of an index, as far as they are known. */
  freeSlots(index: number): number | undefined {
    return this.load?.advertVersion === this.advertVersion ? this.load.freeSlots[index] : undefined;
  }

  /** How far it is from a point as its own coordinates say. Asked at each call, worked out anew when either has moved. */
  estimatedFrom(here: Coordinates): Distance | undefined {
    const there = this.load?.coordinates;
    if (there === undefined) return undefined;
    if (this.#estimate?.here !== here || this.#estimate.there !== there)
      this.#estimate = { here, there, distance: distanceBetween(here, there) };
    return this.#estimate.distance;
  }

  /** All that is known of it, encoded; of one that is gone, only that it is. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeEntry(this.entry);
    return this.#bytes;
  }

  get entry(): Entry {
    const {
      node,
      incarnation,
      version,
      status,
      by,
      advertVersion,
      addresses,
      components,
      networks,
      sharesRates,
      load,
    } = this;
    const told = { since: 0, addresses, components, networks, ...(sharesRates && { sharesRates }) };
    const advert = this.isThere && advertVersion > 0 ? told : undefined;
    return { node, incarnation, version, status, by, advertVersion, advert, load: this.isThere ? load : undefined };
  }

  /** Takes over where it stands; another life has told nothing yet. */
  stand({ incarnation, version, status }: Standing, by: string, nowMs: number): void {
    if (status !== this.status || incarnation !== this.incarnation) this.sinceMs = nowMs;
    if (incarnation !== this.incarnation) {
      this.advertVersion = 0;
      this.addresses = NONE;
      this.components = NONE;
      this.networks = NONE;
      this.sharesRates = false;
      this.load = undefined;
      this.measured = undefined;
    }
    this.incarnation = incarnation;
    this.version = version;
    this.status = status;
    this.by = by;
    this.#isAtRest = false;
    this.#bytes = undefined;
  }

  /** Forgets what changes from moment to moment, and names its addresses anew: what is known by the old ones, such as the way there, goes with them. */
  rest(): void {
    if (this.#isAtRest) return;
    this.#isAtRest = true;
    this.addresses = [...this.addresses];
    this.load = undefined;
    this.measured = undefined;
    this.#estimate = undefined;
    this.#bytes = undefined;
  }

  /** Takes over what it serves, whole or as a difference that fits; false for one that does not. */
  takeAdvert(advertVersion: number, { since, addresses, components, networks, sharesRates = false }: Advert): boolean {
    if (advertVersion <= this.advertVersion || since > this.advertVersion || (since > 0 && this.advertVersion === 0))
      return false;
    const told = new Set(components.map(componentKey));
    const kept = since === 0 ? [] : this.components.filter((one) => !told.has(componentKey(one)));
    const all = [...kept, ...components.filter(({ instances }) => instances > 0)];
    this.components = all.sort(byComponentKey);
    this.networks = networks;
    this.sharesRates = sharesRates;
    this.addresses = addresses;
    this.advertVersion = advertVersion;
    this.#bytes = undefined;
    return true;
  }

  /** Takes over its load and its place, whichever is newer; false where neither is. */
  takeLoad(load: Load): boolean {
    const known = this.load ?? UNKNOWN;
    const isPlace = load.coordinates !== undefined && load.placeVersion > known.placeVersion;
    if (load.version <= known.version && !isPlace) return false;
    const { version, advertVersion, freeSlots } = load.version > known.version ? load : known;
    const { coordinates, placeVersion } = isPlace ? load : known;
    this.load = { version, advertVersion, freeSlots, coordinates, placeVersion };
    this.#bytes = undefined;
    return true;
  }
}

const NONE: readonly never[] = Object.freeze([]);
const UNKNOWN: Load = { version: 0, advertVersion: 0, freeSlots: NONE, coordinates: undefined, placeVersion: 0 };

import type { DirectoryHost, Distance } from "@orrery/core";
import { type Link, nameIn, type Port } from "@orrery/core/internal";
import type { Candidate, Candidates, Nearness } from "./candidate.ts";
import { componentKey, type MemberStatus } from "./entry.ts";
import { gatewayPort } from "./gateway-port.ts";
import type { Member } from "./member.ts";

/** A place at work: what is told of it, and the port that leads there. */
export class Place implements Candidate {
  /** Component that it serves, as calls name it. */
  readonly name: string;
  readonly member: Member;
  readonly node: string;
  readonly address: string;
  readonly nearness: Nearness;
  readonly version: string;
  readonly fingerprint: string;
  readonly instances: number;
  /** The other network that it is in; undefined for this one. */
  readonly network: string | undefined;
  readonly #component: number;
  readonly #distanceTo: (member: Member) => Distance | undefined;
  readonly #portTo: (address: string, member: Member) => Port;
  #port: Port | undefined;

  constructor(options: {
    readonly name: string;
    readonly member: Member;
    /** Index of its component in the member's advert. */
    readonly component: number;
    readonly address: string;
    readonly nearness: Nearness;
    readonly portTo: (address: string, member: Member) => Port;
    readonly distanceTo: (member: Member) => Distance | undefined;
  }) {
    const { name, member, component, address, nearness, portTo, distanceTo } = options;
    const { version = "", fingerprint = "", instances = 0, network } = member.components[component] ?? {};
    this.name = name;
    this.member = member;
    this.node = member.node;
    this.address = address;
    this.nearness = nearness;
    this.version = version;
    this.fingerprint = fingerprint;
    this.instances = instances;
    this.network = network;
    this.#component = component;
    this.#portTo = portTo;
    this.#distanceTo = distanceTo;
  }

  /** Whether a connection to it was ever asked for. */
  get isOpened(): boolean {
    return this.#port !== undefined || this.nearness === "process";
  }

  /** Opened when it is first asked for. */
  get port(): Port {
    this.#port ??= this.#portTo(this.address, this.member);
    return this.#port;
  }

  get status(): MemberStatus {
    return this.member.status;
  }

  get inFlight(): number {
    return this.#port?.inFlight ?? 0;
  }

  get isBouncing(): boolean {
    return this.#port?.bounces?.has(this.name) === true;
  }

  get isUp(): boolean {
    return this.nearness === "process" || this.#port?.link?.up === true;
  }

  get carrier(): string {
    const link = this.#port?.link;
    return link?.up === true ? link.remote.slice(0, Math.max(0, link.remote.indexOf("://"))) : "";
  }

  get trouble(): string {
    const link = this.#port?.link;
    return link === undefined || link.up ? "" : (link.trouble ?? "");
  }

  get freeSlots(): number | undefined {
    return this.member.freeSlots(this.#component);
  }

  get distance(): Distance | undefined {
    return this.nearness === "process" ? HERE : this.#distanceTo(this.member);
  }
}

const HERE: Distance = Object.freeze({ ms: 0, errorMs: 0 });

/** Options of an index. */
export interface PlaceIndexOptions {
  readonly host: Pick<DirectoryHost, "local" | "port" | "reaches" | "node">;
  /** Whether an address is of this host. */
  readonly isSameHost: (address: string) => boolean;
  readonly distanceTo: (member: Member) => Distance | undefined;
  /** Told of a component that has a place now. */
  readonly onKnown: (component: string) => void;
}

/** Places of one component. */
interface Served {
  readonly places: Map<string, Place>;
  candidates: Candidates<Place> | undefined;
  addresses: readonly string[] | undefined;
}

/** Which nodes serve what. I1: it has a place for each component of each member that is there, and no other. */
export class PlaceIndex {
  readonly #options: PlaceIndexOptions;
  readonly #served = new Map<string, Served>();
  readonly #behind = new WeakMap<Port, Member>();
  readonly #toldOf = new Map<
    string,
    { readonly components: Member["components"]; readonly addresses: readonly string[] }
  >();

  constructor(options: PlaceIndexOptions) {
    this.#options = options;
  }

  /** Components that somebody serves, by name. */
  components(): readonly string[] {
    return [...this.#served.keys()].sort();
  }

  candidates(component: string): Candidates<Place> | undefined {
    const served = this.#served.get(component);
    if (served === undefined) return undefined;
    served.candidates ??= byNearness([...served.places.values()]);
    return served.candidates;
  }

  /** Addresses of a component's places in other nodes, in the order of the nodes' names; the same array until they change. */
  addresses(component: string): readonly string[] {
    const served = this.#served.get(component);
    if (served === undefined) return NOWHERE;
    served.addresses ??= [...served.places.values()]
      .filter(({ address, network }) => address !== "" && (network === undefined || component.includes("@")))
      .sort((a, b) => (a.node < b.node ? -1 : 1))
      .map(({ address }) => address);
    return served.addresses;
  }

  /** Whether a link leads to a place of a component. */
  isBehind(component: string, link: Link): boolean {
    for (const place of this.#served.get(component)?.places.values() ?? [])
      if (place.isOpened && place.port.link === link) return true;
    return false;
  }

  /** How far it is through a port that leads to a place; undefined where nobody knows. */
  distanceThrough(port: Port): Distance | undefined {
    const member = this.#behind.get(port);
    return member && this.#options.distanceTo(member);
  }

  /** Takes over what a member serves now. */
  update(member: Member): void {
    const { node, components, addresses, isThere } = member;
    const before = this.#toldOf.get(node);
    if (isThere && before?.components === components && before.addresses === addresses) return;
    for (const one of before?.components ?? [])
      for (const name of namesOf(one)) this.#remove(name, placeKey(node, one));
    this.#toldOf.delete(node);
    if (!isThere) return;
    this.#toldOf.set(node, { components, addresses });
    for (const [index, one] of components.entries()) for (const name of namesOf(one)) this.#add(name, index, member); // I1
  }

  #add(name: string, component: number, member: Member): void {
    const { host, isSameHost, distanceTo, onKnown } = this.#options;
    const isOwn = member.node === host.node;
    const address = isOwn ? "" : (member.addresses.find(host.reaches) ?? "");
    const advert = member.components[component] as Member["components"][number];
    const isRemote = advert.network !== undefined;
    if (isOwn ? isRemote : address === "") return; // A gateway's own feet do not call through it.
    const nearness = isOwn ? "process" : isRemote ? "remote" : isSameHost(address) ? "host" : "network";
    const portTo = isOwn ? () => host.local : isRemote ? this.#portPast : this.#portTo;
    const place = new Place({ name, member, component, address, nearness, portTo, distanceTo });
    const served = this.#served.get(name) ?? { places: new Map(), candidates: undefined, addresses: undefined };
    served.places.set(placeKey(member.node, advert), place);
    served.candidates = undefined;
    served.addresses = undefined;
    this.#served.set(name, served);
    onKnown(name);
  }

  readonly #portTo = (address: string, member: Member): Port => {
    const port = this.#options.host.port(address);
    this.#behind.set(port, member);
    return port;
  };

  readonly #portPast = (address: string, member: Member): Port => {
    const port = gatewayPort(this.#portTo(address, member));
    this.#behind.set(port, member);
    return port;
  };

  #remove(name: string, key: string): void {
    const served = this.#served.get(name);
    if (served?.places.delete(key) !== true) return;
    served.candidates = undefined;
    served.addresses = undefined;
    if (served.places.size === 0) this.#served.delete(name);
  }
}

const NOWHERE: readonly string[] = Object.freeze([]);

/** Names under which a component is looked for: that of another network goes by its own, and stands in for this network's. */
function namesOf({ name, network }: Member["components"][number]): readonly string[] {
  return network === undefined ? [name] : [nameIn(network, name), name];
}

function placeKey(node: string, component: Member["components"][number]): string {
  return component.network === undefined ? node : `${node}\n${componentKey(component)}`;
}

function byNearness(places: readonly Place[]): Candidates<Place> {
  const remote = places.filter(({ nearness }) => nearness === "remote");
  return {
    ...(remote.length > 0 && { remote }),
    process: places.find(({ nearness }) => nearness === "process"),
    host: places.filter(({ nearness }) => nearness === "host"),
    network: places.filter(({ nearness }) => nearness === "network"),
  };
}

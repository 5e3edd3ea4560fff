import {
  type Directory,
  type DirectoryHost,
  type DirectorySeat,
  type Distance,
  type Distances,
  type Horizon,
  OrreryError,
} from "@orrery/core";
import { assertNetworkName, type Link, type LinkEvent, type Router } from "@orrery/core/internal";
import { type ChoiceExplanation, explainChoice, STAGES, type Stage } from "./choose-place.ts";
import type { DatagramCarrier } from "./datagram-carrier.ts";
import { createDatagrams, type Datagrams } from "./datagrams.ts";
import type { ComponentAdvert, Coordinates, MemberStatus } from "./entry.ts";
import type { GatewayFoot } from "./gateway-foot.ts";
import { Gossip } from "./gossip.ts";
import { createGossipRouter } from "./gossip-router.ts";
import { createLimitsStage } from "./limits-stage.ts";
import type { Member } from "./member.ts";
import { type OpenedLinks, watchOpened } from "./opened-links.ts";
import { PlaceIndex } from "./place-index.ts";
import { completeTiming, type GossipTiming } from "./timing.ts";
import { createViewKeeper, type ViewKeeper } from "./view-keeper.ts";
import type { ViewStore } from "./view-store.ts";
import { createWaiters, type Waiters } from "./waiters.ts";

/** Options of a gossip directory. */
export interface GossipDirectoryOptions {
  /** Name of the network; nodes of another do not join it, wherever they look. Default: none. */
  readonly network?: string;
  /** Addresses at which to look for the network; one that answers is enough. A node's own may be among them. Default: none. */
  readonly seeds?: readonly string[];
  /** Gives the addresses at which others reach this node. Default: those that it opened. */
  readonly advertise?: (opened: readonly string[]) => readonly string[];
  /** Tells whether an address is of this host. Default: those of the loopback. */
  readonly isSameHost?: (address: string) => boolean;
  /** Where the last view of the network is kept over restarts. Default: nowhere. */
  readonly store?: ViewStore;
  /** How often nodes are probed, and told. Default: see `GossipTiming`. */
  readonly timing?: Partial<GossipTiming>;
  /** Stages that choices have beside those for life, version, horizon and reachability. Default: none. */
  readonly stages?: readonly Stage[];
  /** Told of each node that is otherwise than before. Default: nobody. */
  readonly onMember?: (member: MemberView) => void;
  /** What the node tells and hears as a gateway to other networks. Default: it is none. */
  readonly foot?: GatewayFoot;
  /** Carries what is small and may be lost: probes and news. Default: all goes by the links of the node. */
  readonly datagrams?: DatagramCarrier;
}

/** A node, as another sees it. */
export interface MemberView {
  readonly node: string;
  readonly incarnation: number;
  readonly status: MemberStatus;
  readonly addresses: readonly string[];
  /** Other networks in which it has a foot, as a gateway. */
  readonly networks: readonly string[];
  readonly components: readonly (ComponentAdvert & { readonly freeSlots: number | undefined })[];
  readonly coordinates: Coordinates | undefined;
}

/** What a directory has done so far. */
export interface GossipStats {
  /** Messages and bytes that it said to others. */
  readonly messages: number;
  readonly bytes: number;
  /** Those of the messages that were datagrams. */
  readonly datagrams: number;
  /** Messages and entries that it could not read, and datagrams that nothing vouched for. */
  readonly rubbish: number;
  /** How unwell it takes its node for, from 0, which is well, to 8. */
  readonly health: number;
}

/** A directory that nodes keep among themselves. */
export interface GossipDirectory extends Directory {
  /** Nodes that are known, this one and those that are gone included, in the order of their names. */
  members(): readonly MemberView[];
  /** How far the nodes are that are there, one way, as far as it is known: measured by probes, else estimated from coordinates. */
  distances(): readonly (Distance & { readonly node: string })[];
  /** Tells at once what of this node is otherwise than it told last, instead of at the next turn. */
  refresh(): void;
  /** Looks for the network at more addresses. */
  join(...addresses: readonly string[]): void;
  /** Says which places of a component a message might go to now, and why not to the others. */
  explain(component: string, request?: { readonly version?: string; readonly horizon?: Horizon }): ChoiceExplanation;
  stats(): GossipStats;
  /** Tells the others that this node takes nothing any more. It still takes what comes, until it is stopped. */
  leave(): void;
}

/**
 * Makes a directory that finds components by gossip: hand it to one node. From one address that answers it learns of all nodes, and of what
 * each serves; start order does not matter, and no node is special.
 * @throws OrreryError `invalid_argument` for a time or a network's name that cannot be.
 */
export function createGossipDirectory(options: GossipDirectoryOptions = {}): GossipDirectory {
  return new SeatedDirectory(options);
}

const LOOPBACK = /^[a-z]+:\/\/(127\.|localhost[:/]|\[::1\])/;

/** Owns: its one seat. */
class SeatedDirectory implements GossipDirectory {
  readonly #options: GossipDirectoryOptions;
  readonly #timing: GossipTiming;
  #seat: GossipSeat | undefined;

  constructor(options: GossipDirectoryOptions) {
    if (options.network !== undefined) assertNetworkName("Cannot join", options.network);
    this.#options = options;
    this.#timing = completeTiming(options.timing);
  }

  seat(host: DirectoryHost): DirectorySeat {
    if (this.#seat !== undefined) {
      const text = `Cannot seat a gossip directory in node "${host.node}": node "${this.#seat.node}" has it, make another`;
      throw new OrreryError("failed_precondition", text);
    }
    this.#seat = new GossipSeat(host, this.#options, this.#timing);
    return this.#seat;
  }

  resolve(component: string): readonly string[] {
    return this.#seat?.index.addresses(component) ?? NOWHERE;
  }

  components(): readonly string[] {
    return this.#seat?.index.components() ?? NOWHERE;
  }

  members(): readonly MemberView[] {
    const all = [...(this.#seat?.gossip?.table.all() ?? [])].filter(({ incarnation }) => incarnation > 0);
    return all.map(viewOf).sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  distances(): readonly (Distance & { readonly node: string })[] {
    const gossip = this.#seat?.gossip;
    if (gossip === undefined) return [];
    const others = [...gossip.table.all()].filter((member) => member.isThere && member !== gossip.table.self);
    return others.flatMap((member) => {
      const distance = gossip.distanceTo(member);
      return distance === undefined ? [] : [{ node: member.node, ...distance }];
    });
  }

  refresh(): void {
    this.#seat?.gossip?.refresh();
  }

  join(...addresses: readonly string[]): void {
    this.#seat?.join(addresses);
  }

  explain(
    component: string,
    { version = "", horizon }: { readonly version?: string; readonly horizon?: Horizon } = {},
  ) {
    const candidates = this.#seat?.index.candidates(component) ?? { process: undefined, host: [], network: [] };
    return explainChoice(candidates, { version, horizon, shardKey: "" }, this.#seat?.stages ?? STAGES);
  }

  leave(): void {
    this.#seat?.leave();
  }

  stats(): GossipStats {
    const gossip = this.#seat?.gossip;
    const { messages = 0, bytes = 0 } = gossip?.courier.counts ?? {};
    const { sent = 0, refused = 0 } = this.#seat?.datagrams ?? {};
    const rubbish = (gossip?.rubbish ?? 0) + refused;
    return { messages, bytes, datagrams: sent, rubbish, health: gossip?.health.score ?? 0 };
  }
}

const NOWHERE: readonly string[] = Object.freeze([]);

/** The directory at work in its node. Gossip begins when the addresses are open; in a client, when it is first asked. */
class GossipSeat implements DirectorySeat {
  readonly node: string;
  readonly index: PlaceIndex;
  readonly router: Router;
  readonly stages: readonly Stage[];
  readonly #host: DirectoryHost;
  readonly #links: OpenedLinks;
  readonly #options: GossipDirectoryOptions;
  readonly #timing: GossipTiming;
  readonly #waiters: Waiters;
  readonly datagrams: Datagrams | undefined;
  /** Links that others have opened to this node, maybe to call it. */
  readonly #callers = new Set<Link>();
  #keeper: ViewKeeper | undefined;
  #isClosed = false;
  gossip: Gossip | undefined;

  constructor(given: DirectoryHost, options: GossipDirectoryOptions, timing: GossipTiming) {
    const { isSameHost = (address: string) => LOOPBACK.test(address), stages = [] } = options;
    this.node = given.node;
    const links = watchOpened(given);
    const { host } = links;
    this.#links = links;
    this.#host = host;
    this.#options = options;
    this.#timing = timing;
    this.datagrams = options.datagrams && createDatagrams(options.datagrams, host);
    const limits = { ...host.limits, distances: this.#distances(host.limits?.distances) };
    const limitsStage = createLimitsStage(limits);
    this.stages = [...STAGES.slice(0, -1), limitsStage, ...stages, ...STAGES.slice(-1)];
    this.#waiters = createWaiters(host.clock, () => this.gossip?.syncer.hurry());
    this.index = new PlaceIndex({
      host,
      isSameHost,
      distanceTo: (member) => this.gossip?.distanceTo(member),
      onKnown: (component) => this.#waiters.wake(component),
    });
    const router = createGossipRouter({
      node: host.node,
      network: options.network,
      random: host.random,
      index: this.index,
      stages: this.stages,
      limits,
      limitsStage,
      waiters: this.#waiters,
      others: () => Math.max(0, (this.gossip?.table.there ?? 0) - (this.gossip?.own === undefined ? 0 : 1)),
    });
    this.router = host.components() === undefined ? this.#beginningWith(router) : router;
  }

  /** What was measured for the limits comes first; what gossip measures and estimates is there for all else. */
  #distances(given: Distances | undefined): Distances {
    return {
      strict: given?.strict ?? false,
      through: (port) => given?.through(port) ?? this.index.distanceThrough(port),
    };
  }

  start(): void {
    if (this.#isClosed || this.gossip !== undefined) return;
    const { network = "", foot, seeds = [], advertise = (opened) => opened, store } = this.#options;
    this.gossip = new Gossip({
      host: this.#host,
      timing: this.#timing,
      network,
      foot,
      seeds,
      datagrams: this.datagrams,
      advertise: (opened) => advertise([...opened, ...(this.datagrams?.addresses ?? [])]),
      onChange: (member) => this.#changed(member),
      onSweep: (isOfUse) => this.#links.sweep(isOfUse),
    });
    const { table, alarms } = this.gossip;
    if (store !== undefined) {
      this.#keeper = createViewKeeper({ store, table, alarms, log: this.#host.log });
      void this.#recall(this.#keeper, this.gossip);
    }
    this.gossip.start();
    if (this.gossip.own !== undefined && this.datagrams !== undefined)
      void this.#openDatagrams(this.gossip, this.datagrams);
  }

  receive(link: Link, message: Uint8Array): void {
    this.gossip?.receive(link, message);
  }

  linkChanged({ kind, link }: LinkEvent): void {
    if (kind === "down") {
      this.#callers.delete(link);
      this.gossip?.linkLost(link);
      return;
    }
    if (link.direction === "in") this.#callers.add(link);
    for (const component of this.#waiters.components())
      if (this.index.isBehind(component, link)) this.#waiters.wake(component);
  }

  join(addresses: readonly string[]): void {
    this.start();
    this.gossip?.syncer.join(addresses);
  }

  leave(): void {
    this.gossip?.leave(this.#callers);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiters.close();
    this.gossip?.close();
    this.datagrams?.close();
  }

  /** A client is never started: it begins to look when it is first asked where to send. */
  #beginningWith(router: Router): Router {
    const begun = (): Router => {
      if (this.gossip === undefined) this.start();
      return router;
    };
    return {
      ...router,
      pick: (head, envelope) => begun().pick(head, envelope),
      all: (head) => begun().all(head),
      exactVersion: (component, range, flow) => begun().exactVersion?.(component, range, flow) ?? range,
    };
  }

  /** Until it is open, and where it cannot be, links carry everything. */
  async #openDatagrams(gossip: Gossip, datagrams: Datagrams): Promise<void> {
    await datagrams.open((link, bytes) => gossip.receive(link, bytes));
    if (!this.#isClosed) gossip.refresh();
  }

  async #recall(keeper: ViewKeeper, gossip: Gossip): Promise<void> {
    const { addresses, incarnation } = await keeper.read();
    gossip.recall(incarnation);
    gossip.syncer.join(addresses);
  }

  #changed(member: Member): void {
    this.index.update(member);
    this.#keeper?.changed();
    const { onMember, foot } = this.#options;
    onMember?.(viewOf(member));
    if (member.node !== this.node) foot?.changed();
  }
}

function viewOf(member: Member): MemberView {
  const { node, incarnation, status, addresses, networks, components, load } = member;
  return {
    node,
    incarnation,
    status,
    addresses,
    networks,
    components: components.map((component, index) => ({ ...component, freeSlots: member.freeSlots(index) })),
    coordinates: load?.coordinates,
  };
}

import { type HorizonCheck, OrreryError, type Relay, type RelayHost } from "@orrery/core";
import { failure, type Head, splitName } from "@orrery/core/internal";
import type { GatewayFoot, Offer } from "../discovery/gateway-foot.ts";
import {
  createGossipDirectory,
  type GossipDirectory,
  type GossipDirectoryOptions,
} from "../discovery/gossip-directory.ts";
import { OFFERS_MAX } from "../discovery/limits.ts";
import { crossHead, turnHead } from "./crossed-head.ts";
import type { Arrival } from "./crossing.ts";
import { Foot, type Onward } from "./foot.ts";
import { DISTANCE_AGE_MS, OFFERS_TOLD_MS } from "./limits.ts";
import { offersOf } from "./offers.ts";
import { type CrossingCounts, type GatewayNetwork, Side } from "./side.ts";
import { assertNetworks } from "./trust.ts";

/** Options of a gateway. */
export interface GatewayOptions {
  /** The networks that it joins, each with what may leave it and come into it. */
  readonly networks: readonly GatewayNetwork[];
}

/**
 * Joins networks: one node in each, its foot there, with the directory and the relay that the gateway makes for it. The feet share a process,
 * and nothing else: each has its own name, keys and limits.
 */
export interface Gateway {
  /**
   * Makes the directory of the foot in a network, anew for each life of it. Its network and what it tells as a gateway are given.
   * @throws OrreryError `not_found` for a network that the gateway does not join.
   */
  directory(network: string, options?: Omit<GossipDirectoryOptions, "network" | "foot">): GossipDirectory;
  /** The relay of the foot in a network. @throws OrreryError `not_found`. */
  relay(network: string): Relay;
  /** What the other networks offer in one now, with the copies and free slots of each network as a whole. @throws OrreryError `not_found`. */
  offers(network: string): readonly Offer[];
  /** What it did with messages that came to it, by the network that they came from. */
  counts(): readonly (CrossingCounts & { readonly network: string; readonly underWay: number })[];
}

/** Makes a gateway without its feet. @throws OrreryError `invalid_argument` for networks and patterns that cannot be. */
export function createGateway(options: GatewayOptions): Gateway {
  return new JoiningGateway(options);
}

interface KnownHead {
  readonly to: Side;
  readonly host: RelayHost;
  readonly atMs: number;
  readonly crossed: ReturnType<typeof crossHead>;
}

/**
 * Owns: its sides. I1: what is not exported by the one network and imported by the other does not pass, and is not told of. I2: nothing passes
 * for an agent that the next network does not admit.
 */
class JoiningGateway implements Gateway {
  readonly #sides: readonly Side[];
  readonly #known = new WeakMap<Head, KnownHead>();
  #isTelling = false;

  constructor({ networks }: GatewayOptions) {
    assertNetworks(networks);
    this.#sides = networks.map((one) => new Side(one));
  }

  directory(network: string, options: Omit<GossipDirectoryOptions, "network" | "foot"> = {}): GossipDirectory {
    const side = this.#side(network);
    const foot: GatewayFoot = {
      networks: this.#sides.filter((other) => other !== side).map((other) => other.network),
      offers: () => this.#offers(side),
      changed: () => this.#changed(side),
    };
    side.directory = createGossipDirectory({ ...options, network, foot });
    return side.directory;
  }

  relay(network: string): Relay {
    const side = this.#side(network);
    return {
      seat: (host) => {
        side.foot?.end();
        const decide = (arrival: Arrival) => this.#decide(side, arrival);
        const foot = new Foot({ side, host, decide, giveBack: (arrival) => giveBack(side, arrival) });
        side.foot = foot;
        this.#isTelling = false; // The clock of an earlier life tells nobody any more.
        return foot;
      },
    };
  }

  offers(network: string): readonly Offer[] {
    return this.#offers(this.#side(network));
  }

  counts(): readonly (CrossingCounts & { readonly network: string; readonly underWay: number })[] {
    return this.#sides.map(({ network, counts, underWay }) => ({ ...counts, network, underWay: underWay.size }));
  }

  /** Where a message goes that came to a side; undefined for one that is to be let go. */
  #decide(side: Side, arrival: Arrival): Onward | undefined {
    const { head, host } = arrival;
    const to = this.#target(side, head);
    if (to === undefined) throw this.#notPassed(side, head, host);
    if (!to.trust.admits(head.agent)) {
      const text = `Cannot pass on "${head.component}.${head.method}" for agent "${head.agent}": network "${to.network}" does not admit it`;
      throw failure("agent_refused", text); // I2
    }
    const crossed = this.#cross(side, to, arrival);
    if ("head" in crossed) return { to, head: crossed.head };
    return this.#beyond(side, arrival, crossed.check);
  }

  #beyond(side: Side, arrival: Arrival, check: HorizonCheck): Onward | undefined {
    const { head, host } = arrival;
    const { beyond } = head.horizon ?? {};
    if (beyond === "drop") return undefined;
    if (beyond === "local") {
      side.counts.local++;
      return giveBack(side, arrival);
    }
    const text = `Cannot pass on "${head.component}.${head.method}": the next network lies beyond the ${check} of its horizon`;
    throw failure("horizon_exceeded", text, { where: host.node, details: { check } });
  }

  /** The network that a message is for: the one that it names, else the first that offers what it is for. */
  #target(side: Side, { component: name }: Head): Side | undefined {
    const { component, network } = splitName(name);
    const mayPass = (to: Side) => to !== side && to.trust.exports(component) && side.trust.imports(component); // I1
    if (network !== "") return this.#sides.find((to) => to.network === network && mayPass(to));
    return this.#sides.find((to) => mayPass(to) && (to.directory?.resolve(component).length ?? 0) > 0);
  }

  /** What a message says in the next network: worked out once for the many that say the same. */
  #cross(side: Side, to: Side, { head, host }: Arrival): ReturnType<typeof crossHead> {
    const onward = to.host;
    const nowMs = host.clock.monotonic();
    const known = this.#known.get(head);
    const isFar = (head.horizon?.distanceMs ?? 0) > 0;
    if (
      known !== undefined &&
      known.to === to &&
      known.host === onward &&
      !(isFar && nowMs - known.atMs > DISTANCE_AGE_MS)
    )
      return known.crossed;
    const distances = isFar ? (side.directory?.distances() ?? []) : [];
    const distanceMs = distances.find(({ node }) => node === head.source.node)?.ms ?? 0;
    const source = onward === undefined ? head.source : sourceOf(onward);
    const crossed = crossHead(head, { source, distanceMs });
    if (onward !== undefined) this.#known.set(head, { to, host: onward, atMs: nowMs, crossed });
    return crossed;
  }

  #offers(side: Side): readonly Offer[] {
    const all = this.#sides.flatMap((other) => {
      if (other === side || other.directory === undefined) return [];
      const offered = offersOf(other.network, other.directory.members());
      return offered.filter(({ name }) => other.trust.exports(name) && side.trust.imports(name)); // I1
    });
    return all.slice(0, OFFERS_MAX);
  }

  /** A node of one network is otherwise than before: the others are told soon, of many at once. */
  #changed(side: Side): void {
    if (this.#isTelling || side.host === undefined) return;
    this.#isTelling = true;
    side.host.clock.timer(OFFERS_TOLD_MS, () => {
      this.#isTelling = false;
      for (const { directory } of this.#sides) directory?.refresh();
    });
  }

  #side(network: string): Side {
    const side = this.#sides.find((one) => one.network === network);
    if (side !== undefined) return side;
    const known = this.#sides.map((one) => `"${one.network}"`).join(", ");
    throw new OrreryError("not_found", `Cannot find network "${network}": the gateway joins ${known}`);
  }

  #notPassed(side: Side, { component, method }: Head, { node }: RelayHost): OrreryError {
    const names = [...new Set(this.#offers(side).map(({ name, network }) => `"${name}@${network}"`))];
    const known = names.length === 0 ? "nothing" : names.slice(0, NAMED_MAX).join(", ");
    const text = `Cannot pass on "${component}.${method}": gateway "${node}" offers ${known} in network "${side.network}"`;
    return failure("no_such_component", text, { where: node });
  }
}

/** Components that an error names at most. */
const NAMED_MAX = 20;

function sourceOf({ node, incarnation }: RelayHost): Head["source"] {
  return Object.freeze({ node, instance: "", incarnation });
}

/** The way back into the network that a message came from. */
function giveBack(side: Side, { head, host }: Arrival): Onward {
  return { to: side, head: turnHead(head, sourceOf(host)) };
}

import type { RelayHost } from "@orrery/core";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import type { Limits } from "../limits/node-limits.ts";
import type { Crossing } from "./crossing.ts";
import type { Foot } from "./foot.ts";
import { type GatewayTrust, readTrust, type TrustChecks } from "./trust.ts";

/** One network of a gateway. */
export interface GatewayNetwork extends GatewayTrust {
  /** Limits of the gateway's node there; their shared rates are those of all gateways of the network together. Default: none are shared. */
  readonly limits?: Limits;
}

/** What a gateway did with messages that came to it in one network. */
export interface CrossingCounts {
  /** Those that it passed on. */
  readonly passed: number;
  /** Those that it sent back. */
  readonly refused: number;
  /** Those that it let go, as they asked to be. */
  readonly dropped: number;
  /** Those that it gave to a place of the network that they came from. */
  readonly local: number;
}

/** One network of a gateway, over all lives of the node that is its foot there. */
export class Side {
  readonly network: string;
  readonly limits: Limits | undefined;
  readonly trust: TrustChecks;
  readonly counts: { -readonly [K in keyof CrossingCounts]: number } = { passed: 0, refused: 0, dropped: 0, local: 0 };
  /** What is on its way through this network's foot, out of it or into it. */
  readonly underWay = new Set<Crossing>();
  directory: GossipDirectory | undefined;
  foot: Foot | undefined;
  #whenIdle: (() => void)[] = [];

  constructor({ limits, ...trust }: GatewayNetwork) {
    this.network = trust.network;
    this.limits = limits;
    this.trust = readTrust(trust);
  }

  get host(): RelayHost | undefined {
    return this.foot?.host;
  }

  began(crossing: Crossing): void {
    this.underWay.add(crossing);
  }

  ended(crossing: Crossing): void {
    this.underWay.delete(crossing);
    if (this.underWay.size > 0) return;
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  /** Resolves when nothing is on its way through this foot. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.underWay.size === 0) resolve();
      else this.#whenIdle.push(resolve);
    });
  }
}

import {
  type ClientNode,
  type Clock,
  type HorizonScope,
  isOrreryError,
  type Log,
  OrreryError,
  type SendOptions,
  type Timer,
} from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { CapacityService } from "../gen/orrery/capacity/v1/capacity_pb.ts";
import { ASK_MS, BIDS_MAX, FULL_MS, GROW_MS, LEASE_MS } from "./limits.ts";
import type { Placement, Stand } from "./placement.ts";

/** Options of instances that others run for this node. */
export interface LeasePlacementOptions {
  /** Speaks for this node; its agent is who they lend to. */
  readonly node: Pick<ClientNode, "name" | "client" | "clock">;
  readonly log?: Log;
  /** Versions of the capacity services that can be asked now, others' only: each is one node. An empty text is whichever answers. */
  readonly hosts: () => readonly string[];
  /** Network that they are in, behind gateways. Default: this one. */
  readonly network?: string;
  /** Default: `network`, or `any` for another network. */
  readonly scope?: HorizonScope;
  /** How long they lend without hearing of this node again, in ms. Default: 10,000. */
  readonly leaseMs?: number;
}

/** Instances on other nodes, which bid for them. Leases end by themselves when this node is gone. */
export interface LeasePlacement extends Placement {
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Makes a placement on other hosts of the network, or of another one behind a gateway. */
export function createLeasePlacement(options: LeasePlacementOptions): LeasePlacement {
  return new Leases(options);
}

interface Held {
  readonly component: string;
  readonly host: string;
  /** Instances that it has, those that are asked for now, and those of which nobody knows whether they run. */
  instances: number;
  pending: number;
  doubtful: number;
  /** When it was renewed last, and until when its host may keep it whatever comes. */
  renewedMs: number;
  keptUntilMs: number;
}

/**
 * Owns: the leases that this node holds. I1: one lease for a component and host, of a name that stays, so that nothing is asked for twice.
 * I2: what a host may still run is counted until it certainly does not.
 */
class Leases implements LeasePlacement {
  readonly name: string;
  readonly scope: HorizonScope;
  readonly #options: LeasePlacementOptions;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #held = new Map<string, Held>();
  readonly #fullUntilMs = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(options: LeasePlacementOptions) {
    const { network, scope = network === undefined ? "network" : "any", leaseMs = LEASE_MS } = options;
    this.name = network === undefined ? "network" : `network ${network}`;
    this.scope = scope;
    this.#options = options;
    this.#clock = options.node.clock;
    this.#leaseMs = leaseMs;
  }

  list(component: string): Stand {
    const held = [...this.#held.values()].filter((one) => one.component === component);
    const starting = held.reduce((sum, { pending }) => sum + pending, 0);
    const running = held.reduce((sum, { instances, doubtful }) => sum + instances + doubtful, 0); // I2
    // Who was not asked lately may have room for one; how much there is, the bids tell.
    return { instances: running + starting, starting, room: this.#askable(component).length };
  }

  async grow(component: string, count: number): Promise<void> {
    const bids = await this.#bids(component);
    let left = count;
    const asked: Promise<void>[] = [];
    for (const { host, free } of bids) {
      const by = Math.min(left, free);
      if (by > 0) asked.push(this.#ask(component, host, by));
      left -= Math.max(0, by);
    }
    const ended = await Promise.allSettled(asked);
    const failed = ended.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    if (left === 0) return;
    const text = `Cannot run ${count} more of "${component}" on ${this.name}: ${bids.length} hosts bid for ${count - left}`;
    throw new OrreryError("resource_exhausted", text);
  }

  async shrink(component: string, count: number): Promise<void> {
    let left = count;
    const asked: Promise<void>[] = [];
    for (const held of [...this.#held.values()].reverse()) {
      if (held.component !== component || left <= 0) continue;
      const by = Math.min(left, held.instances);
      if (by === 0) continue;
      held.instances -= by;
      held.doubtful += by;
      left -= by;
      asked.push(this.#say(held));
    }
    await Promise.all(asked);
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    const all = [...this.#held.values()];
    for (const held of all) held.instances = 0;
    await Promise.all(all.map((held) => this.#say(held)));
  }

  #askable(component: string): readonly string[] {
    const nowMs = this.#clock.monotonic();
    return this.#options.hosts().filter((host) => (this.#fullUntilMs.get(`${component}\n${host}`) ?? 0) <= nowMs);
  }

  /** Who would run how many, the most generous first. */
  async #bids(component: string): Promise<readonly { readonly host: string; readonly free: number }[]> {
    const hosts = this.#askable(component).slice(0, BIDS_MAX);
    const bids = await Promise.all(
      hosts.map(async (host) => {
        try {
          const { free, version } = await this.#client.offer({ component }, this.#to(host, ASK_MS));
          if (free === 0) this.#isFull(component, host);
          return { host: version, free };
        } catch (error) {
          this.#isFull(component, host);
          this.#options.log?.debug("no bid", { host, component, error: messageOf(error) });
          return { host, free: 0 };
        }
      }),
    );
    return bids.filter(({ free }) => free > 0).sort((a, b) => b.free - a.free || (a.host < b.host ? -1 : 1));
  }

  get #client() {
    return this.#options.node.client(CapacityService);
  }

  #to(host: string, timeoutMs: number): SendOptions {
    const { network } = this.#options;
    return {
      timeoutMs,
      horizon: this.scope,
      ...(host !== "" && { version: host }),
      ...(network !== undefined && { network }),
    };
  }

  #isFull(component: string, host: string): void {
    this.#fullUntilMs.set(`${component}\n${host}`, this.#clock.monotonic() + FULL_MS);
  }

  /** Asks a host for more; what it certainly did not give is not counted. */
  async #ask(component: string, host: string, by: number): Promise<void> {
    const key = `${component}\n${host}`;
    const held = this.#held.get(key) ?? this.#begin(component, host);
    this.#held.set(key, held);
    held.pending += by;
    this.#plan();
    let added = 0;
    try {
      const granted = await this.#grow(held, held.instances + by, GROW_MS, this.#leaseMs + GROW_MS);
      added = granted - held.instances;
      held.instances = granted;
    } catch (error) {
      if (!isOrreryError(error) || error.definite !== true) held.doubtful += by;
      this.#isFull(component, host);
      throw error;
    } finally {
      held.pending -= by;
      if (held.instances + held.pending + held.doubtful === 0) this.#held.delete(key);
    }
    if (added >= by) return;
    this.#isFull(component, host);
    const text = `Cannot run ${by} more of "${component}" at "${host}": it gave ${added}`;
    throw new OrreryError("resource_exhausted", text);
  }

  #begin(component: string, host: string): Held {
    const renewedMs = this.#clock.monotonic();
    return { component, host, instances: 0, pending: 0, doubtful: 0, renewedMs, keptUntilMs: 0 };
  }

  /** Until its answer is there nothing is renewed, so that a lease that grows lasts for as long as that may take, too. */
  async #grow(held: Held, instances: number, timeoutMs: number, ttlMs: number): Promise<number> {
    const { component, host } = held;
    held.keptUntilMs = this.#clock.monotonic() + timeoutMs + ttlMs;
    const request = { lease: this.#leaseOf(component), component, instances, ttlMs };
    const reply = await this.#client.grow(request, this.#to(host, timeoutMs));
    held.renewedMs = this.#clock.monotonic();
    held.keptUntilMs = held.renewedMs + ttlMs;
    held.doubtful = 0;
    return reply.instances;
  }

  /** Says how many a lease has; one that has none ends. */
  async #say(held: Held): Promise<void> {
    const { component, host, instances } = held;
    try {
      if (instances > 0) {
        held.instances = Math.min(held.instances, await this.#grow(held, instances, ASK_MS, this.#leaseMs));
        return;
      }
      await this.#client.release({ lease: this.#leaseOf(component) }, this.#to(host, ASK_MS));
      this.#held.delete(`${component}\n${host}`);
    } catch (error) {
      this.#options.log?.debug("lease not renewed", { host, component, error: messageOf(error) });
    }
  }

  #leaseOf(component: string): string {
    return `${this.#options.node.name}/${component}`; // I1
  }

  /** Renews what is due, and lets go of what is certainly lost. */
  #plan(): void {
    this.#timer?.cancel();
    if (this.#held.size === 0) return;
    this.#timer = this.#clock.timer(this.#leaseMs / 3, () => {
      const nowMs = this.#clock.monotonic();
      for (const [key, held] of this.#held) {
        if (nowMs - held.renewedMs < this.#leaseMs) {
          if (held.pending === 0) void this.#say(held);
        } else if (nowMs > held.keptUntilMs && held.pending === 0) this.#held.delete(key); // I2
      }
      this.#plan();
    });
  }
}

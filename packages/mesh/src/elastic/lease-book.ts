import { type Clock, type Log, OrreryError, type Timer } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { LEASE_MAX_MS, LEASE_NAME_MAX, LEASES_MAX } from "./limits.ts";
import type { Placement } from "./placement.ts";

/** Options of what a node lends. */
export interface LeaseBookOptions {
  readonly clock: Clock;
  readonly log?: Log;
  /** Components of which it runs instances for others now. */
  readonly components: () => readonly string[];
  /** Where it runs them, nearest first. */
  readonly placements: readonly Placement[];
  /** Instances that it lends at most, over all components. */
  readonly instancesMax: number;
}

/** What somebody asks for. */
export interface LeaseRequest {
  /** On whose behalf: leases of different agents never meet. */
  readonly agent: string;
  readonly lease: string;
  readonly component: string;
  readonly instances: number;
  readonly ttlMs: number;
}

interface Lease {
  readonly component: string;
  instances: number;
  untilMs: number;
}

/**
 * Instances that a node runs for others. Owns: the leases, and when each ends.
 * I1: it lends no more than it may, over all leases. I2: a lease that nobody renews ends by itself. I3: saying a lease again changes its
 * instances to what is said, and never adds to them.
 */
export class LeaseBook {
  readonly #options: LeaseBookOptions;
  readonly #leases = new Map<string, Lease>();
  /** Where each lent instance runs: instances by component and placement. */
  readonly #placed = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(options: LeaseBookOptions) {
    this.#options = options;
  }

  /** Instances of a component that run for others at a placement, or at all. */
  lent(component: string, placement?: string): number {
    const { placements } = this.#options;
    const names = placement === undefined ? placements.map(({ name }) => name) : [placement];
    return names.reduce((sum, name) => sum + (this.#placed.get(`${component}\n${name}`) ?? 0), 0);
  }

  /** How many more of a component it would lend. */
  free(component: string): number {
    const { components, placements, instancesMax } = this.#options;
    if (!components().includes(component)) return 0;
    const room = placements.reduce((sum, placement) => sum + placement.list(component).room, 0);
    return Math.max(0, Math.min(room, instancesMax - this.#total));
  }

  /** Gives a lease as many instances as are asked for, or as there is room for. Ends when they are ready. @throws OrreryError */
  async grow({ agent, lease: name, component, instances, ttlMs }: LeaseRequest): Promise<number> {
    this.#assertFits(name, component, ttlMs);
    const key = `${agent}\n${name}`;
    const known = this.#leases.get(key);
    if (known !== undefined && known.component !== component)
      throw new OrreryError(
        "invalid_argument",
        `Cannot lend by lease "${name}": it is of component "${known.component}"`,
      );
    if (known === undefined && instances > 0 && this.#leases.size >= LEASES_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot lend by lease "${name}": ${LEASES_MAX} are given, release some`,
      );
    const lease: Lease = known ?? { component, instances: 0, untilMs: 0 };
    const untilMs = this.#options.clock.monotonic() + ttlMs;
    lease.untilMs = untilMs;
    if (instances === 0) this.#leases.delete(key);
    else this.#leases.set(key, lease);
    this.#plan();
    const added = Math.min(instances - lease.instances, this.free(component));
    lease.instances += added; // I1, I3
    if (added > 0) await this.#add(lease, added);
    else if (added < 0) this.#remove(component, -added);
    return lease.instances;
  }

  /** Ends a lease. */
  release(agent: string, name: string): void {
    const lease = this.#leases.get(`${agent}\n${name}`);
    if (lease !== undefined) this.#end(`${agent}\n${name}`, lease);
  }

  /** Ends every lease. */
  close(): void {
    for (const [key, lease] of this.#leases) this.#end(key, lease);
    this.#timer?.cancel();
  }

  get #total(): number {
    let total = 0;
    for (const { instances } of this.#leases.values()) total += instances;
    return total;
  }

  #assertFits(name: string, component: string, ttlMs: number): void {
    const refuse = (why: string) =>
      new OrreryError("invalid_argument", `Cannot lend by lease "${name.slice(0, LEASE_NAME_MAX)}": ${why}`);
    if (name === "" || name.length > LEASE_NAME_MAX) throw refuse(`a name has 1 to ${LEASE_NAME_MAX} characters`);
    if (!(ttlMs >= 1 && ttlMs <= LEASE_MAX_MS)) throw refuse(`its time is ${ttlMs} ms, ask for 1 to ${LEASE_MAX_MS}`);
    const components = this.#options.components();
    if (components.includes(component)) return;
    const lends = components.map((one) => `"${one}"`).join(", ") || "nothing";
    throw refuse(`component "${component}" is not lent here, what is lent is ${lends}`);
  }

  /** Runs more for a lease; what cannot start is taken off it again. */
  async #add(lease: Lease, count: number): Promise<void> {
    let left = count;
    const grown: { readonly placement: Placement; readonly by: number; readonly done: Promise<void> }[] = [];
    for (const placement of this.#options.placements) {
      const by = Math.min(left, placement.list(lease.component).room);
      if (by <= 0) continue;
      left -= by;
      this.#place(lease.component, placement, by);
      grown.push({ placement, by, done: placement.grow(lease.component, by) });
    }
    const ended = await Promise.allSettled(grown.map(({ done }) => done));
    for (const [at, { status }] of ended.entries()) {
      const one = grown[at];
      if (status === "fulfilled" || one === undefined) continue;
      const stays = one.placement.list(lease.component).instances;
      const lost = Math.min(one.by, Math.max(0, this.lent(lease.component, one.placement.name) - stays));
      this.#place(lease.component, one.placement, -lost);
      lease.instances = Math.max(0, lease.instances - lost);
    }
    const failed = ended.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected" && lease.instances === 0) throw failed.reason;
  }

  /** Runs fewer, the farthest first; nobody waits for what they still have to do. */
  #remove(component: string, count: number): void {
    let left = count;
    for (const placement of [...this.#options.placements].reverse()) {
      const by = Math.min(left, this.lent(component, placement.name));
      if (by <= 0) continue;
      left -= by;
      this.#place(component, placement, -by);
      placement.shrink(component, by).catch((error: unknown) => {
        this.#options.log?.warn("lent instances did not go", { component, count: by, error: messageOf(error) });
      });
    }
  }

  #place(component: string, { name }: Placement, by: number): void {
    const key = `${component}\n${name}`;
    this.#placed.set(key, (this.#placed.get(key) ?? 0) + by);
  }

  #end(key: string, lease: Lease): void {
    this.#leases.delete(key);
    this.#remove(lease.component, lease.instances);
    lease.instances = 0;
  }

  /** Sets the timer for the lease that ends first. */
  #plan(): void {
    this.#timer?.cancel();
    const { clock, log } = this.#options;
    const nowMs = clock.monotonic();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [key, lease] of this.#leases) {
      if (lease.untilMs <= nowMs) {
        log?.info("lease ended", {
          lease: key.split("\n")[1] ?? "",
          component: lease.component,
          instances: lease.instances,
        });
        this.#end(key, lease); // I2
      } else nextMs = Math.min(nextMs, lease.untilMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#timer = clock.timer(nextMs - nowMs, () => this.#plan());
  }
}

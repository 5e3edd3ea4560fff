import type { Clock } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { type CanaryBudget, judgeCanary, type VersionCalls } from "../supervise/judge-canary.ts";
import type { HostPlan } from "./host-core.ts";
import { type HostReport, type HostTarget, isRefusal } from "./host-target.ts";
import { HeardHosts } from "./known-hosts.ts";
import type { Change, Versions } from "./release.ts";

/** How a host stands in a roll-out over many. */
export interface HostRoll {
  readonly host: string;
  /** `waiting` was not begun; `unreachable` could not be asked, and is as it was or as it will be once it is asked again. */
  readonly state: "waiting" | "rolling" | "done" | "same" | "failed" | "reverted" | "unreachable";
  readonly changes: readonly Change[];
  /** Why, where something went wrong. */
  readonly text: string;
}

/** Options of a roll-out over hosts. */
export interface RollHostsOptions {
  readonly hosts: readonly HostTarget[];
  /** Makes a host of which these tell, and which is rolled, too, unless it left. Default: those that they tell of are left alone. */
  readonly others?: (name: string) => HostTarget;
  readonly plan: HostPlan;
  /** Content of the plan's files, by SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly clock: Clock;
  /** Versions that are new with the plan. */
  readonly fresh: ReadonlySet<string>;
  /** Hosts that may be changing at once, among them those that went out of reach meanwhile. Default: 1. */
  readonly unavailableMax?: number;
  /** Shares of the hosts, from 0 to 1, after which the new version is judged by the calls to it. Default: none. */
  readonly stages?: readonly number[];
  /** What a new version may do worse. Default: that of `judgeCanary`. */
  readonly budget?: CanaryBudget;
  /** How long a stage waits for enough calls, in ms. Default: 600,000. */
  readonly stageMs?: number;
  /** How long hosts out of reach are waited for once nothing else is to be done, in ms. Default: 60,000. */
  readonly waitMs?: number;
  /** How long one host may take while it answers, in ms. Default: 600,000. */
  readonly hostMs?: number;
  /** How often hosts are asked how they stand, in ms. Default: 200. */
  readonly lookMs?: number;
  /** Told of each host how it stands, first when it was asked for the first time, then whenever that changes. Default: nobody. */
  readonly onHost?: (host: HostRoll) => void;
}

/** How a roll-out over hosts ended. After `incomplete` the same plan, applied again, goes on with those that could not be reached. */
export interface RollHostsResult {
  readonly kind: "done" | "reverted" | "incomplete";
  readonly text: string;
  readonly hosts: readonly HostRoll[];
}

/**
 * Applies a plan to hosts, a few at a time. A host that fails halts it, and so do calls that fail more than they may; then every host that was
 * changed goes back. A host out of reach has not failed: it is passed over before its turn and waited for in it, and is named in the end.
 * With `others`, so is a host that died before anybody here heard of it, as long as any that is reached remembers it.
 */
export async function rollHosts(options: RollHostsOptions): Promise<RollHostsResult> {
  const roll = new HostsRoll(options);
  const trouble = await roll.forward();
  if (trouble !== undefined) await roll.back();
  const hosts = roll.hosts();
  const open = hosts.filter(({ state }) => state === "unreachable").map(({ host }) => host);
  const waits = open.length === 0 ? "" : `out of reach: ${open.join(", ")}; apply it again to go on`;
  if (trouble !== undefined) return { kind: "reverted", text: [trouble, ...(waits && [waits])].join("; "), hosts };
  return { kind: waits === "" ? "done" : "incomplete", text: waits, hosts };
}

interface Seat {
  readonly target: HostTarget;
  state: HostRoll["state"];
  /** What it ran when it was first asked. */
  before: Versions | undefined;
  changes: readonly Change[];
  text: string;
  /** When its turn began. */
  sinceMs: number;
  /** Whether its turn has begun: it counts as unavailable until it is over. */
  isBegun: boolean;
  /** Whether anybody was told how it stands. */
  isTold: boolean;
}

/**
 * I1: no more hosts than allowed have begun and not ended. I2: what a host does is asked of it, never assumed. I3: with `others`, no host that any
 * that was reached knows is passed over in silence, unless it left.
 */
class HostsRoll {
  readonly #options: RollHostsOptions;
  readonly #heard = new HeardHosts();
  #seats: readonly Seat[];

  constructor(options: RollHostsOptions) {
    this.#options = options;
    this.#seats = options.hosts.map(seatOf);
  }

  hosts(): readonly HostRoll[] {
    return this.#seats.map(rollOf);
  }

  /** Goes on until all hosts are done, or nothing more can be done; gives what stands against it. */
  async forward(): Promise<string | undefined> {
    const { stages = [] } = this.#options;
    for (const share of [...stages.filter((share) => share < 1), 1]) {
      const trouble = (await this.#reach(share)) ?? (stages.includes(share) ? await this.#judge() : undefined);
      if (trouble !== undefined) return trouble;
    }
    return undefined;
  }

  /** Puts every host back that was changed, or may have been. */
  async back(): Promise<void> {
    const { plan, unavailableMax = 1 } = this.#options;
    const begun = this.#seats.filter(({ isBegun, state }) => isBegun && state !== "failed" && state !== "same");
    for (let from = 0; from < begun.length; from += unavailableMax)
      await Promise.all(begun.slice(from, from + unavailableMax).map((seat) => this.#undo(seat, `${plan.id}.undo`)));
  }

  /** Rolls until such a share of the hosts is done; gives what went wrong. Ends without an error when only hosts out of reach are left. */
  async #reach(share: number): Promise<string | undefined> {
    const { clock, lookMs = 200, waitMs = 60_000 } = this.#options;
    const isOver = ({ state }: Seat) => state === "done" || state === "same";
    for (let movedMs = clock.monotonic(); ; await clock.sleep(lookMs)) {
      const bound = Math.max(1, Math.ceil(share * this.#seats.length)); // They become more where hosts tell of others.
      if (this.#seats.filter(isOver).length >= bound) return undefined;
      const before = this.#seats.map(({ state }) => state).join();
      this.#begin(bound);
      await Promise.all(this.#seats.filter((seat) => !isOver(seat)).map((seat) => this.#look(seat)));
      const failed = this.#seats.find(({ state }) => state === "failed");
      if (failed !== undefined) return `host "${failed.target.name}" failed: ${failed.text}`;
      const isWaitedFor = this.#seats.some(({ state }) => state === "rolling");
      if (isWaitedFor || before !== this.#seats.map(({ state }) => state).join()) movedMs = clock.monotonic();
      if (clock.monotonic() - movedMs >= waitMs) return undefined;
    }
  }

  /** Lets hosts begin whose turn it is. */
  #begin(bound: number): void {
    const { clock, unavailableMax = 1 } = this.#options;
    const isOver = ({ state }: Seat) => state === "done" || state === "same";
    for (const seat of this.#seats) {
      const open = this.#seats.filter((one) => one.isBegun && !isOver(one)).length;
      if (open >= unavailableMax || this.#seats.filter(isOver).length + open >= bound) return; // I1
      if (seat.isBegun || seat.state !== "waiting") continue;
      seat.isBegun = true;
      seat.sinceMs = clock.monotonic();
    }
  }

  /** Asks a host how it stands, and for what it is to do. */
  async #look(seat: Seat): Promise<void> {
    const { plan, contents, clock, hostMs = 600_000 } = this.#options;
    try {
      const { plan: at, running, hosts } = await seat.target.status({ hosts: seat.before === undefined }); // I2
      if (seat.before === undefined) this.#hear(hosts);
      seat.before ??= running;
      if (!seat.isBegun) return this.#set(seat, "waiting");
      if (at.id === plan.id && at.state === "done" && seat.state !== "waiting") return this.#set(seat, "done");
      if (at.id === plan.id && at.state === "reverted" && seat.state !== "waiting")
        return this.#set(seat, "failed", at.text);
      if (clock.monotonic() - seat.sinceMs > hostMs)
        return this.#set(seat, "failed", `it took longer than ${hostMs / 1000} s`);
      if (at.state !== "rolling") {
        const { changes } = await seat.target.apply(plan, contents);
        if (changes.length > 0) seat.changes = changes;
        else return this.#set(seat, seat.changes.length === 0 && seat.state === "waiting" ? "same" : "done");
      }
      this.#set(seat, "rolling");
    } catch (error) {
      if (!isRefusal(error)) this.#set(seat, "unreachable", messageOf(error));
      else this.#set(seat, "failed", messageOf(error));
    }
  }

  /** Takes in those that a host knows, and lets go of those that left. */
  #hear(hosts: HostReport["hosts"]): void {
    const { others } = this.#options;
    if (others === undefined) return;
    this.#heard.hear(hosts);
    const known = new Set(this.#seats.map(({ target }) => target.name));
    const more = this.#heard.expected().filter((name) => !known.has(name)); // I3
    const here = this.#seats.filter(({ target, before }) => before !== undefined || !this.#heard.hasLeft(target.name));
    this.#seats = [...here, ...more.map((name) => seatOf(others(name)))];
  }

  async #undo(seat: Seat, id: string): Promise<void> {
    const { plan: done, clock, lookMs = 200, waitMs = 60_000, hostMs = 600_000 } = this.#options;
    const named = [...done.components.map(({ name }) => name), ...(done.versions?.keys() ?? [])];
    const versions = new Map([...named.map((name) => [name, ""] as const), ...(seat.before ?? [])]);
    const startMs = clock.monotonic();
    let heardMs = startMs;
    for (; ; await clock.sleep(lookMs)) {
      try {
        const { plan } = await seat.target.status();
        heardMs = clock.monotonic();
        if (plan.id === id && plan.state === "done") return this.#set(seat, "reverted");
        if (plan.state !== "rolling") await seat.target.apply({ id, components: [], versions }, new Map());
      } catch (error) {
        if (isRefusal(error)) return this.#set(seat, "failed", messageOf(error));
        if (clock.monotonic() - heardMs >= waitMs) return this.#set(seat, "unreachable", messageOf(error));
      }
      if (clock.monotonic() - startMs >= hostMs) return this.#set(seat, "failed", "it could not be put back in time");
    }
  }

  /** Lets the new version be judged by the calls since now; gives what stands against it. */
  async #judge(): Promise<string | undefined> {
    const { clock, budget, stageMs = 600_000, lookMs = 200 } = this.#options;
    const endMs = clock.monotonic() + stageMs;
    const since = await this.#calls();
    for (; ; await clock.sleep(lookMs)) {
      const now = await this.#calls();
      const verdict = judgeCanary(minus(now.fresh, since.fresh), minus(now.old, since.old), budget);
      if (verdict.kind === "go-on") return undefined;
      if (verdict.kind === "halt") return verdict.text;
      if (clock.monotonic() >= endMs) return `too few calls to judge it came within ${stageMs / 1000} s`;
    }
  }

  /** How calls to new and old versions ended so far, as far as hosts can be asked. */
  async #calls(): Promise<{ fresh: VersionCalls; old: VersionCalls }> {
    const asked = await Promise.allSettled(this.#seats.map(({ target }) => target.status()));
    const reports = asked.flatMap((one): readonly HostReport[] => (one.status === "fulfilled" ? [one.value] : []));
    const versions = new Map(
      reports.flatMap(({ places }) => places.map(({ address, version }) => [address, version] as const)),
    );
    const sums = { fresh: { calls: 0, failures: 0 }, old: { calls: 0, failures: 0 } };
    for (const { address, calls, failures } of reports.flatMap((report) => report.calls)) {
      const version = versions.get(address);
      if (version === undefined) continue;
      const sum = this.#options.fresh.has(version) ? sums.fresh : sums.old;
      sum.calls += calls;
      sum.failures += failures;
    }
    return sums;
  }

  #set(seat: Seat, state: HostRoll["state"], text = ""): void {
    const isSame = seat.isTold && seat.state === state;
    Object.assign(seat, { state, text, isTold: true });
    if (!isSame) this.#options.onHost?.(rollOf(seat));
  }
}

function seatOf(target: HostTarget): Seat {
  const nothing = { before: undefined, changes: [], text: "", sinceMs: 0, isBegun: false, isTold: false };
  return { target, state: "unreachable", ...nothing };
}

function rollOf({ target, state, changes, text }: Seat): HostRoll {
  return { host: target.name, state, changes, text };
}

function minus(now: VersionCalls, since: VersionCalls): VersionCalls {
  return { calls: Math.max(0, now.calls - since.calls), failures: Math.max(0, now.failures - since.failures) };
}

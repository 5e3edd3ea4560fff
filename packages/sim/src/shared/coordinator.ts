import { type Clock, isOrreryError, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { TICKS_PER_MS } from "../limits.ts";
import { compareWithinRound, type EventKey } from "../order/event-key.ts";
import type { ClockResult, ClockState, ClockStatus } from "./clock-status.ts";
import type { Grant, MemberReport, MemberResult } from "./grant.ts";
import { PROBE_MS, STALL_MS, WINDOWS_PER_GRANT } from "./limits.ts";
import { type MemberPort, memberError } from "./member-port.ts";
import { mergeHashes } from "./merge-hashes.ts";
import { watchStall } from "./stall.ts";

/** Options of a coordinator. */
export interface CoordinatorOptions {
  readonly members: readonly MemberPort[];
  /** Virtual time after which the run ends, in ms. Default: when nothing is left to happen. */
  readonly endMs?: number;
  /** Measures stalls, by the machine's time. Default: nothing does. */
  readonly clock?: Clock;
  /** How long nothing may be seen of a member, in ms of the machine; 0 for any time. Default: 30,000. */
  readonly stallMs?: number;
}

/** How far a clock is to go. */
export interface GoOptions {
  /** Virtual time to stop at, in ms: everything before it has happened then. Default: none. */
  readonly untilMs?: number;
  /** Words of an event to stop behind. Default: none. */
  readonly match?: readonly string[];
  /** Whether it goes on when something comes from outside after nothing was left. Default: false. */
  readonly stays?: boolean;
}

/** One clock over several members: nothing happens but what it grants. */
export interface Coordinator {
  readonly status: ClockStatus;
  /** Runs until it is paused, nothing is left to happen, or what was asked for has come. @throws OrreryError when a member fails. */
  run(options?: GoOptions): Promise<ClockStatus>;
  /** Stops after the window under way, and says where. */
  pause(): Promise<ClockStatus>;
  /** Runs the first event of all members. */
  step(): Promise<ClockStatus>;
  /** Runs all events of the next ticks at which there are any. */
  tick(count?: number): Promise<ClockStatus>;
  /** Lets something go wrong now, such as `crash store`. */
  inject(line: string): Promise<ClockStatus>;
  /** Lets the next moment show a wall time, in ms since 1970. @throws OrreryError `invalid_argument` for one that goes back. */
  attach(timeMs: number): Promise<ClockStatus>;
  /** Says that something came from outside of the world: an idle clock that was to run goes on. */
  wake(): void;
  /** Says that a member is gone, also while nothing is granted. */
  lose(member: number, why: string): void;
  /** Called when the clock stands after it went, and when the run breaks. */
  onStand: ((status: ClockStatus) => void) | undefined;
  /** Ends the run, and gives its hash; what is under way stops. */
  finish(): Promise<ClockResult>;
}

/** Makes a coordinator that is paused at the beginning. @throws OrreryError `invalid_argument` without members. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  if (options.members.length === 0)
    throw new OrreryError("invalid_argument", "Cannot coordinate no members: name one at least");
  return new WindowCoordinator(options);
}

const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Owns where the members stand. I1: it does one thing at a time. I2: a grant goes to every member alike, and the next one follows when all
 * have reported and every frame that one sent has been received. I3: once a member has failed or is gone, nothing is granted any more.
 */
class WindowCoordinator implements Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #endTick: number;
  #reports: readonly MemberReport[] = [];
  onStand: ((status: ClockStatus) => void) | undefined;
  #state: ClockState = "paused";
  #failure: OrreryError | undefined;
  #matched = "";
  #isPausing = false;
  #going: Promise<unknown> | undefined;
  #isAwake = false;
  /** Set while an idle clock waits. */
  #onWake: (() => void) | undefined;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#endTick = options.endMs === undefined ? NEVER : Math.round(options.endMs * TICKS_PER_MS) + 1;
  }

  get status(): ClockStatus {
    const reports = this.#reports;
    const next = this.#next()?.key.tick;
    return {
      state: this.#state,
      elapsedMs: reports.reduce((latest, { lastTick }) => Math.max(latest, lastTick), 0) / TICKS_PER_MS,
      nextMs: next === undefined ? undefined : next / TICKS_PER_MS,
      events: reports.reduce((sum, { events }) => sum + events, 0),
      windows: Math.max(0, reports[0]?.round ?? 0),
      matched: this.#matched,
      failure: this.#failure?.message ?? "",
      members: this.#options.members.map(({ index, nodes }) => {
        const report = reports[index];
        const tick = report?.next?.tick;
        const nextMs = tick === undefined ? undefined : tick / TICKS_PER_MS;
        const { events = 0, last = "", busy = [] } = report ?? {};
        return { member: index, nodes, events, nextMs, last, busy };
      }),
    };
  }

  run(options: GoOptions = {}): Promise<ClockStatus> {
    return this.#alone("run the clock", () => this.#go(options));
  }

  async pause(): Promise<ClockStatus> {
    if (this.#going === undefined) return this.status;
    this.#isPausing = true;
    this.#onWake?.();
    this.#options.members[0]?.halt();
    await this.#going.catch(() => undefined); // Whoever asked for it is told.
    return this.status;
  }

  step(): Promise<ClockStatus> {
    return this.#alone("step", async () => {
      await this.#look();
      const next = this.#next();
      if (next === undefined) this.#state = "idle";
      else await this.#grant({ untilTick: next.key.tick, windowsMax: 1, step: next.member });
    });
  }

  tick(count = 1): Promise<ClockStatus> {
    if (!(Number.isSafeInteger(count) && count >= 1))
      throw new OrreryError("invalid_argument", `Cannot run ${count} ticks: write a whole number from 1`);
    return this.#alone("run a tick", async () => {
      await this.#look();
      for (let done = 0; done < count && !this.#isPausing; done++) {
        const next = this.#next();
        if (next === undefined) this.#state = "idle";
        if (next === undefined) return;
        await this.#grantUntil(next.key.tick + 1);
      }
    });
  }

  inject(line: string): Promise<ClockStatus> {
    return this.#between("let anything go wrong", (tick) => this.#all((member) => member.plan(line, tick)));
  }

  attach(timeMs: number): Promise<ClockStatus> {
    return this.#between("attach a time", (tick) => this.#all((member) => member.attach(timeMs, tick)));
  }

  wake(): void {
    this.#isAwake = true;
    this.#onWake?.();
  }

  lose(member: number, why: string): void {
    const port = this.#options.members[member];
    if (port === undefined || this.#state === "ended" || this.#failure !== undefined) return;
    const last = this.#reports[member]?.last ?? "";
    this.#setBroken(memberError(port, { code: "aborted", what: `is gone: ${why}`, last }));
    this.#onWake?.();
  }

  async finish(): Promise<ClockResult> {
    await this.pause();
    const results = await Promise.allSettled(this.#options.members.map((member) => this.#resultOf(member)));
    const known = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (this.#state !== "failed") this.#state = "ended";
    const isWhole = known.length === results.length && this.#failure === undefined;
    return { ...this.status, hash: mergeHashes(known).hash, isWhole };
  }

  /** Of a broken run, what is not told soon is not waited for. */
  async #resultOf(member: MemberPort): Promise<MemberResult> {
    const { clock } = this.#options;
    if (clock === undefined || this.#failure === undefined) return await member.result();
    const late = Promise.withResolvers<never>();
    const timer = clock.timer(PROBE_MS, () => late.reject(new Error("it does not say what it has")));
    try {
      return await Promise.race([member.result(), late.promise]);
    } finally {
      timer.cancel();
    }
  }

  async #go({ untilMs, match, stays = false }: GoOptions): Promise<void> {
    const untilTick = Math.min(untilMs === undefined ? NEVER : Math.round(untilMs * TICKS_PER_MS), this.#endTick);
    await this.#look();
    for (;;) {
      this.#state = "running";
      this.#isAwake = false;
      await this.#grantUntil(untilTick, match);
      if (this.#matched !== "" || this.#isPausing) return;
      if (this.#next() !== undefined) {
        if (untilTick === this.#endTick) this.#state = "ended";
        return;
      }
      this.#state = "idle";
      if (!stays) return;
      await this.#awake();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isPausing) return;
    }
  }

  /** Ends when something has come from outside since the last grant. */
  async #awake(): Promise<void> {
    if (this.#isAwake) return;
    await new Promise<void>((resolve) => {
      this.#onWake = resolve;
    });
    this.#onWake = undefined;
  }

  /** Grants again and again until members stand at a tick, or one of them stops. */
  async #grantUntil(untilTick: number, match?: readonly string[]): Promise<void> {
    for (;;) {
      await this.#grant({ untilTick, windowsMax: WINDOWS_PER_GRANT, ...(match === undefined ? {} : { match }) });
      if (this.#isPausing || this.#matched !== "" || (this.#next()?.key.tick ?? NEVER) >= untilTick) return;
    }
  }

  /** Brings the members to their beginning, and learns where they stand. */
  async #look(): Promise<void> {
    this.#matched = "";
    await this.#grant({ untilTick: 0, windowsMax: 1 });
  }

  /** I2 */
  async #grant(grant: Grant): Promise<void> {
    const { members, clock, stallMs = STALL_MS } = this.#options;
    const stall = clock === undefined || stallMs === 0 ? undefined : watchStall({ members, clock, stallMs });
    try {
      const granted = members.map((member) => this.#reported(member, grant));
      const reports = await Promise.race([Promise.all(granted), ...(stall === undefined ? [] : [stall.found])]);
      this.#reports = reports;
    } catch (error) {
      this.#break(error);
    } finally {
      stall?.stop();
    }
    this.#matched = this.#reports.find(({ matched }) => matched !== "")?.matched ?? "";
    const failed = this.#reports.find(({ failure }) => failure !== undefined);
    if (failed?.failure !== undefined) this.#break(this.#failureOf(failed));
    this.#assertQuiet();
  }

  /** What a member reports; its absence is told with what is known of it. */
  async #reported(member: MemberPort, grant: Grant): Promise<MemberReport> {
    try {
      return await member.grant(grant);
    } catch (error) {
      const last = this.#reports[member.index]?.last ?? "";
      throw memberError(member, { code: "aborted", what: `is gone: ${messageOf(error)}`, last });
    }
  }

  /** Ends everything for good: what waits for a window that never comes must not hang. */
  #break(error: unknown): never {
    throw this.#setBroken(isOrreryError(error) ? error : new OrreryError("internal", messageOf(error)));
  }

  #setBroken(error: OrreryError): OrreryError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = error;
    this.#state = "failed"; // I3
    for (const member of this.#options.members) member.abandon();
    this.onStand?.(this.status);
    return error;
  }

  #failureOf({ member, failure, last }: MemberReport): OrreryError {
    const port = this.#options.members[member] as MemberPort;
    return memberError(port, { code: failure?.code ?? "internal", what: `failed: ${failure?.text ?? ""}`, last });
  }

  /** Every frame that was sent must have been received: between two grants nothing is under way. */
  #assertQuiet(): void {
    for (const { member, sent } of this.#reports) {
      for (const [to, count] of sent.entries()) {
        const received = this.#reports[to]?.received[member] ?? 0;
        if (received === count) continue;
        const text = `Cannot go on with the clock: member ${member} sent ${count} frames to ${to}, which received ${received}`;
        this.#break(new OrreryError("data_loss", text));
      }
    }
  }

  #next(): { readonly member: number; readonly key: EventKey } | undefined {
    const all = this.#reports.flatMap(({ member, next }) => (next === undefined ? [] : [{ member, key: next }]));
    return all.sort((a, b) => compareKeys(a.key, b.key))[0];
  }

  async #all(act: (member: MemberPort) => Promise<void>): Promise<void> {
    for (const member of this.#options.members) await act(member);
  }

  /** Does something at a moment that no member has passed. */
  #between(what: string, act: (tick: number) => Promise<void>): Promise<ClockStatus> {
    return this.#alone(what, async () => {
      await this.#look();
      const passed = this.#reports.reduce((latest, { bound, lastTick }) => Math.max(latest, bound, lastTick), 0);
      await act(passed);
      await this.#look();
    });
  }

  /** I1 */
  async #alone(what: string, act: () => Promise<void>): Promise<ClockStatus> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state === "ended") throw new OrreryError("failed_precondition", `Cannot ${what}: the run has ended`);
    if (this.#going !== undefined)
      throw new OrreryError("failed_precondition", `Cannot ${what}: the clock is running, pause it first`);
    this.#isPausing = false;
    this.#state = "running";
    const going = act();
    this.#going = going;
    try {
      await going;
    } finally {
      this.#going = undefined;
      if (this.#state === "running") this.#state = "paused";
      if (this.#failure === undefined) this.onStand?.(this.status);
    }
    return this.status;
  }
}

function compareKeys(a: EventKey, b: EventKey): number {
  return a.tick - b.tick || a.round - b.round || compareWithinRound(a, b);
}

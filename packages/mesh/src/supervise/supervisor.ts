import { OrreryError } from "@orrery/core";
import { planGroup } from "./plan-group.ts";
import type { ProcessRecord } from "./process-control.ts";
import { ReplanTimer } from "./replan-timer.ts";
import {
  type ExitNote,
  type ExitReason,
  giveUpText,
  isRestarted,
  recentOf,
  unmetText,
  whoRestarts,
} from "./restart-policy.ts";
import { ChildSeat, type SuperviseEventKind } from "./seat.ts";
import {
  type CompleteChild,
  type CompleteGroup,
  completeSpec,
  KEEP_DEFAULTS,
  type KeepRules,
  type SuperviseSpec,
} from "./spec.ts";
import { stableText } from "./stable-text.ts";
import type { ChildStatus, Supervisor, SupervisorOptions } from "./supervise.ts";

/**
 * Makes a supervisor, which takes over what an earlier one left running and goes on with what that one was told.
 * @throws OrreryError `data_loss` when what was kept cannot be read: nothing is started or ended then.
 */
export async function createSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const supervisor = new ChildSupervisor(options);
  await supervisor.open();
  return supervisor;
}

/**
 * Owns: the seats of all children. I1: there is one seat for a name, and one process for a seat; who moves to another group is down in
 * between. I2: what to do follows from how things stand, never from what happened last. I3: what cannot be told is left alone.
 */
class ChildSupervisor implements Supervisor {
  spec: SuperviseSpec = { groups: [] };
  readonly #options: SupervisorOptions;
  readonly #seats = new Map<string, ChildSeat>();
  readonly #groupFailuresMs = new Map<string, readonly number[]>();
  readonly #timer: ReplanTimer;
  #groups: readonly CompleteGroup[] = [];
  #mode: "opening" | "keeping" | "stopping" | "released" = "opening";
  #routes = "";
  #gone: PromiseWithResolvers<void> | undefined;
  #isPlanning = false;
  #isSaved = false;
  #mustPlan = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#timer = new ReplanTimer(options.clock, () => this.#plan());
  }

  async open(): Promise<void> {
    const state = await this.#options.store.load();
    if (state !== undefined) {
      this.#groups = completeSpec(state.spec);
      this.spec = state.spec;
      const children = new Map(this.#groups.flatMap((group) => group.children.map((child) => [child.name, child])));
      await Promise.all(
        state.processes.map((record) => {
          const child = children.get(record.child);
          const seat = this.#seat(child === undefined ? orphan(record) : { ...child, program: record.program });
          return seat.adopt(record);
        }),
      );
    }
    this.#mode = "keeping";
    this.#save(); // What has ended meanwhile is done with.
    this.#plan();
  }

  apply(spec: SuperviseSpec): readonly string[] {
    if (this.#mode !== "keeping")
      throw new OrreryError("failed_precondition", "Cannot apply: this supervisor was stopped, make another");
    const groups = completeSpec(spec);
    const before = byName(this.#groups);
    const after = byName(groups);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name),
    );
    this.spec = spec;
    this.#groups = groups;
    this.#isSaved = false;
    this.#plan();
    if (!this.#isSaved) this.#save(); // Where nothing was started or ended, which is kept first.
    return changed;
  }

  status(): readonly ChildStatus[] {
    const nowMs = this.#options.clock.monotonic();
    return [...this.#seats.values()].map((seat) => ({
      name: seat.name,
      group: seat.child.group,
      state: stateOf(seat, nowMs),
      pid: seat.record?.pid ?? 0,
      address: seat.route,
      restarts: seat.restarts,
      exits: [...seat.exits],
      cause: seat.givenUp,
      ...(seat.report === undefined ? {} : { report: seat.report }),
    }));
  }

  retry(child: string): void {
    const seat = this.#seats.get(child);
    if (seat === undefined) {
      const known = [...this.#seats.keys()].join(", ") || "there is none";
      throw new OrreryError("not_found", `Cannot retry "${child}": there is no such child, choose of: ${known}`);
    }
    const group = this.#groups.find(({ name }) => name === seat.child.group);
    this.#groupFailuresMs.delete(seat.child.group);
    for (const one of this.#seatsOf(seat.child.group))
      if (one === seat || group?.strategy !== "one-for-one") one.forgive();
    this.#plan();
  }

  stop(): Promise<void> {
    return this.#end(() => this.#plan());
  }

  kill(): Promise<void> {
    return this.#end(() => {
      for (const seat of this.#seats.values()) seat.stop("asked", "it was asked to end at once", "forced");
      this.#plan();
    });
  }

  release(): void {
    this.#mode = "released";
    this.#timer.cancel();
    for (const seat of this.#seats.values()) seat.release();
  }

  #end(how: () => void): Promise<void> {
    if (this.#mode === "released") return Promise.resolve();
    this.#mode = "stopping";
    this.#gone ??= Promise.withResolvers<void>();
    how();
    return this.#gone.promise;
  }

  #seat(child: CompleteChild): ChildSeat {
    const { control, clock, random } = this.#options;
    const seat = new ChildSeat(child, {
      control,
      clock,
      random,
      onRecord: () => this.#save(),
      onEvent: (from, kind, text, reason) => this.#tell(from, kind, text, reason),
      onTold: ({ name }, news) => this.#options.onTold?.(name, news),
      onEnded: (ended, note) => this.#ended(ended, note),
      onChange: () => this.#plan(),
    });
    this.#seats.set(child.name, seat);
    return seat;
  }

  #seatsOf(group: string): readonly ChildSeat[] {
    const order = this.#groups.find(({ name }) => name === group)?.children.map(({ name }) => name) ?? [];
    const place = (seat: ChildSeat) => (order.includes(seat.name) ? order.indexOf(seat.name) : order.length);
    return [...this.#seats.values()].filter(({ child }) => child.group === group).sort((a, b) => place(a) - place(b));
  }

  #ended(seat: ChildSeat, { reason }: ExitNote): void {
    const { clock } = this.#options;
    const group = this.#groups.find(({ name }) => name === seat.child.group);
    if (group !== undefined && seat.wanted && reason !== "asked" && reason !== "group") {
      if (!isRestarted(seat.child.restart, reason)) seat.hasFinished = true;
      else this.#failed(seat, group, clock.monotonic());
    }
    this.#plan();
  }

  #failed(seat: ChildSeat, group: CompleteGroup, nowMs: number): void {
    const { rules } = seat.child;
    const isAlone = group.strategy === "one-for-one";
    const failures = [...(isAlone ? seat.failuresMs : (this.#groupFailuresMs.get(group.name) ?? [])), nowMs];
    const recent = recentOf(failures, nowMs, rules);
    if (isAlone) seat.failuresMs = recent;
    else this.#groupFailuresMs.set(group.name, recent);
    if (recent.length >= rules.restartsMax || seat.unmet >= rules.restartsMax) {
      this.#giveUp(seat, isAlone ? [seat] : this.#seatsOf(group.name), rules);
      return;
    }
    const order = this.#seatsOf(group.name).map(({ name }) => name);
    seat.backOff();
    for (const name of whoRestarts(group.strategy, order, seat.name)) {
      const other = this.#seats.get(name);
      if (other === undefined || other === seat) continue;
      other.stale = true;
      other.staleBecause = "group";
      other.notBeforeMs = Math.max(other.notBeforeMs, seat.notBeforeMs);
    }
  }

  #giveUp(seat: ChildSeat, all: readonly ChildSeat[], rules: KeepRules): void {
    const exits = all.flatMap((one) => one.exits).sort((a, b) => a.atMs - b.atMs);
    for (const one of all) {
      one.givenUp =
        seat.unmet > 0
          ? unmetText(seat.name, exits)
          : giveUpText(all.length === 1 ? seat.name : seat.child.group, exits, rules);
      this.#tell(one, "given-up", one.givenUp, exits.at(-1)?.reason);
    }
  }

  /** Looks at everything, and does what is to be done now. */
  #plan(): void {
    if (this.#mode === "opening" || this.#mode === "released") return;
    this.#mustPlan = true;
    if (this.#isPlanning) return;
    this.#isPlanning = true;
    while (this.#mustPlan) {
      this.#mustPlan = false;
      this.#install();
      this.#route();
      this.#act();
    }
    this.#isPlanning = false;
    if (
      this.#mode === "stopping" &&
      [...this.#seats.values()].every(({ phase }) => phase === "down" || phase === "unknown")
    )
      this.#gone?.resolve();
  }

  /** Gives every child that is to run its seat, and takes seats away that nobody needs any more. */
  #install(): void {
    const wanted = new Map(this.#groups.flatMap((group) => group.children.map((child) => [child.name, child])));
    for (const seat of [...this.#seats.values()]) {
      const child = wanted.get(seat.name);
      seat.isRemoved = child === undefined || child.group !== seat.child.group; // I1
      if (seat.isRemoved && seat.phase === "down") this.#seats.delete(seat.name);
      if (!seat.isRemoved && child !== undefined) update(seat, child);
    }
    for (const [name, child] of wanted) if (!this.#seats.has(name)) this.#seat(child);
  }

  #act(): void {
    const nowMs = this.#options.clock.monotonic();
    const names = new Set([
      ...this.#groups.map(({ name }) => name),
      ...[...this.#seats.values()].map(({ child }) => child.group),
    ]);
    let againMs = Number.POSITIVE_INFINITY;
    for (const name of names) {
      const strategy = this.#groups.find((group) => group.name === name)?.strategy ?? "one-for-one";
      const seats = this.#seatsOf(name);
      const plan = planGroup(
        strategy,
        seats.map((seat) => this.#standOf(seat)),
        nowMs,
      );
      for (const child of plan.stop) this.#stopOne(this.#seats.get(child));
      for (const child of plan.start) this.#seats.get(child)?.start();
      againMs = Math.min(againMs, plan.againMs);
    }
    this.#timer.set(againMs);
  }

  #standOf(seat: ChildSeat) {
    const { name, phase, stale, notBeforeMs } = seat;
    return { name, phase, stale, notBeforeMs, wanted: seat.wanted && this.#mode === "keeping" };
  }

  #stopOne(seat: ChildSeat | undefined): void {
    if (seat === undefined) return;
    const isReplaced = seat.wanted && seat.stale && this.#mode === "keeping";
    const reason = isReplaced ? seat.staleBecause : "asked";
    const text =
      reason === "group" ? "another child of its group failed" : isReplaced ? "it is replaced" : "it is not to run";
    seat.stop(reason, text);
  }

  #route(): void {
    const { onRoutes } = this.#options;
    const routes = [...this.#seats.values()].flatMap((seat) =>
      seat.route === "" ? [] : [[seat.name, seat.route] as const],
    );
    const text = JSON.stringify(routes);
    if (text === this.#routes) return;
    this.#routes = text;
    onRoutes?.(new Map(routes));
  }

  #save(): void {
    const processes = [...this.#seats.values()].flatMap(({ record }) => record ?? []);
    this.#isSaved = true;
    if (this.#mode !== "opening") this.#options.store.save({ version: 1, spec: this.spec, processes });
  }

  #tell(seat: ChildSeat, kind: SuperviseEventKind, text: string, reason?: ExitReason): void {
    const { clock, onEvent } = this.#options;
    const { name: child, record } = seat;
    const basis = {
      atMs: clock.now(),
      kind,
      group: seat.child.group,
      child,
      pid: record?.pid ?? seat.exits.at(-1)?.pid ?? 0,
      text,
    };
    onEvent?.(reason === undefined ? basis : { ...basis, reason });
  }
}

/** A child that is on record, and that nobody wants any more. */
function orphan({ child: name, program }: ProcessRecord): CompleteChild {
  return { name, group: "", program, restart: "never", rules: KEEP_DEFAULTS };
}

function byName(groups: readonly CompleteGroup[]): ReadonlyMap<string, string> {
  return new Map(
    groups.flatMap(({ strategy, children }) => children.map((child) => [child.name, stableText([strategy, child])])),
  );
}

function update(seat: ChildSeat, child: CompleteChild): void {
  if (stableText(seat.child.program) !== stableText(child.program)) {
    seat.forgive();
    seat.stale = seat.phase !== "down";
    seat.staleBecause = "asked";
  }
  seat.child = child;
}

function stateOf(seat: ChildSeat, nowMs: number): ChildStatus["state"] {
  if (seat.phase !== "down") return seat.stage === "" ? seat.phase : seat.stage;
  if (seat.givenUp !== "") return "given-up";
  if (seat.hasFinished) return "finished";
  return seat.notBeforeMs > nowMs ? "waiting" : "down";
}

import type { Clock, OrreryError, Random } from "@orrery/core";
import { type Envelope, type Head, namePattern, type Port, type Refusal } from "@orrery/core/internal";
import { Breaker, type BreakerState, type CallResult, type TripCause } from "./breaker.ts";
import { CIRCUIT_FORGET_MS, CIRCUIT_SWEEP_MS, CIRCUITS_MAX } from "./limits.ts";
import { assertCount, type BreakerRule, type CompleteBreakerRule, completeBreaker } from "./rules.ts";

/** One breaker, for those who look from outside. Times are on the node's monotonic clock. */
export interface CircuitView {
  /** Address of the place; empty for the node itself. */
  readonly place: string;
  /** Component, or component and method where each has its own, and `@` an instance where calls name one. */
  readonly group: string;
  readonly state: BreakerState;
  /** What opened it last, in words; empty when nothing did. */
  readonly cause: string;
  /** Failures since a call last did not fail. */
  readonly failuresInRow: number;
  /** Of the calls of its window: how many, failed, slow. */
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** How often it has opened. */
  readonly opened: number;
  /** In how many ms it is tried again; 0 when it is not open. */
  readonly probeInMs: number;
  /** Whether it would be open if not too many others were. */
  readonly held: boolean;
}

/** Told of a breaker that opened or closed. */
export type CircuitListener = (circuit: CircuitView) => void;

/** Breakers that are meant. */
export interface CircuitChoice {
  /** Group, in which `*` stands for any characters. */
  readonly group: string;
  /** Address of the place. Default: all. */
  readonly place?: string;
}

/** Where breakers are moved by hand. */
export interface CircuitMove {
  /** `reset` closes and forgets what was counted. */
  readonly to: "open" | "closed" | "reset";
  /** How long they stay open before they are tried, in ms. Default: as long as their rule says. */
  readonly forMs?: number;
}

/** Options of breakers. */
export interface BreakersOptions {
  readonly clock: Pick<Clock, "monotonic">;
  readonly random: Pick<Random, "next">;
  readonly rules: readonly BreakerRule[];
  /** Told of each that opens or closes. */
  readonly onChange: CircuitListener;
}

/** A breaker and the way that it is of. It is the reason of its own refusals. */
class Circuit extends Breaker implements Refusal {
  readonly check = "breaker" as const;
  readonly beyond = "bounce" as const;
  readonly port: Port;
  readonly #group: Group;
  readonly #clock: Pick<Clock, "monotonic">;

  constructor(port: Port, group: Group, clock: Pick<Clock, "monotonic">) {
    super(group.rule);
    this.port = port;
    this.#group = group;
    this.#clock = clock;
  }

  why(): string {
    const nowMs = this.#clock.monotonic();
    if (this.state === "half-open") return `${this.failed} and is being tried now`;
    return `${this.failed} and is tried again in ${Math.max(0, Math.ceil(this.untilMs - nowMs))} ms`;
  }

  /** What it did, in words. */
  get failed(): string {
    return this.opened === 0 ? "" : CAUSES[this.cause](this);
  }

  view(nowMs: number): CircuitView {
    const { state, inRow, opened, port } = this;
    return {
      place: placeOf(port),
      group: this.#group.name,
      state,
      cause: this.failed,
      failuresInRow: inRow,
      ...this.counts(nowMs),
      opened,
      probeInMs: state === "open" ? Math.max(0, this.untilMs - nowMs) : 0,
      held: state === "closed" && this.trip(nowMs) !== undefined,
    };
  }
}

const CAUSES: Readonly<Record<TripCause, (circuit: Breaker) => string>> = {
  "in-row": ({ inRow }) => (inRow === 1 ? "failed" : `failed ${inRow} times in a row`),
  failed: () => "failed too many of its calls",
  slow: () => "was too slow for too many of its calls",
  "by-hand": () => "was opened by hand",
};

/** Address that a place goes by, whichever carrier leads there; empty for the node itself. */
function placeOf({ place, link }: Port): string {
  return (place ?? link?.remote ?? "").replace(/\?.*$/, "");
}

/** The places of methods that share breakers. I1: `open` is the number of those that are not closed. */
interface Group {
  readonly name: string;
  /** Of one of its messages. */
  readonly head: Head;
  rule: CompleteBreakerRule;
  readonly circuits: Map<Port, Circuit>;
  open: number;
}

/**
 * The breakers of one node. Owns: one for each group of methods and each way that was used.
 * I1: of a group no more open by themselves than its rule's share, but one. I2: only outcomes of kind timeout, unreachable and defect are failures; a
 * declared error is an answer, and what was bounced or given up says nothing. I3: while nothing of a group is open, asking costs no look at
 * clock or breaker.
 */
export class Breakers {
  readonly #options: BreakersOptions;
  #rules: readonly CompleteBreakerRule[];
  readonly #groups = new Map<string, Group>();
  #byHead = new WeakMap<Head, Group | typeof OFF>();
  #lastHead: Head | undefined;
  #lastGroup: Group | undefined;
  #size = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  /** @throws OrreryError `invalid_argument` for a rule that cannot be. */
  constructor(options: BreakersOptions) {
    this.#options = options;
    this.#rules = completeRules(options.rules);
  }

  /** Puts other rules in the place of all; what is open stays so until it is tried. @throws OrreryError `invalid_argument`. */
  change(rules: readonly BreakerRule[]): void {
    this.#rules = completeRules(rules);
    this.#byHead = new WeakMap();
    this.#lastHead = undefined;
    for (const group of this.#groups.values()) {
      const rule = this.#ruleFor(group.head);
      if (rule === undefined || groupName(rule, group.head) !== group.name) this.#drop(group);
      else {
        group.rule = rule;
        for (const circuit of group.circuits.values()) circuit.settings = rule;
      }
    }
  }

  refusal(port: Port, head: Head): Refusal | undefined {
    const group = this.#groupOf(head);
    if (group === undefined || group.open === 0) return undefined; // I3
    const circuit = group.circuits.get(port);
    if (circuit === undefined || circuit.allows(this.#options.clock.monotonic())) return undefined;
    return circuit;
  }

  took(port: Port, envelope: Envelope): void {
    const group = envelope.head && this.#groupOf(envelope.head);
    if (group === undefined || group.open === 0) return;
    group.circuits.get(port)?.took(envelope, this.#options.clock.monotonic());
  }

  ended(port: Port, envelope: Envelope, error: OrreryError | undefined): void {
    const group = envelope.head && this.#groupOf(envelope.head);
    if (group === undefined) return;
    const circuit = group.circuits.get(port) ?? this.#add(port, group);
    if (circuit === undefined) return;
    const { deadlineMs, budgetMs } = envelope;
    const isTimed = deadlineMs > budgetMs && budgetMs > 0;
    if (error === undefined && isTimed && group.rule.slowMs === 0 && circuit.state === "closed") {
      circuit.well(envelope, deadlineMs - budgetMs);
      return;
    }
    const nowMs = this.#options.clock.monotonic();
    const beganMs = isTimed ? deadlineMs - budgetMs : nowMs;
    this.#judge(circuit, group, envelope, { beganMs, nowMs, error });
  }

  /** Moves breakers by hand, whatever share of a group is open then; gives those that are meant, as they are now. */
  move({ group, place }: CircuitChoice, { to, forMs }: CircuitMove): readonly CircuitView[] {
    const nowMs = this.#options.clock.monotonic();
    const groups = [...this.#groups.values()].filter(({ name }) => fits(group, name));
    const moved = groups.flatMap((one) => {
      const circuits = [...one.circuits.values()];
      const meant = circuits.filter(({ port }) => place === undefined || placeOf(port) === place);
      for (const circuit of meant) {
        if (to === "open") circuit.hold(nowMs, forMs);
        else circuit.release(nowMs, to === "reset");
        this.#options.onChange(circuit.view(nowMs));
      }
      one.open = circuits.filter(({ state }) => state !== "closed").length;
      return meant.map((circuit) => circuit.view(nowMs));
    });
    return moved.sort(byGroup);
  }

  /** All, by group and place. */
  views(): readonly CircuitView[] {
    const nowMs = this.#options.clock.monotonic();
    const views = [...this.#groups.values()].flatMap(({ circuits }) =>
      [...circuits.values()].map((one) => one.view(nowMs)),
    );
    return views.sort(byGroup);
  }

  #judge(
    circuit: Circuit,
    group: Group,
    envelope: Envelope,
    {
      beganMs,
      nowMs,
      error,
    }: { readonly beganMs: number; readonly nowMs: number; readonly error: OrreryError | undefined },
  ): void {
    const before = circuit.state;
    const { slowMs } = group.rule;
    const result = resultOf(error, slowMs > 0 && nowMs - beganMs >= slowMs);
    const cause = circuit.ended(envelope, result, { beganMs, nowMs });
    if (circuit.state === "closed" && before !== "closed") {
      group.open--;
      this.#options.onChange(circuit.view(nowMs));
    }
    if (cause === undefined) return;
    if (before === "closed") {
      if (!mayOpen(group)) return; // I1
      group.open++;
    }
    circuit.open(cause, nowMs, this.#options.random.next());
    this.#options.onChange(circuit.view(nowMs));
  }

  #groupOf(head: Head): Group | undefined {
    if (head === this.#lastHead) return this.#lastGroup;
    let found = this.#byHead.get(head);
    if (found === undefined) {
      found = this.#findGroup(head) ?? OFF;
      this.#byHead.set(head, found);
    }
    this.#lastHead = head;
    this.#lastGroup = found === OFF ? undefined : found;
    return this.#lastGroup;
  }

  #findGroup(head: Head): Group | undefined {
    const rule = this.#ruleFor(head);
    if (rule === undefined) return undefined;
    const name = groupName(rule, head);
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { name, head, rule, circuits: new Map(), open: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }

  #ruleFor({ component, method }: Head): CompleteBreakerRule | undefined {
    const rule = this.#rules.find((one) => fits(one.component, component) && fits(one.method, method));
    return rule?.off === true ? undefined : rule;
  }

  #add(port: Port, group: Group): Circuit | undefined {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#sweptMs >= CIRCUIT_SWEEP_MS) this.#sweep(nowMs, group);
    if (this.#size >= CIRCUITS_MAX) return undefined;
    const circuit = new Circuit(port, group, this.#options.clock);
    circuit.lastMs = nowMs;
    group.circuits.set(port, circuit);
    this.#size++;
    return circuit;
  }

  #sweep(nowMs: number, inUse: Group): void {
    this.#sweptMs = nowMs;
    for (const group of this.#groups.values()) {
      for (const [port, circuit] of group.circuits) {
        const isIdle = Math.max(circuit.lastMs, circuit.sinceMs) <= nowMs - CIRCUIT_FORGET_MS;
        if (!isIdle && port.isGivenUp !== true) continue;
        group.circuits.delete(port);
        if (circuit.state !== "closed") group.open--;
        this.#size--;
      }
      if (group.circuits.size === 0 && group !== inUse) this.#drop(group);
    }
    this.#byHead = new WeakMap();
    this.#lastHead = undefined;
  }

  #drop(group: Group): void {
    this.#groups.delete(group.name);
    this.#size -= group.circuits.size;
  }
}

/** Stands for no breaker. */
const OFF = Symbol("off");

function groupName({ byMethod, method: pattern }: CompleteBreakerRule, { component, method, instance }: Head): string {
  const methods = byMethod ? `.${method}` : pattern === "*" ? "" : `.${pattern}`;
  return `${component}${methods}${instance === "" ? "" : `@${instance}`}`;
}

function mayOpen({ rule: { openShare }, circuits, open }: Group): boolean {
  if (openShare === 0) return false;
  return open + 1 <= Math.max(1, Math.floor(openShare * circuits.size));
}

function resultOf(error: OrreryError | undefined, isSlow: boolean): CallResult {
  switch (error?.kind) {
    case "timeout":
    case "unreachable":
    case "defect":
      return "failed";
    case "bounced":
    case "cancelled":
      return "neither";
    default:
      return isSlow ? "slow" : "well";
  }
}

function completeRules(rules: readonly BreakerRule[]): readonly CompleteBreakerRule[] {
  assertCount("breakers", rules.length);
  return [...rules, {}].map(completeBreaker);
}

function fits(pattern: string, name: string): boolean {
  return pattern === "*" || namePattern(pattern)(name);
}

function byGroup(a: CircuitView, b: CircuitView): number {
  return compare(a.group, b.group) || compare(a.place, b.place);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

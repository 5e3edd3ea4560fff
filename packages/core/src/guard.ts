import type { Clock } from "./clock.ts";
import type { Envelope, Head, Horizon } from "./envelope.ts";
import { type Distances, type HorizonCheck, type HorizonRules, horizonCheck } from "./horizon.ts";
import type { Log } from "./log.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Random } from "./random.ts";
import type { Reason } from "./reasons.ts";

/** What may keep a message from a way, in the order in which it is asked. */
export type RefusalCheck = HorizonCheck | "throttle" | "breaker";

/** Why a message may not take a way. Made once for each cause, so that refusing allocates nothing. */
export interface Refusal {
  readonly check: RefusalCheck;
  /** What becomes of a message that no way is open to, where this is why. */
  readonly beyond: Horizon["beyond"];
  /** The end of a sentence about the way: `failed 5 times in a row, it is tried again in 800 ms`. */
  why(): string;
}

/** Keeps messages from ways: breakers and throttles. All but `refusal` is told, not asked. */
export interface Guard {
  /** Why a message may not take a way now. Asked for every way that is looked at: it allocates nothing and changes nothing. */
  refusal(port: Port, head: Head, envelope: Envelope | undefined): Refusal | undefined;
  /** A message is about to be sent on its way. What this gives is given back when it ends. */
  took(port: Port, envelope: Envelope): unknown;
  /** The exchange that the message began has ended; without an error when it was answered. Told once for each that took a way. */
  ended(port: Port, envelope: Envelope, error: OrreryError | undefined, held: unknown): void;
  /** A message was refused every way, for this reason at last. */
  refused(refusal: Refusal, head: Head): void;
}

/** What one node wants of the rates that it shares. */
export interface ShareNews {
  readonly node: string;
  /** Messages a second that it would send of each rule's flow, by the rule's name. */
  readonly wanted: Readonly<Record<string, number>>;
}

/** The rates that a node shares with others: a directory whose nodes speak with one another brings the words about. */
export interface RateShares {
  /** Whether there are any now. */
  readonly isSharing: boolean;
  /** Measures what is wanted of shared rates; gives what the other nodes are to be told. To be called a few times a second. */
  tell(): ShareNews;
  /** Takes what another node told. */
  hear(news: ShareNews): void;
  /** Another node has left in good order: what it had of shared rates is free. */
  forget(node: string): void;
}

/** What limits the messages of a node. */
export interface NodeLimits {
  /** Horizons beside those of messages and methods. Default: none. */
  readonly horizons?: HorizonRules;
  /** How far others are away. Default: nobody knows. */
  readonly distances?: Distances;
  /** Breakers and throttles. Default: none. */
  readonly guard?: Guard;
  /** Rates that it shares with other nodes. Default: none. */
  readonly shares?: RateShares;
}

/** What a node lends to its limits. */
export interface LimitsHost {
  readonly node: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Where a node's limits come from; they may change while it runs. */
export interface LimitsSource {
  /** Gives the limits of one node, once. @throws OrreryError `failed_precondition` when it has given them to another. */
  seat(host: LimitsHost): NodeLimits;
}

/** Limits of a node that has none. */
export const NO_LIMITS: NodeLimits = Object.freeze({});

/** Why a message may not go through a port: its horizon first, then throttles and breakers. Undefined when it may. */
export function refusalOf(
  { distances, guard }: NodeLimits,
  port: Port,
  head: Head,
  envelope: Envelope | undefined,
): Refusal | undefined {
  const check = horizonCheck(head.horizon, port, distances, envelope);
  if (check !== undefined) return (head.horizon?.beyond === "drop" ? LET_GO : SENT_BACK)[check];
  return guard?.refusal(port, head, envelope);
}

/** Whether a refusal ends the search: what is too much comes back or is let go, unless it is to go nearer. */
export function isFinal({ check, beyond }: Refusal): boolean {
  return check === "throttle" && beyond !== "local";
}

/** Whether nothing could refuse a message a way, so that nobody need be asked. */
export function isUnlimited({ distances, guard }: NodeLimits, head: Head): boolean {
  return guard === undefined && distances === undefined && head.horizon === undefined;
}

const WHYS: Readonly<Record<HorizonCheck, string>> = {
  scope: "lies beyond the scope of its horizon",
  hops: "lies behind more gateways than its horizon allows",
  distance: "is farther than its horizon allows",
  budget: "is farther than the time that it has left",
};

function refusalsOf(beyond: Horizon["beyond"]): Readonly<Record<HorizonCheck, Refusal>> {
  const refusal = (check: HorizonCheck): Refusal => ({ check, beyond, why: () => WHYS[check] });
  return {
    scope: refusal("scope"),
    hops: refusal("hops"),
    distance: refusal("distance"),
    budget: refusal("budget"),
  };
}

const SENT_BACK = refusalsOf("bounce");
const LET_GO = refusalsOf("drop");

const STAGES: Readonly<Record<RefusalCheck, number>> = {
  scope: 0,
  hops: 1,
  distance: 2,
  budget: 3,
  throttle: 4,
  breaker: 5,
};

/** Ways that an error names. */
const NAMED_MAX = 5;

/** Options of an error about ways. */
export interface NoWayOptions {
  readonly node: string;
  readonly limits: NodeLimits;
  readonly head: Head;
  readonly envelope: Envelope | undefined;
}

/**
 * The error of a message that every way is refused. Of several causes the one counts that came last in the order of checks: what that
 * way refused had passed all before. A throttle whose overflow is not to go elsewhere comes before all.
 */
export function noWay(ports: readonly Port[], { node, limits, head, envelope }: NoWayOptions): OrreryError {
  const refusals = ports.map((port) => ({ port, refusal: refusalOf(limits, port, head, envelope) }));
  let last: Refusal = SENT_BACK.scope;
  for (const { refusal } of refusals) {
    if (refusal === undefined) continue;
    if (isFinal(refusal) || STAGES[refusal.check] >= STAGES[last.check]) last = refusal;
    if (isFinal(refusal)) break;
  }
  limits.guard?.refused(last, head);
  const closed = refusals.flatMap(({ port, refusal }) =>
    refusal === undefined ? [] : [`${nameOf(port)} ${refusal.why()}`],
  );
  const more = closed.length > NAMED_MAX ? `; and ${closed.length - NAMED_MAX} more` : "";
  const why =
    last.check === "scope"
      ? `its horizon is the ${head.horizon?.scope ?? "any"}, and every place lies beyond`
      : `${closed.slice(0, NAMED_MAX).join("; ")}${more}`;
  const text = `Cannot call "${head.component}.${head.method}": ${why}`;
  const details = { check: last.check, ...(last.beyond === "local" && { beyond: last.beyond }) };
  return failure(reasonOf(last), text, { where: node, details });
}

function reasonOf({ check, beyond }: Refusal): Reason {
  if (beyond === "drop") return "dropped";
  if (check === "breaker") return "circuit_open";
  return check === "throttle" ? "throttled" : "horizon_exceeded";
}

function nameOf({ link }: Port): string {
  return link === undefined ? "this process" : `"${link.remote}"`;
}

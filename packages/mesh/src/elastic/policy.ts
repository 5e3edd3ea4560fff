import type { HorizonScope } from "@orrery/core";
import { type ElasticRules, SCOPES } from "./rules.ts";

/** One place, or kind of place, where instances may run. */
export interface Rung {
  readonly name: string;
  /** How far away it is. */
  readonly scope: HorizonScope;
  /** Instances that run there on this account, those that are starting included. */
  readonly instances: number;
  /** Of them, those that are not ready yet. */
  readonly starting: number;
  /** How many more it would take. */
  readonly room: number;
}

/** How one component stands now. */
export interface Demand {
  readonly nowMs: number;
  /** How long the first of those that wait has waited; 0 for none. */
  readonly waitedMs: number;
  /** Messages that wait. */
  readonly waiting: number;
  /** Instances within the scope that have nothing to do. */
  readonly idle: number;
  /** Where it runs and could run, nearest first. */
  readonly rungs: readonly Rung[];
}

/** What the next decision has to know of those before: plain data. */
export interface ElasticMemory {
  /** Looks in a row that found it overdue. */
  readonly overdue: number;
  /** Looks in a row at which the queue had grown, and when and how long it was first and last. */
  readonly growing: number;
  readonly firstMs: number;
  readonly firstWaiting: number;
  readonly lastWaiting: number;
  /** Since when somebody has been idle all the time, and how many at least; undefined while nobody is. */
  readonly idleSinceMs: number | undefined;
  readonly idleLeast: number;
  /** What was done last, and when the direction changed last. */
  readonly direction: "grow" | "shrink" | undefined;
  readonly turnedMs: number | undefined;
}

/** Why something is done, or nothing. */
export type ElasticReason =
  | "wait"
  | "slope"
  | "spares"
  | "minimum"
  | "maximum"
  | "idle"
  | "fixed"
  | "calm"
  | "starting"
  | "cooling"
  | "full";

/** How many instances a rung is to have more, or less where it is below 0. */
export interface RungChange {
  readonly rung: string;
  readonly by: number;
}

/** What is to be done now. */
export interface ElasticDecision {
  readonly changes: readonly RungChange[];
  readonly reason: ElasticReason;
  readonly memory: ElasticMemory;
}

/** Decides how many instances run where. Pure: the same stand and memory give the same decision. */
export interface ElasticPolicy {
  readonly name: string;
  decide(rules: ElasticRules, memory: ElasticMemory, demand: Demand): ElasticDecision;
}

/** What is known before the first look. */
export const NO_MEMORY: ElasticMemory = Object.freeze({
  overdue: 0,
  growing: 0,
  firstMs: 0,
  firstWaiting: 0,
  lastWaiting: 0,
  idleSinceMs: undefined,
  idleLeast: 0,
  direction: undefined,
  turnedMs: undefined,
});

/**
 * The policy of Orrery: more where the first in a queue waits too long and nobody is free, on the nearest rung that has room; less where some
 * have been idle for long, on the farthest first.
 */
export const ladderPolicy: ElasticPolicy = Object.freeze({ name: "ladder", decide });

function decide(rules: ElasticRules, before: ElasticMemory, demand: Demand): ElasticDecision {
  const memory = look(rules, before, demand);
  const stay = (reason: ElasticReason): ElasticDecision => ({ changes: NONE, reason, memory });
  if (rules.min === rules.max) return stay("fixed");
  const total = demand.rungs.reduce((sum, { instances }) => sum + instances, 0);
  if (total > rules.max) return change(memory, demand, "maximum", -take(demand, total - rules.max));
  if (total < rules.min) return grow(rules, memory, demand, "minimum", rules.min - total);
  const need = needOf(rules, memory, demand, total);
  if (need !== undefined) {
    if (demand.rungs.some(({ starting }) => starting > 0)) return stay("starting");
    if (total >= rules.max) return stay("full");
    if (!mayTurn(rules, memory, demand, "grow")) return stay("cooling");
    const wanted = need === "spares" ? rules.spares - demand.idle : Math.ceil(total * GROW_SHARE);
    return grow(rules, memory, demand, need, Math.min(Math.max(1, wanted), rules.step, rules.max - total));
  }
  const spent = spentOf(rules, memory, demand, total);
  if (spent === 0) return stay("calm");
  if (!mayTurn(rules, memory, demand, "shrink")) return stay("cooling");
  return change(memory, demand, "idle", -spent);
}

/** Part of what runs that one growth adds: a ramp doubles in a few steps, and a little too much is little. */
const GROW_SHARE = 0.5;

const NONE: readonly RungChange[] = Object.freeze([]);

/** What the memory is after this look, before anything is done. */
function look(rules: ElasticRules, before: ElasticMemory, demand: Demand): ElasticMemory {
  const { nowMs, waitedMs, waiting, idle } = demand;
  const isOverdue = waitedMs > rules.waitMs && idle === 0;
  const isGrowing = waiting > before.lastWaiting && idle === 0;
  const isIdle = idle > 0 && waiting === 0;
  const isFirst = before.growing === 0;
  return {
    ...before,
    overdue: isOverdue ? before.overdue + 1 : 0,
    growing: isGrowing ? before.growing + 1 : 0,
    firstMs: isGrowing && isFirst ? nowMs : before.firstMs,
    firstWaiting: isGrowing && isFirst ? waiting : before.firstWaiting,
    lastWaiting: waiting,
    idleSinceMs: isIdle ? (before.idleSinceMs ?? nowMs) : undefined,
    idleLeast: isIdle ? (before.idleSinceMs === undefined ? idle : Math.min(idle, before.idleLeast)) : 0,
  };
}

/** Why there are too few; undefined when there are enough. */
function needOf(
  rules: ElasticRules,
  memory: ElasticMemory,
  demand: Demand,
  total: number,
): "wait" | "slope" | "spares" | undefined {
  if (memory.overdue >= rules.checks) return "wait";
  if (isRising(rules, memory, demand)) return "slope";
  // One that is starting will be idle in a moment.
  return demand.idle < rules.spares && total < rules.max ? "spares" : undefined;
}

/** Whether the first in the queue would wait too long soon: at one pace, the wait grows as the queue does. */
function isRising({ aheadMs, slopeChecks, waitMs }: ElasticRules, memory: ElasticMemory, demand: Demand): boolean {
  const { growing, firstMs, firstWaiting } = memory;
  const { nowMs, waitedMs, waiting } = demand;
  if (aheadMs === 0 || growing < slopeChecks || nowMs <= firstMs) return false;
  const perMs = (waiting - firstWaiting) / (nowMs - firstMs);
  return (waitedMs * (waiting + perMs * aheadMs)) / waiting > waitMs;
}

/** How many may go now. */
function spentOf(
  { idleMs, spares, min, step }: ElasticRules,
  memory: ElasticMemory,
  demand: Demand,
  total: number,
): number {
  const { idleSinceMs, idleLeast } = memory;
  if (idleSinceMs === undefined || demand.nowMs - idleSinceMs < idleMs) return 0;
  return take(demand, Math.max(0, Math.min(idleLeast - spares, total - min, step)));
}

/** Whether the direction may be another than the last one. */
function mayTurn(
  { coolDownMs }: ElasticRules,
  memory: ElasticMemory,
  { nowMs }: Demand,
  to: "grow" | "shrink",
): boolean {
  const { direction, turnedMs } = memory;
  return direction === undefined || direction === to || turnedMs === undefined || nowMs - turnedMs >= coolDownMs;
}

/** Adds on the nearest rungs within the scope that have room. */
function grow(
  { scope, step }: ElasticRules,
  memory: ElasticMemory,
  demand: Demand,
  reason: ElasticReason,
  count: number,
): ElasticDecision {
  const farthest = SCOPES.indexOf(scope);
  let left = Math.min(count, step);
  const changes: RungChange[] = [];
  for (const rung of demand.rungs) {
    const by = SCOPES.indexOf(rung.scope) > farthest ? 0 : Math.min(left, rung.room);
    if (by > 0) changes.push({ rung: rung.name, by });
    left -= Math.max(0, by);
  }
  if (changes.length === 0) return { changes: NONE, reason: "full", memory };
  return { changes, reason, memory: turned(memory, demand, "grow") };
}

/** How many of so many there are to take away. */
function take({ rungs }: Demand, count: number): number {
  return Math.min(
    count,
    rungs.reduce((sum, { instances }) => sum + instances, 0),
  );
}

/** Takes away on the farthest rungs. */
function change(memory: ElasticMemory, demand: Demand, reason: ElasticReason, by: number): ElasticDecision {
  let left = -by;
  const changes: RungChange[] = [];
  for (const { name, instances } of [...demand.rungs].reverse()) {
    const gone = Math.min(left, instances);
    if (gone > 0) changes.push({ rung: name, by: -gone });
    left -= gone;
  }
  return { changes, reason, memory: turned(memory, demand, "shrink") };
}

/** The memory after something was done: what was seen before counts no more. */
function turned(memory: ElasticMemory, { nowMs }: Demand, direction: "grow" | "shrink"): ElasticMemory {
  const isTurn = memory.direction !== undefined && memory.direction !== direction;
  return {
    ...memory,
    overdue: 0,
    growing: 0,
    idleSinceMs: undefined,
    idleLeast: 0,
    direction,
    turnedMs: isTurn ? nowMs : memory.turnedMs,
  };
}

/** Says in words what a policy decided and why, for logs and people. */
export function explainDecision(
  component: string,
  rules: ElasticRules,
  demand: Demand,
  decision: ElasticDecision,
): string {
  const total = demand.rungs.reduce((sum, { instances }) => sum + instances, 0);
  const { waitedMs, waiting, idle } = demand;
  const text: Readonly<Record<ElasticReason, string>> = {
    wait: `the first of ${waiting} has waited ${Math.round(waitedMs)} ms, more than ${rules.waitMs}, and nobody is free`,
    slope: `the queue has grown to ${waiting} and will wait more than ${rules.waitMs} ms within ${rules.aheadMs}`,
    spares: `${idle} are idle, ${rules.spares} are to be kept warm`,
    minimum: `there are to be at least ${rules.min}`,
    maximum: `there are to be at most ${rules.max}`,
    idle: `some have been idle for ${rules.idleMs} ms`,
    fixed: `min and max are both ${rules.min}`,
    calm: "there are enough, and none too many for long",
    starting: "more are needed, and those that are starting come first",
    cooling: `the direction changed less than ${rules.coolDownMs} ms ago`,
    full: "more are needed, and there is no room within limits and scope",
  };
  const done = decision.changes.map(({ rung, by }) => `${by > 0 ? "+" : ""}${by} ${rung}`).join(", ");
  return `${component}: ${total} of ${rules.min} to ${rules.max}, ${done === "" ? "stays" : done}: ${text[decision.reason]}`;
}

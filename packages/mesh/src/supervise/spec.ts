import { type JsonValue, OrreryError } from "@orrery/core";
import {
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  CHILDREN_MAX,
  DRAIN_MS,
  GROUPS_MAX,
  HEALTHY_MS,
  LEAK_AHEAD_MS,
  LEAK_WINDOW_MS,
  MEMORY_BYTES_MAX,
  MISSES_MAX,
  NAME_LENGTH_MAX,
  PING_EVERY_MS,
  PROGRAM_BYTES_MAX,
  RESTART_WINDOW_MS,
  RESTARTS_MAX,
  SETTLE_MS,
  SPIN_SHARE,
  START_MS,
  TERM_MS,
} from "./limits.ts";

/**
 * Who goes down with a child that failed: nobody, every child of its group, or those that stand after it. Children of the last two start
 * one after another and stop the other way round.
 */
export type Strategy = "one-for-one" | "all-for-one" | "rest-for-one";

/** When a child that ended unasked is started again: always, when it failed (a code other than 0, or a signal), or never. */
export type RestartRule = "always" | "on-failure" | "never";

/** Numbers that a child is kept by; what is left out is taken from its group, then from the defaults. */
export interface KeepRules {
  /** Failures within `windowMs` after which nothing is tried any more, the last one included. Default: 5. */
  readonly restartsMax: number;
  /** Default: 10,000. */
  readonly windowMs: number;
  /** Pause before the first restart, in ms. It doubles with each; up to half of it is taken off by chance. Default: 100. */
  readonly backoffMinMs: number;
  /** Default: 10,000. */
  readonly backoffMaxMs: number;
  /** Time of readiness after which the pause is the first again, in ms. Default: 30,000. */
  readonly healthyMs: number;
  /** Time from start until ready, in ms. Default: 30,000. */
  readonly startMs: number;
  /** Time between two questions whether it lives, in ms. Default: 1,000. */
  readonly pingEveryMs: number;
  /** Questions in a row without an answer. Default: 5. */
  readonly missesMax: number;
  /** Share of a processor, from 0 to 1, from which a child that does not answer spins. Default: 0.5. */
  readonly spinShare: number;
  /** Resident memory in bytes. Default: 1 GiB. */
  readonly memoryBytesMax: number;
  /** Memory that grows steadily for this long is a leak, in ms, … Default: 300,000. */
  readonly leakWindowMs: number;
  /** … when it would reach its limit within this time, in ms. 0 never. Default: 600,000. */
  readonly leakAheadMs: number;
  /** Time between the end of routing and the drain, in ms. Default: 100. */
  readonly settleMs: number;
  /** Time to finish what was accepted, in ms. Default: 10,000. */
  readonly drainMs: number;
  /** Time from SIGTERM to SIGKILL, in ms. Default: 2,000. */
  readonly termMs: number;
}

/** A process to keep up. */
export interface ChildSpec {
  /** Letters, digits, `.`, `_` and `-`; unique in the specification. */
  readonly name: string;
  /** What it runs, as the process control understands it. When it changes, the process is replaced. */
  readonly program: JsonValue;
  /** Default: on-failure. */
  readonly restart?: RestartRule;
  readonly rules?: Partial<KeepRules>;
}

/** Children that belong together. */
export interface GroupSpec {
  readonly name: string;
  /** Default: one-for-one. */
  readonly strategy?: Strategy;
  /** In the order of their starts. */
  readonly children: readonly ChildSpec[];
  readonly rules?: Partial<KeepRules>;
}

/** All that a supervisor is to keep up: plain data. */
export interface SuperviseSpec {
  readonly groups: readonly GroupSpec[];
}

/** A child with everything said. */
export interface CompleteChild {
  readonly name: string;
  readonly group: string;
  readonly program: JsonValue;
  readonly restart: RestartRule;
  readonly rules: KeepRules;
}

/** A group with everything said. */
export interface CompleteGroup {
  readonly name: string;
  readonly strategy: Strategy;
  readonly children: readonly CompleteChild[];
}

/** What a child is kept by where nobody says otherwise. */
export const KEEP_DEFAULTS: KeepRules = {
  restartsMax: RESTARTS_MAX,
  windowMs: RESTART_WINDOW_MS,
  backoffMinMs: BACKOFF_MIN_MS,
  backoffMaxMs: BACKOFF_MAX_MS,
  healthyMs: HEALTHY_MS,
  startMs: START_MS,
  pingEveryMs: PING_EVERY_MS,
  missesMax: MISSES_MAX,
  spinShare: SPIN_SHARE,
  memoryBytesMax: MEMORY_BYTES_MAX,
  leakWindowMs: LEAK_WINDOW_MS,
  leakAheadMs: LEAK_AHEAD_MS,
  settleMs: SETTLE_MS,
  drainMs: DRAIN_MS,
  termMs: TERM_MS,
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const STRATEGIES: readonly string[] = ["one-for-one", "all-for-one", "rest-for-one"];
const RESTARTS: readonly string[] = ["always", "on-failure", "never"];
/** Rules that may be 0. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(["leakAheadMs", "settleMs", "drainMs", "spinShare"]);

/**
 * Checks a specification and fills in what it leaves out.
 * @throws OrreryError `invalid_argument`, or `resource_exhausted` when it is too much.
 */
export function completeSpec(spec: SuperviseSpec): readonly CompleteGroup[] {
  const names = new Set<string>();
  const once = (kind: string, name: string) => {
    if (typeof name !== "string" || !NAME.test(name) || name.length > NAME_LENGTH_MAX)
      throw unfit(`${kind} "${name}"`, `a name has up to ${NAME_LENGTH_MAX} letters, digits, dots, dashes and _`);
    if (names.has(`${kind} ${name}`)) throw unfit(`${kind} "${name}"`, "the name is there twice, choose another");
    names.add(`${kind} ${name}`);
  };
  const children = spec.groups.reduce((sum, group) => sum + group.children.length, 0);
  if (children > CHILDREN_MAX || spec.groups.length > GROUPS_MAX) {
    const text = `Cannot supervise ${children} children in ${spec.groups.length} groups: the limits are ${CHILDREN_MAX} and ${GROUPS_MAX}, write fewer`;
    throw new OrreryError("resource_exhausted", text);
  }
  return spec.groups.map((group) => {
    once("group", group.name);
    const { strategy = "one-for-one" } = group;
    if (!STRATEGIES.includes(strategy))
      throw unfit(`group "${group.name}"`, `there is no strategy "${strategy}", write ${STRATEGIES.join(", ")}`);
    for (const { name } of group.children) once("child", name);
    return { name: group.name, strategy, children: group.children.map((child) => completeChild(group, child)) };
  });
}

function completeChild(group: GroupSpec, child: ChildSpec): CompleteChild {
  const { name, program, restart = "on-failure" } = child;
  const what = `child "${name}"`;
  if (!RESTARTS.includes(restart)) throw unfit(what, `there is no restart "${restart}", write ${RESTARTS.join(", ")}`);
  if ((JSON.stringify(program)?.length ?? Number.NaN) <= PROGRAM_BYTES_MAX)
    return {
      name,
      group: group.name,
      program,
      restart,
      rules: completeRules(what, { ...group.rules, ...child.rules }),
    };
  throw unfit(what, `its program is no JSON of up to ${PROGRAM_BYTES_MAX} bytes`);
}

function completeRules(what: string, said: Partial<KeepRules>): KeepRules {
  for (const [rule, value] of Object.entries(said)) {
    if (!Object.hasOwn(KEEP_DEFAULTS, rule))
      throw unfit(what, `there is no rule "${rule}", write ${Object.keys(KEEP_DEFAULTS).join(", ")}`);
    if (!Number.isFinite(value) || value < 0 || (value === 0 && !MAY_BE_ZERO.has(rule)))
      throw unfit(what, `its rule ${rule} is ${value}, write a number above 0`);
  }
  return { ...KEEP_DEFAULTS, ...said };
}

function unfit(what: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot supervise ${what}: ${why}`);
}

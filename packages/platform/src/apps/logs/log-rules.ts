import { spaceOf } from "@orrery/registry";
import { LOG_ADDRESSES_KNOWN } from "./limits.ts";
import { comparePatterns, type LogPattern, patternReaches } from "./log-pattern.ts";
import { LOG_THRESHOLD_DEFAULT, type LogThreshold } from "./log-threshold.ts";

/** From which level on the lines of some addresses are kept. */
export interface LogRule {
  readonly pattern: LogPattern;
  readonly level: LogThreshold;
}

/** The rules of all spaces. I1: a rule counts for addresses of the space that it lies in, and for no others. I2: of several the most special counts. */
export interface LogRules {
  /** Takes the rule of an address as it is now. */
  put(address: string, rule: LogRule): void;
  /** Takes it that a rule is gone. */
  remove(address: string): void;
  /** What counts for an address. */
  of(address: string): LogThreshold;
  /** Whether anything is at `debug`: where nothing is, nobody needs to look. */
  readonly isTalking: boolean;
}

/** Makes a table without rules. */
export function createLogRules(): LogRules {
  const spaces = new Map<string, Map<string, LogRule>>();
  const known = new Map<string, LogThreshold>(); // Looked up for each message: the rules are gone through once.
  let isTalking = false;
  const changed = () => {
    known.clear();
    isTalking = [...spaces.values()].some((rules) => [...rules.values()].some(({ level }) => level === "debug"));
  };
  return {
    put: (address, rule) => {
      const space = spaceOf(address);
      const rules = spaces.get(space) ?? new Map<string, LogRule>();
      spaces.set(space, rules.set(address, rule));
      changed();
    },
    remove: (address) => {
      const rules = spaces.get(spaceOf(address));
      if (rules?.delete(address) && rules.size === 0) spaces.delete(spaceOf(address));
      changed();
    },
    get isTalking() {
      return isTalking;
    },
    of: (address) => {
      const rules = spaces.get(spaceOf(address)); // I1
      if (rules === undefined) return LOG_THRESHOLD_DEFAULT;
      let level = known.get(address);
      if (level !== undefined) return level;
      level = levelFor(address, [...rules.values()]);
      if (known.size >= LOG_ADDRESSES_KNOWN) known.clear();
      known.set(address, level);
      return level;
    },
  };
}

/** What rules say of an address. I2 */
export function levelFor(address: string, rules: readonly LogRule[]): LogThreshold {
  let best: LogRule | undefined;
  for (const rule of rules)
    if (
      patternReaches(rule.pattern, address) &&
      (best === undefined || comparePatterns(rule.pattern, best.pattern) < 0)
    )
      best = rule;
  return best?.level ?? LOG_THRESHOLD_DEFAULT;
}

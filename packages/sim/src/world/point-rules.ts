import type { PointRule } from "@orrery/core";

/** Makes one rule of those that several nodes were given. */
export function joinRules(rules: readonly PointRule[]): PointRule {
  const remove = () => {
    for (const rule of rules) rule.remove();
  };
  return {
    get hits() {
      return rules.reduce((sum, { hits }) => sum + hits, 0);
    },
    get held() {
      return rules.flatMap(({ held }) => held);
    },
    release(count = Number.POSITIVE_INFINITY) {
      let released = 0;
      for (const rule of rules) {
        if (released >= count) break;
        released += rule.release(Math.min(rule.held.length, count - released));
      }
      return released;
    },
    remove,
    [Symbol.dispose]: remove,
  };
}

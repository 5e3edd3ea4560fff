import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LOG_PATTERN_LENGTH, LOG_PATTERN_STEPS } from "./limits.ts";
import {
  comparePatterns,
  type LogPattern,
  parseLogPattern,
  patternEnters,
  patternReaches,
  printLogPattern,
} from "./log-pattern.ts";
import { createLogRules, type LogRule, levelFor } from "./log-rules.ts";
import { isKept, LOG_THRESHOLDS } from "./log-threshold.ts";

/** Few names, so that patterns and addresses often meet. */
const name = fc.constantFrom("app", "shop", "till", "Sayer", "test.sayer");
const address = fc.array(name, { maxLength: 3 }).map((steps) => ["demo.test", ...steps].join(":"));
const pattern = fc
  .tuple(fc.constantFrom("demo.test", "*"), fc.array(fc.oneof(name, fc.constant("*")), { maxLength: 3 }), fc.boolean())
  .map(([first, steps, isBelow]) => parseLogPattern([first, ...steps, ...(isBelow ? ["**"] : [])].join(":")));
const rules = fc.uniqueArray(fc.record({ pattern, level: fc.constantFrom(...LOG_THRESHOLDS) }), {
  maxLength: 8,
  selector: (rule: LogRule) => printLogPattern(rule.pattern),
});

/** Whether a pattern means an address itself, found by trying how many steps each `**` may stand for. */
function means(steps: readonly string[], own: readonly string[]): boolean {
  const [step, ...rest] = steps;
  const [one, ...others] = own;
  if (step === undefined) return one === undefined;
  if (one === undefined) return false;
  if (step === "**") return means(rest, others) || means(steps, others);
  return (step === "*" || step === one) && means(rest, others);
}

describe("parseLogPattern", () => {
  it("reads what printLogPattern writes", () => {
    fc.assert(fc.property(pattern, (one) => assert.deepEqual(parseLogPattern(printLogPattern(one)), one)));
  });

  it("refuses with a clear error, whatever is written, or reads what it prints", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-c:*.<>/ -]{0,20}$/));
    fc.assert(
      fc.property(text, (said) => {
        try {
          assert.equal(printLogPattern(parseLogPattern(said)), said);
        } catch (error) {
          assert.match(String(error), /Cannot read log pattern "/);
        }
      }),
    );
  });

  for (const [text, why] of [
    ["", '"" is no step of an address'],
    ["demo.test:**:app", '"**" stands at the end only'],
    ["demo.test:app<App>", '"app<App>" is no step'],
    ["demo.test:files:/a", '"/a" is no step'],
    [Array.from({ length: LOG_PATTERN_STEPS + 1 }, () => "a").join(":"), `more than ${LOG_PATTERN_STEPS} steps`],
    ["a".repeat(LOG_PATTERN_LENGTH + 1), `longer than ${LOG_PATTERN_LENGTH} characters`],
  ] as const)
    it(`refuses ${text.slice(0, 30)}`, () => {
      assert.throws(
        () => parseLogPattern(text),
        (error: Error) => error.message.includes(why),
      );
    });

  it("takes as many steps and characters as it may", () => {
    assert.equal(parseLogPattern(Array.from({ length: LOG_PATTERN_STEPS }, () => "a").join(":")).steps.length, 16);
    assert.equal(parseLogPattern("a".repeat(LOG_PATTERN_LENGTH)).steps.length, 1);
  });
});

describe("levelFor", () => {
  it("finds the most special of all rules that mean an address or something that it lies in, in whatever order they are", () => {
    fc.assert(
      fc.property(rules, address, fc.integer(), (all, one, turn) => {
        const own = one.split(":");
        const ancestors = own.map((_, at) => own.slice(0, at + 1));
        const meant = all.filter(({ pattern: { steps } }) => ancestors.some((each) => means(steps, each)));
        const best = meant.filter((rule) => meant.every((other) => comparePatterns(rule.pattern, other.pattern) <= 0));
        assert.equal(best.length, meant.length === 0 ? 0 : 1);
        const at = all.length === 0 ? 0 : Math.abs(turn) % all.length;
        assert.equal(levelFor(one, [...all.slice(at), ...all.slice(0, at)]), best[0]?.level ?? "info");
      }),
    );
  });

  for (const [one, other, of] of [
    ["demo.test:app:till", "demo.test:app:*", "demo.test:app:till"],
    ["demo.test:app:*", "demo.test:app:**", "demo.test:app:till"],
    ["demo.test:app:**", "demo.test:app", "demo.test:app:till"],
    ["demo.test:app", "demo.test:*:till", "demo.test:app:till"],
    ["demo.test:*:till", "demo.test:**", "demo.test:app:till"],
    ["demo.test:**", "demo.test", "demo.test:app"],
  ] as const)
    it(`has ${one} count more than ${other}`, () => {
      const [special, usual] = [parseLogPattern(one), parseLogPattern(other)];
      const all = [
        { pattern: usual, level: "off" },
        { pattern: special, level: "debug" },
      ] as const;
      assert.equal(levelFor(of, all), "debug");
    });
});

describe("patternEnters", () => {
  it("says whether something below an address may be meant", () => {
    fc.assert(
      fc.property(pattern, address, address, (one: LogPattern, app, other) => {
        if (!patternReaches(one, other) || !other.startsWith(`${app}:`)) return;
        assert.ok(patternReaches(one, app) || patternEnters(one, app));
      }),
    );
  });
});

describe("createLogRules", () => {
  it("has rules count in their own space, as they are now", () => {
    const table = createLogRules();
    const [debug, all] = [parseLogPattern("demo.test:**"), parseLogPattern("*:**")];
    table.put("demo.test:log-1", { pattern: debug, level: "debug" });
    table.put("rival.test:log-1", { pattern: all, level: "off" });
    const levels = () => ["demo.test:app", "rival.test:app", "other.test:app"].map((one) => table.of(one));
    assert.deepEqual(levels(), ["debug", "off", "info"]);
    table.put("demo.test:log-1", { pattern: debug, level: "warn" });
    table.remove("rival.test:log-1");
    assert.deepEqual(levels(), ["warn", "info", "info"]);
    table.remove("demo.test:log-1");
    assert.deepEqual(levels(), ["info", "info", "info"]);
  });
});

describe("isKept", () => {
  it("keeps lines from a level on", () => {
    const kept = (from: (typeof LOG_THRESHOLDS)[number]) =>
      (["debug", "info", "warn", "error"] as const).filter((level) => isKept(level, from)).length;
    assert.deepEqual(LOG_THRESHOLDS.map(kept), [4, 3, 2, 1, 0]);
  });
});

import { messageOf } from "@orrery/core/internal";
import {
  createKindDriver,
  type KindDriverOptions,
  listPages,
  type Registry,
  type ResourceView,
  spaceOf,
} from "@orrery/registry";
import { LOG_RULES_MAX } from "./limits.ts";
import { LOG_LEVEL_DRIVER } from "./log-level-kind.ts";
import { type LogPattern, parseLogPattern } from "./log-pattern.ts";
import { createLogRules, type LogRules } from "./log-rules.ts";
import type { LogThreshold } from "./log-threshold.ts";

/** Options of `openLogLevels`. */
export interface LogLevelsOptions extends KindDriverOptions {
  /** One that has `LOG_LEVEL_KIND`. */
  readonly registry: Pick<Registry, "get" | "list" | "watch" | "change">;
  /** Has the levels of a Space's addresses obeyed, as they are from now on, before it returns. */
  readonly apply: (space: string) => void;
}

/** From which level on lines are kept, by address. */
export interface LogLevels extends AsyncDisposable, Pick<LogRules, "of" | "isTalking"> {}

/** Has the log levels of a registry obeyed, from those on that are there now. */
export async function openLogLevels({ registry, apply, ...options }: LogLevelsOptions): Promise<LogLevels> {
  const { agent } = options;
  const rules = createLogRules();
  const there = createThere();
  for await (const { resources } of listPages(registry, "*:*<LogLevel>", { agent })) resources.forEach(there.put);
  const driver = createKindDriver(
    {
      kind: "LogLevel",
      driver: LOG_LEVEL_DRIVER,
      left: () => [],
      drop: async (address) => {
        there.remove(address);
        rules.remove(address);
        apply(spaceOf(address));
      },
      compare: async (resource) => {
        const { address } = resource;
        const space = spaceOf(address);
        there.put(resource);
        const all = there.first(space);
        const read = patternOf(resource, all);
        const level = resource.properties["level"] as LogThreshold;
        if (typeof read === "string") rules.remove(address);
        else rules.put(address, { pattern: read, level });
        apply(space);
        return typeof read === "string"
          ? { status: { state: "Panic", reason: read }, looked: all }
          : { status: { state: "Ready", details: { level } }, looked: [] };
      },
      onChange: () => undefined,
    },
    { registry, ...options },
  );
  await driver.start();
  await driver.settled(); // What runs from now on begins at its level.
  return {
    of: (address) => rules.of(address),
    get isTalking() {
      return rules.isTalking;
    },
    [Symbol.asyncDispose]: () => driver.stop(),
  };
}

/** The levels of each space, in the order in which they were made. */
function createThere() {
  const spaces = new Map<string, Map<string, number>>();
  return {
    put: ({ address, created }: Pick<ResourceView, "address" | "created">) => {
      const space = spaceOf(address);
      spaces.set(space, (spaces.get(space) ?? new Map<string, number>()).set(address, created));
    },
    remove: (address: string) => {
      const all = spaces.get(spaceOf(address));
      if (all?.delete(address) && all.size === 0) spaces.delete(spaceOf(address));
    },
    /** Those that count. */
    first: (space: string) =>
      [...(spaces.get(space) ?? [])]
        .sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1))
        .slice(0, LOG_RULES_MAX)
        .map(([address]) => address),
  };
}

/** What a resource means, or why it counts for nothing. */
function patternOf({ address, properties }: ResourceView, all: readonly string[]): LogPattern | string {
  const space = spaceOf(address);
  try {
    const pattern = parseLogPattern(String(properties["pattern"]));
    if (pattern.steps[0] !== space) return `it counts in its own space alone: have its pattern begin with ${space}`;
    if (all.includes(address)) return pattern;
    return `a space has up to ${LOG_RULES_MAX} log levels that count: remove one`;
  } catch (error) {
    return messageOf(error);
  }
}

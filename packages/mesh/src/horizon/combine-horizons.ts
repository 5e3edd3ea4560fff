import type { Horizon, HorizonScope } from "@orrery/core";
import { reachOf } from "@orrery/core/internal";

/** Who may say how far a message travels, nearest to the message first. */
export type HorizonLevel = "message" | "method" | "flow" | "component" | "node" | "network";

/** What each level says; a level that says nothing is absent. */
export type HorizonLevels = Readonly<Partial<Record<HorizonLevel, Partial<Horizon> | undefined>>>;

/** One part of a horizon, and who decided it: `default` where nobody did. */
export interface HorizonPart<T> {
  readonly value: T;
  readonly by: HorizonLevel | "default";
  /** Levels that say something else, and did not count. */
  readonly others: readonly { readonly level: HorizonLevel; readonly value: T }[];
}

/** A horizon with the reason of each part. */
export interface HorizonExplanation {
  readonly scope: HorizonPart<HorizonScope>;
  /** In ms; 0 for no limit. */
  readonly distanceMs: HorizonPart<number>;
  /** Gateways that may be passed, plus one; 0 for no limit. */
  readonly hops: HorizonPart<number>;
  readonly beyond: HorizonPart<Horizon["beyond"]>;
  /** The horizon itself; undefined where it limits nothing. */
  readonly horizon: Horizon | undefined;
  /** In words, a line for each part. */
  readonly text: string;
}

const LEVELS: readonly HorizonLevel[] = ["message", "method", "flow", "component", "node", "network"];

/**
 * Says how far a message may travel, and who decided. What a message says takes the place of what its method says. Of that and of all
 * other levels the narrowest counts, part by part: no level can widen what another has narrowed. What happens beyond is said by the nearest
 * level that says it. A pure function.
 */
export function explainHorizon(levels: HorizonLevels): HorizonExplanation {
  const scope = decide(levels, "scope", "any" as HorizonScope, (a, b) => reachOf(a) < reachOf(b));
  const distanceMs = decide(levels, "distanceMs", 0, isTighter);
  const hops = decide(levels, "hops", 0, isTighter);
  const beyond = decide(levels, "beyond", "bounce" as Horizon["beyond"], () => false);
  const isLimit = scope.value !== "any" || distanceMs.value !== 0 || hops.value !== 0;
  const horizon = Object.freeze({
    scope: scope.value,
    beyond: beyond.value,
    distanceMs: distanceMs.value,
    hops: hops.value,
  });
  const text = [
    `scope ${scope.value}, ${byWhom(scope, (value) => value)}`,
    `distance ${distanceText(distanceMs.value)}, ${byWhom(distanceMs, distanceText)}`,
    `gateways ${hopsText(hops.value)}, ${byWhom(hops, hopsText)}`,
    `beyond it ${beyond.value}, ${byWhom(beyond, (value) => value)}`,
  ].join("\n");
  return { scope, distanceMs, hops, beyond, horizon: isLimit ? horizon : undefined, text };
}

function isTighter(a: number, b: number): boolean {
  return a !== 0 && (b === 0 || a < b);
}

function decide<K extends keyof Horizon>(
  levels: HorizonLevels,
  part: K,
  fallback: Horizon[K],
  isNarrower: (a: Horizon[K], b: Horizon[K]) => boolean,
): HorizonPart<Horizon[K]> {
  const said = LEVELS.flatMap((level) => {
    const value = levels[level]?.[part];
    return value === undefined ? [] : [{ level, value: value as Horizon[K] }];
  });
  const counting = said[0]?.level === "message" ? said.filter(({ level }) => level !== "method") : said;
  let decided = counting[0];
  for (const one of counting) if (decided !== undefined && isNarrower(one.value, decided.value)) decided = one;
  if (decided === undefined) return { value: fallback, by: "default", others: [] };
  const { level: by, value } = decided;
  return { value, by, others: said.filter((one) => one.level !== by && one.value !== value) };
}

function byWhom<T>({ by, others }: HorizonPart<T>, text: (value: T) => string): string {
  if (by === "default") return "for nobody says otherwise";
  const rest = others.map(({ level, value }) => `the ${level} says ${text(value)}`).join(", ");
  return `set by the ${by}${rest === "" ? "" : `; ${rest}`}`;
}

function distanceText(ms: number): string {
  return ms === 0 ? "any" : `${ms} ms`;
}

function hopsText(hops: number): string {
  return hops === 0 ? "any" : String(hops - 1);
}

import assert from "node:assert/strict";

/** What becomes of a step outside of a process: it is done; it fails before or after it is done, and nobody is told which; or the process is killed. */
export type StepEnd = "done" | "before" | "after" | "killed before" | "killed after";

/** How often each step came to each end, by its name, such as `spaces.make`. */
export type StepEnds = Map<string, Record<StepEnd, number>>;

/** How a part outside is harmed. */
export interface HarmOptions {
  /** Finer names of the steps of a method, such as what is written; by the name of the method. */
  readonly kinds?: Readonly<Record<string, (...args: never[]) => string | Promise<string>>>;
  /** So many times as likely as others are, for steps that seldom come; by the name of the method. Default: 1. */
  readonly often?: Readonly<Record<string, number>>;
}

/** All that is outside of a process, which fails, and the process that may be killed while it waits for that. */
export interface Outside {
  /** How often it was killed. */
  readonly kills: number;
  /** Has every function of a part fail now and then. */
  harm<T extends object>(name: string, part: T, options?: HarmOptions): T;
  /** Does something as somebody does whose wish failed without an answer, or was cut off by a kill: again. */
  again<T>(wish: () => Promise<T>): Promise<T>;
}

/** Options of `createOutside`. */
export interface OutsideOptions {
  /** Draws whether a step fails, before or after; so many times as likely as it usually is. */
  readonly fault: (often: number) => "before" | "after" | undefined;
  /** Draws whether the process is killed. */
  readonly dies: (often: number) => boolean;
  /** Has what was in memory begin anew. */
  readonly restart: () => void;
  /** Counts how steps ended. */
  readonly steps: StepEnds;
}

/** Makes it. */
export function createOutside({ fault, dies, restart, steps }: OutsideOptions): Outside {
  let kills = 0;
  let killed = Promise.withResolvers<typeof KILLED>();
  const never = () => {
    killed.resolve(KILLED);
    return new Promise<never>(() => {});
  };
  const count = (step: string, end: StepEnd) => endsOf(steps, step)[end]++;
  const harmed =
    (act: (...args: never[]) => unknown, nameOf: (args: never[]) => Promise<string>, often: number) =>
    async (...args: never[]) => {
      const step = await nameOf(args);
      if (dies(often)) {
        count(step, "killed before");
        return never();
      }
      const wrong = fault(often);
      if (wrong === "before") {
        count(step, wrong);
        throw new Harm(`${step} is not done`);
      }
      const answer = await act(...args);
      if (wrong === "after") {
        count(step, wrong);
        throw new Harm(`${step} is done, and nobody knows`);
      }
      const end = dies(often) ? "killed after" : "done";
      count(step, end);
      return end === "done" ? answer : never();
    };
  return {
    get kills() {
      return kills;
    },
    harm: <T extends object>(name: string, part: T, { kinds = {}, often = {} }: HarmOptions = {}): T =>
      Object.fromEntries(
        Object.entries(part).map(([method, act]) => {
          if (typeof act !== "function") return [method, act];
          const kind = kinds[method];
          const step = `${name}.${method}`;
          if (kind === undefined) endsOf(steps, step); // It is known, and missed where it never comes.
          const nameOf = async (args: never[]) => (kind === undefined ? step : `${step} ${await kind(...args)}`);
          return [method, harmed(act.bind(part), nameOf, often[method] ?? 1)];
        }),
      ) as T,
    again: async (wish) => {
      for (;;)
        try {
          const answer = await Promise.race([wish(), killed.promise]);
          if (answer !== KILLED) return answer;
          kills++;
          killed = Promise.withResolvers();
          restart();
        } catch (error) {
          if (!(error instanceof Harm)) throw error;
        }
    },
  };
}

const KILLED = Symbol("killed");

/** What whoever asked sees of a step that failed. */
class Harm extends Error {}

function endsOf(steps: StepEnds, step: string): Record<StepEnd, number> {
  const ends = steps.get(step) ?? { done: 0, before: 0, after: 0, "killed before": 0, "killed after": 0 };
  steps.set(step, ends);
  return ends;
}

/**
 * What `update` of a store writes, by what stands there before and after; where nothing changes, it is `nothing`.
 * @example outside.harm("bills", store, { kinds: { update: written(store, ({ standing }) => standing) } })
 */
export function written<T>(
  store: { get(key: string): Promise<T | undefined> },
  nameOf: (one: T) => string,
): (key: string, change: (one: T | undefined, floor: number) => T | null | undefined) => Promise<string> {
  return async (key, change) => {
    const before = await store.get(key);
    const after = change(before, 0);
    const named = (one: T | null | undefined) => (one === undefined || one === null ? "none" : nameOf(one));
    return after === before ? "nothing" : `${named(before)} to ${named(after)}`;
  };
}

/** Each step that is known or came often failed in each of these ways; so did one at least of all that end so, such as ` to paying`. */
export function checkSteps(
  steps: StepEnds,
  {
    ends,
    oftenAt,
    suffixes,
  }: { readonly ends: readonly StepEnd[]; readonly oftenAt: number; readonly suffixes: readonly string[] },
): void {
  const missed = ([name, counts]: readonly [string, Record<StepEnd, number>]) =>
    ends.filter((end) => counts[end] === 0).map((end) => `${name}: ${end}`);
  const isKnown = (name: string) => !name.includes(" ");
  const each = [...steps].filter(([name, { done }]) => isKnown(name) || done >= oftenAt);
  const any = suffixes.map((suffix) => {
    const sum = endsOf(new Map(), suffix);
    for (const [name, counts] of steps)
      if (name.endsWith(suffix)) for (const end of Object.keys(sum) as StepEnd[]) sum[end] += counts[end];
    return [suffix, sum] as const;
  });
  assert.deepEqual([...each, ...any].flatMap(missed), [], "steps that never failed so");
}

/** One line: so many steps, and how often each end came. */
export function tellSteps(steps: StepEnds): string {
  const sum = endsOf(new Map(), "");
  for (const counts of steps.values()) for (const end of Object.keys(sum) as StepEnd[]) sum[end] += counts[end];
  return `${steps.size} steps: ${Object.entries(sum)
    .map(([end, count]) => `${count} ${end}`)
    .join(", ")}`;
}

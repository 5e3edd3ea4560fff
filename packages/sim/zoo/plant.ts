import { json } from "@orrery/core";
import { defineScenario, type Scenario, type ScenarioOptions } from "../src/explore/scenario.ts";

/** A planted bug: one program twice, which differ in nothing but the fault. */
export interface Bug {
  readonly name: string;
  /** What goes wrong, in one line for people. */
  readonly wrong: string;
  readonly buggy: Scenario;
  readonly fixed: Scenario;
}

/** What a planted bug is made of. `It` is what its scenario looks at. */
export interface BugOptions<It> {
  readonly name: string;
  /** What goes wrong, in one line for people. */
  readonly wrong: string;
  /** Its scenario, with the fault or without it. */
  readonly scenario: (isFixed: boolean) => ScenarioOptions<It>;
}

/** Plants a bug. */
export function plantBug<It>({ name, wrong, scenario }: BugOptions<It>): Bug {
  return {
    name,
    wrong,
    buggy: defineScenario(name, scenario(false)) as Scenario,
    fixed: defineScenario(`${name}, fixed`, scenario(true)) as Scenario,
  };
}

/** A request or a reply that says nothing. */
export const nothing = json<Record<string, never>>();

/** Machines of one house: messages take 1 to 5 ms. */
export const house = { link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 } } } as const;

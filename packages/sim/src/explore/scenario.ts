import { type FlowModel, OrreryError } from "@orrery/core";
import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";

/** Kinds of faults that an exploration may let happen. A node that crashed comes back with its disk; one that was wiped, with an empty one. */
export const FAULT_KINDS = [
  "crash",
  "wipe",
  "partition",
  "clog",
  "pause",
  "slow",
  "loss",
  "duplicate",
  "reorder",
  "jump",
  "disk",
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a rule of a scenario says: true or nothing when it holds, else false or how it does not. */
export type Verdict =
  | boolean
  | string
  // biome-ignore lint/suspicious/noConfusingVoidType: a rule that throws when it does not hold gives nothing.
  | void;

/** Options of a scenario. `It` is what `setup` gives: whatever the rules look at. */
export interface ScenarioOptions<It> {
  /** Options of its worlds. */
  readonly world?: Omit<WorldOptions, "seed" | "tape" | "strategy" | "notes" | "trace" | "onTrace">;
  /** Adds the nodes, with what they do by themselves. Runs anew for each world: nothing may be kept from one to the next. */
  readonly setup: (world: World) => It;
  /** Drives the world. Default: starts all, and runs until every `run` of a node has ended. */
  readonly run?: (world: World, it: It) => Promise<void>;
  /** What must hold after each event, when all nodes are quiet. */
  readonly always?: Readonly<Record<string, (it: It, world: World) => Verdict>>;
  /** What must come to hold within `withinMs` (default 60,000) after the run, once no fault is left. */
  readonly eventually?: Readonly<Record<string, (it: It, world: World) => Verdict>>;
  /** How long `eventually` may take, in ms of the world. */
  readonly withinMs?: number;
  /** What flows must keep to, by their names: a wrong, late or missing step fails the run. */
  readonly flows?: readonly FlowModel[];
  /** Whether flows that are open at the end, at nodes that live, fail the run. Default: fail. */
  readonly leaks?: "fail" | "ignore";
  /** What must hold at the end; may ask nodes. Throws, or says how it does not hold. */
  readonly check?: (it: It, world: World) => Verdict | Promise<Verdict>;
  /** Faults that it is to stand. Default: none, so that only orders and delays are explored. */
  readonly faults?: readonly FaultKind[];
  /** Whether instances that wait for one another in a ring fail the run, or are left to their deadlines. Default: fail. */
  readonly deadlocks?: "fail" | "ignore";
  /** Nodes that faults may befall. Default: all. */
  readonly faultyNodes?: readonly string[];
}

/** A world, its workload, and what must hold in it. */
export interface Scenario<It = unknown> extends ScenarioOptions<It> {
  readonly kind: "orrery.scenario";
  readonly name: string;
}

/**
 * Defines a scenario: the unit that is run, explored, replayed and made small. A file that is given to `orrery sim` exports it as default.
 * @throws OrreryError `invalid_argument` for a fault kind that there is not.
 * @example
 * export default defineScenario("no money is lost", {
 *   setup(world) {
 *     world.node("bank", { components: [bank] });
 *     world.node("visitor", { run: (node) => node.life.client(Bank).pay({ amount: 1 }) });
 *   },
 *   check: async (_it, world) => (await world.settle(world.nodes.get("visitor").life.client(Bank).sum({}))).total === 0,
 * });
 */
export function defineScenario<It>(name: string, options: ScenarioOptions<It>): Scenario<It> {
  for (const kind of options.faults ?? []) {
    if (FAULT_KINDS.includes(kind)) continue;
    const text = `Cannot define scenario "${name}": there is no fault kind "${String(kind)}", write ${FAULT_KINDS.join(", ")}`;
    throw new OrreryError("invalid_argument", text);
  }
  if (typeof options.setup !== "function")
    throw new OrreryError(
      "invalid_argument",
      `Cannot define scenario "${name}": setup is no function, give one that adds nodes`,
    );
  return { ...options, kind: "orrery.scenario", name };
}

/** Tells whether a value is a scenario, also one made by another copy of this package. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "orrery.scenario";
}

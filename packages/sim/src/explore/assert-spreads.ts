import { OrreryError } from "@orrery/core";
import { createLocalMembers } from "../shared/local-members.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { ModelWorld } from "../world/model-world.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";

/** How a scenario is spread. */
export interface SpreadOptions {
  /** Members that its nodes are divided among. Default: 2. */
  readonly members?: number;
  /** Default: 1. */
  readonly seed?: number;
}

/**
 * Runs a scenario in one world, and then divided among members that share one clock, as processes would; compares what happens at each
 * node. Gives the hash that both have.
 * @throws OrreryError `aborted` that names the first event that went another way; `failed_precondition` for a scenario that drives its
 * world itself, and for one whose links can take no time, so that no window of time is free of messages.
 */
export async function assertSpreads<It>(scenario: Scenario<It>, options: SpreadOptions = {}): Promise<string> {
  const { members: count = 2, seed = 1 } = options;
  if (scenario.run !== undefined)
    throw new OrreryError(
      "failed_precondition",
      `Cannot spread "${scenario.name}": its run drives the world from outside, let nodes do that in their own run`,
    );
  const endMs = Math.ceil((await runScenario(scenario, { seed })).elapsedMs) + 1;
  const world = { rare: true, ...scenario.world, seed, trace: "keep" } as const;
  const whole = new ModelWorld(world);
  scenario.setup(whole);
  await whole.start();
  await whole.run({ forMs: endMs - whole.elapsedMs });
  const setup = (part: Parameters<typeof scenario.setup>[0]) => scenario.setup(part);
  const { members, coordinator } = createLocalMembers({ members: count, endMs, world, setup });
  await coordinator.run();
  const { hash } = await coordinator.finish();
  const expected = whole.trace.hash;
  const parts = members.flatMap((member) =>
    member.world.trace.records.filter(({ node }) => member.nodes.includes(node)),
  );
  whole.end();
  if (hash === expected) return hash;
  throw new OrreryError("aborted", `Cannot spread "${scenario.name}": ${firstDifference(whole.trace.records, parts)}`);
}

/** Compares node by node: what happens at one does not depend on where it is written down. */
function firstDifference(whole: readonly TraceRecord[], parts: readonly TraceRecord[]): string {
  const nodes = [...new Set(whole.map(({ node }) => node))].filter((name) => name !== "");
  const differences = nodes.flatMap((name) => {
    const [one, other] = [whole, parts].map((records) => records.filter(({ node }) => node === name));
    const at = (one ?? []).findIndex((record, index) => record.hash !== other?.[index]?.hash);
    const index = at < 0 ? (one?.length ?? 0) : at;
    const [left, right] = [one?.[index], other?.[index]];
    return left === undefined && right === undefined ? [] : [{ left, right, tick: left?.tick ?? right?.tick ?? 0 }];
  });
  const [first] = differences.sort((a, b) => a.tick - b.tick);
  if (first === undefined) return "the world itself went another way, though every node went the same";
  return `in one process came ${sayRecord(first.left)}, and in several ${sayRecord(first.right)}; something that they do not share by messages decides there`;
}

/** Tells a line of a trace in words. */
export function sayRecord(record: TraceRecord | undefined): string {
  if (record === undefined) return "the end";
  const { tick, node, kind, text } = record;
  return `${kind} "${text}" at ${node === "" ? "the world" : node} at ${tick / 1000} ms`;
}

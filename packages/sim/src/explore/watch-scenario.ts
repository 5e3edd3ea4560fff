import { createFlowMonitor, describeOpenFlow, type FlowBreach, type FlowMonitor } from "@orrery/core";
import type { ModelWorld } from "../world/model-world.ts";
import { RuleBroken } from "./failure.ts";
import type { Scenario } from "./scenario.ts";
import { createWaitGraph } from "./wait-graph.ts";

/** Looks at a run besides its own rules: who waits for whom, and what flows do. */
export interface ScenarioWatch {
  /** @throws RuleBroken once instances wait for one another in a ring, or a flow takes a wrong step. */
  assertSound(): void;
  /** At the end of the run. @throws RuleBroken for a step of a flow that never came, and for a flow that is open. */
  assertEnded(): void;
}

type WatchedScenario = Pick<Scenario, "deadlocks" | "flows" | "leaks">;

/** Begins to look at a world, before its nodes are added. */
export function watchScenario(scenario: WatchedScenario, world: ModelWorld): ScenarioWatch {
  const ringOf = watchWaits(scenario, world);
  const monitor = watchFlows(scenario, world);
  return {
    assertSound() {
      const ring = ringOf();
      if (ring !== undefined) throw new RuleBroken("deadlock", "instances wait for one another", ring);
      monitor?.check();
      assertNoBreach(monitor?.breaches);
    },
    assertEnded() {
      assertNoBreach(monitor?.finish());
      if (scenario.leaks !== "ignore") assertNoOpenFlow(world);
    },
  };
}

function watchWaits({ deadlocks }: WatchedScenario, world: ModelWorld): () => string | undefined {
  if (deadlocks === "ignore") return () => undefined;
  const graph = createWaitGraph();
  let ring: string | undefined;
  world.watches.push({
    onMessage(event) {
      ring ??= graph.watch(event);
    },
  });
  return () => ring;
}

function watchFlows({ flows = [] }: WatchedScenario, world: ModelWorld): FlowMonitor | undefined {
  if (flows.length === 0) return undefined;
  const monitor = createFlowMonitor({ models: flows, clock: { monotonic: () => world.elapsedMs } });
  world.watches.push(monitor);
  return monitor;
}

function assertNoBreach(breaches: readonly FlowBreach[] = []): void {
  const [first] = breaches;
  if (first !== undefined) throw new RuleBroken("flow", `${first.model}: ${first.kind}`, first.text);
}

function assertNoOpenFlow(world: ModelWorld): void {
  for (const node of world.nodes.values()) {
    if (!node.isHere || !node.alive) continue;
    const [open] = node.life.openFlows();
    if (open !== undefined) throw new RuleBroken("leak", `flow "${open.flow.name}"`, describeOpenFlow(open));
  }
}

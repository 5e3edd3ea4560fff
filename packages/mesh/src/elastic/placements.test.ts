import { createNode } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createSupervisor } from "../supervise/supervisor.ts";
import { createMemoryStore, ModelMachine } from "../testing/supervise/model-processes.ts";
import { randomOf } from "../testing/supervise/world-machine.ts";
import { createNodePlacement } from "./node-placement.ts";
import { createSupervisorPlacement } from "./supervisor-placement.ts";
import { type PlacementBench, testPlacement } from "./testing/placement-suite.ts";
import { shop } from "./testing/shop.ts";

testPlacement("createNodePlacement", async (): Promise<PlacementBench> => {
  const node = createNode({ components: [shop()], capacity: { shop: { instances: 0 } } });
  await node.start();
  return {
    placement: createNodePlacement({ node: () => node, instancesMax: 3 }),
    settle: (something) => something,
    until: async () => undefined,
    running: () => node.components()[0]?.instances.filter(({ state }) => state === "ready").length ?? 0,
    [Symbol.asyncDispose]: () => node.stop({ timeoutMs: 0 }),
  };
});

testPlacement("createSupervisorPlacement", async (): Promise<PlacementBench> => {
  const world = createWorld({ trace: "off" });
  const { clock } = world.node("host");
  await world.start();
  const machine = new ModelMachine(clock);
  const supervisor = await createSupervisor({
    control: machine.control(),
    store: createMemoryStore(),
    clock,
    random: randomOf(world),
  });
  supervisor.apply({ groups: [{ name: "other", children: [{ name: "other-0", program: {} }] }] });
  const own = () => machine.processes.filter(({ alive, record }) => alive && record.child.startsWith("shop-"));
  return {
    placement: createSupervisorPlacement({
      supervisor,
      clock,
      childOf: (component, slot) => ({ name: `${component}-${slot}`, program: {} }),
      processesMax: 3,
    }),
    settle: (something) => world.settle(something),
    until: (isSo) => world.until(isSo),
    kill: async () => own()[0]?.end({ code: null, signal: "SIGKILL" }),
    running: () => own().length,
    async [Symbol.asyncDispose]() {
      if (machine.running("other-0").length !== 1) throw new Error("what others said is to run does not");
      await world[Symbol.asyncDispose]();
    },
  };
});

import { outcomeOf } from "@orrery/core";
import { Cell, Counter, cell, counter, Till, till } from "../../testing/shop.ts";
import { createWorld } from "../../world/create-world.ts";
import { type Recording, recordingOf } from "../recording.ts";

/** Options of the run. */
export interface ShopRunOptions {
  readonly seed?: number;
  /** Amount of the third payment. */
  readonly amount?: number;
}

/** A run with two payments at once that race, a message that is lost, a partition, a crash amid a handler, a pause and a restart. */
export async function shopRun({ seed = 3, amount = 3 }: ShopRunOptions = {}): Promise<Recording> {
  const world = createWorld({ seed, link: { latency: { kind: "uniform", minMs: 4, maxMs: 7 } }, trace: "keep" });
  world.node("till", { components: [till], zone: "south" });
  world.node("store", { components: [cell, counter], zone: "north", machine: "rack" });
  const visitor = world.node("visitor", { zone: "south" });
  await world.start();
  const { life } = visitor;
  const flow = life.beginFlow("checkout");
  const pay = (paid: number) => outcomeOf(life.client(Till).pay({ amount: paid }, { flow, timeoutMs: 400 }));
  await world.settle(Promise.all([pay(1), pay(2)]));
  world.messages({ from: "till", to: "store", method: "cell.set" }, "drop");
  await world.settle(pay(amount));
  await flow.end("ok");
  world.partition(["visitor"], ["store"]);
  await world.run({ forMs: 30 });
  world.heal();
  const waiting = outcomeOf(life.client(Counter).wait({ ms: 500 }));
  await world.run({ forMs: 100 });
  world.inject("crash store");
  await world.settle(waiting);
  world.inject("pause till");
  world.inject("restart store");
  await world.run({ forMs: 50 });
  world.inject("resume till");
  await world.settle(life.client(Cell).get({}, { timeoutMs: 5000 }));
  const recording = recordingOf(world, { scenario: "two payments" });
  world.end();
  return recording;
}

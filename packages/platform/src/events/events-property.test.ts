import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, discardLog } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createGateClock } from "../testing/gate-clock.ts";
import { createEvents } from "./create-events.ts";
import type { EventDelivery } from "./events.ts";
import { createMemoryEventStore } from "./memory-event-store.ts";

const LOG = { space: 1, topic: "orders" };
const GROUP = { ...LOG, group: "billing" };
const SETTINGS = { attemptsMax: 0, visibilityMs: 1_000 };
const STEPS = 120;

/** Publishes, takes, acks, gives back, lets consumers die and platforms start anew, by chance. */
async function holds(seed: number): Promise<void> {
  const [clock, store] = [createGateClock(), createMemoryEventStore()];
  const log = createLog({ sink: discardLog, now: () => 0, fields: {} });
  let state = seed;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const open = () => createEvents({ store, clock, random: createSeededRandom(draw(1_000_000)), log });
  const platforms = [await open(), await open()];
  const [published, acked, seen] = [new Set<string>(), new Set<string>(), new Map<string, string[]>()];
  let hands: EventDelivery[] = [];
  const take = async () => {
    const taken = await platforms[draw(2)]?.fetch(GROUP, { max: 1 + draw(4), settings: SETTINGS });
    for (const delivery of taken ?? []) {
      const { id, key } = delivery.event;
      assert.ok(!acked.has(id), `seed ${seed}: ${id} was handed out after its ack`);
      const before = seen.get(key) ?? [];
      if (!before.includes(id)) seen.set(key, [...before, id]);
      hands.push(delivery);
    }
  };
  const settle = async (isAck: boolean) => {
    const [delivery] = hands.splice(draw(hands.length), 1);
    const platform = platforms[draw(2)];
    if (delivery === undefined || platform === undefined) return;
    const { receipt, event } = delivery;
    const [settled] = isAck
      ? await platform.ack(GROUP, [receipt])
      : await platform.nack(GROUP, [receipt], { delayMs: draw(2) * 500 });
    if (isAck && settled === "done") acked.add(event.id);
  };
  for (let step = 0; step < STEPS; step++)
    switch (draw(8)) {
      case 0:
      case 1: {
        const id = `e${step}`;
        await platforms[draw(2)]?.publish(LOG, [{ id, key: `k${draw(3)}`, body: new Uint8Array() }], { agent: "ann" });
        published.add(id);
        break;
      }
      case 2:
      case 3:
        await take();
        break;
      case 4:
        await settle(true);
        break;
      case 5:
        await settle(false);
        break;
      case 6:
        clock.pass(draw(1_500));
        break;
      default: {
        if (draw(2) === 0) hands = [];
        const at = draw(2);
        await platforms[at]?.[Symbol.asyncDispose]();
        platforms[at] = await open();
      }
    }
  for (let turn = 0; turn < 500 && acked.size < published.size; turn++) {
    hands = [];
    clock.pass(1_000);
    await take();
    while (hands.length > 0) await settle(true);
  }
  assert.deepEqual([...acked].sort(), [...published].sort(), `seed ${seed}: each is handled and acked`);
  for (const [key, ids] of seen) {
    const sorted = [...ids].sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
    assert.deepEqual(ids, sorted, `seed ${seed}: ${key} is in order`);
  }
  for (const platform of platforms) await platform[Symbol.asyncDispose]();
}

test("createEvents loses no event, and hands out none again that was acked, whoever dies and starts anew", async (t) => {
  const runs = process.env["ORRERY_LONG"] === "1" ? 5_000 : 100;
  for (let seed = 1; seed <= runs; seed++) await holds(seed);
  t.diagnostic(`${runs} runs`);
});

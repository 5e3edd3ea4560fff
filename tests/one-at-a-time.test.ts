import assert from "node:assert/strict";
import { test } from "node:test";
import { createNode, defineComponent, defineService, json } from "@orrery/core";

const MESSAGES = process.env["ORRERY_LONG"] === "1" ? 1_000_000 : 100_000;
const BATCH = 1000;

const Turn = defineService("test.turn", {
  take: { request: json<number>(), reply: json<number>() },
  leave: { mode: "async", request: json<number>() },
});

test(`an instance is never inside two handlers, over ${MESSAGES} messages of both modes, and takes them in order`, async () => {
  let [inside, most, handled] = [0, 0, 0];
  const order: number[] = [];
  const handle = async (number: number) => {
    most = Math.max(most, ++inside);
    await undefined; // Here another message would come between, if any could.
    order.push(number);
    handled++;
    inside--;
    return number;
  };
  const component = defineComponent(Turn, () => ({
    take: handle,
    leave: async (number) => void (await handle(number)),
  }));
  await using node = createNode({ components: [component] });
  await node.start();
  const [client, sender] = [node.client(Turn), node.send(Turn)];
  for (let at = 0; at < MESSAGES; at += BATCH) {
    const numbers = Array.from({ length: BATCH }, (_, index) => at + index);
    await Promise.all(
      numbers.map((number) => (number % 2 === 0 ? client.take(number) : sender.leave(number).accepted)),
    );
    await client.take(-1); // Comes after all that was accepted.
    assert.deepEqual(order, [...numbers, -1]);
    order.length = 0;
  }
  assert.equal(most, 1);
  assert.equal(handled, MESSAGES + MESSAGES / BATCH);
});

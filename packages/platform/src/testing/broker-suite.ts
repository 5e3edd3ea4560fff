import assert from "node:assert/strict";
import { it } from "node:test";
import { type Broker, type BrokerItem, createBroker } from "../broker/broker.ts";
import type { BrokerLines } from "../broker/broker-lines.ts";
import { BROKER_BYTES_MAX, BROKER_WAITING_MAX } from "../broker/limits.ts";
import { createGateClock } from "./gate-clock.ts";

const NEWS = { space: 7, topic: "news" };
const ANN = { agent: "ann" };

const post = (n: number) => ({
  headers: { n: String(n) },
  contentType: "text/plain",
  body: new TextEncoder().encode(String(n)),
});

const saidBy = ({ message }: BrokerItem) => Number(new TextDecoder().decode(message?.body));

/** What a broker does, whatever carries its messages. */
export function testBroker(lines: () => BrokerLines): void {
  const open = () => createBroker({ lines: lines(), clock: createGateClock() });
  const subscribe = async (broker: Broker, queue = "", topic = NEWS, check = async () => {}) => {
    const end = new AbortController();
    const items = await broker.subscribe(topic, { queue, signal: end.signal, check });
    return { items: items[Symbol.asyncIterator](), end: () => end.abort() };
  };
  const next = async ({ items }: { readonly items: AsyncIterator<BrokerItem> }) => saidBy((await items.next()).value);

  it("gives each who subscribes all, those of other topics and Spaces nothing, and tells who said it when", async () => {
    const broker = open();
    const [one, two] = [await subscribe(broker), await subscribe(broker)];
    const others = [
      await subscribe(broker, "", { space: 8, topic: "news" }),
      await subscribe(broker, "", { ...NEWS, topic: "new" }),
    ];
    broker.publish({ space: 8, topic: "news" }, post(99), ANN);
    for (const n of [1, 2, 3]) broker.publish(NEWS, post(n), ANN);
    for (const who of [one, two]) assert.deepEqual([await next(who), await next(who), await next(who)], [1, 2, 3]);
    broker.publish({ ...NEWS, topic: "new" }, post(98), ANN);
    assert.deepEqual([await next(others[0] as typeof one), await next(others[1] as typeof one)], [99, 98]);
    broker.publish(NEWS, post(4), ANN);
    const { message } = (await one.items.next()).value as BrokerItem;
    assert.deepEqual(message, { ...post(4), agent: "ann", at: Date.UTC(2026, 0, 1) });
    for (const who of [one, two, ...others]) who.end();
    assert.equal((await one.items.next()).done, true);
  });

  it("gives what is published to one of a queue, and to all outside of it", async () => {
    const broker = open();
    const got: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
    const all = Promise.withResolvers<void>();
    const read = async (name: string, queue: string) => {
      const { items, end } = await subscribe(broker, queue);
      const running = (async () => {
        for (let item = await items.next(); !item.done; item = await items.next()) {
          got[name]?.push(saidBy(item.value));
          if (Object.values(got).flat().length === 300) all.resolve();
        }
      })();
      return async () => {
        end();
        await running;
      };
    };
    const ends = [await read("a", "workers"), await read("b", "workers"), await read("c", ""), await read("d", "")];
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    for (const n of numbers) broker.publish(NEWS, post(n), ANN);
    await all.promise;
    const { a = [], b = [], c, d } = got;
    assert.deepEqual(
      [...a, ...b].sort((one, other) => one - other),
      numbers,
    );
    assert.ok(a.length > 0 && b.length > 0, "both work");
    assert.deepEqual([c, d], [numbers, numbers]);
    for (const end of ends) await end();
  });

  it("passes by who is slow, and tells how many", async () => {
    const broker = open();
    const [slow, quick] = [await subscribe(broker), await subscribe(broker)];
    for (let n = 0; n < BROKER_WAITING_MAX + 5; n++) {
      broker.publish(NEWS, post(n), ANN);
      assert.equal(await next(quick), n);
    }
    const other = { ...NEWS, topic: "other" };
    const last = await subscribe(broker, "", other);
    broker.publish(other, post(0), ANN);
    await next(last); // By then all has come that was published before.
    for (let n = 0; n < BROKER_WAITING_MAX; n++) assert.equal(await next(slow), n);
    broker.publish(NEWS, post(1_000), ANN);
    await next(quick);
    const item = (await slow.items.next()).value as BrokerItem;
    assert.deepEqual([saidBy(item), item.missed], [1_000, 5]);
    for (const who of [slow, quick, last]) who.end();
  });

  it("ends for who may no longer, and takes nothing too large", async () => {
    const broker = open();
    let mayRead = true;
    const who = await subscribe(broker, "", NEWS, async () => {
      if (!mayRead) throw new Error("no more");
    });
    broker.publish(NEWS, post(1), ANN);
    assert.equal(await next(who), 1);
    mayRead = false;
    broker.publish(NEWS, post(2), ANN);
    await assert.rejects(who.items.next(), /no more/);
    const large = { ...post(1), body: new Uint8Array(BROKER_BYTES_MAX + 1) };
    assert.throws(() => broker.publish(NEWS, large, ANN), { code: "invalid_argument" });
    broker.publish(NEWS, { ...large, body: large.body.subarray(1) }, ANN);
  });
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { createLog, discardLog } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createEvents } from "../events/create-events.ts";
import type { EventDelivery, Events, GroupName } from "../events/events.ts";
import type { StoreLife } from "./event-store-suite.ts";
import { createGateClock, type GateClock } from "./gate-clock.ts";

/** Events over a store, and a clock that stands still. */
export interface EventsLife {
  readonly events: Events;
  readonly clock: GateClock;
  /** Ends the process without warning, so to speak: another one goes on with what is kept. */
  restart(): Promise<Events>;
}

const LOG = { space: 7, topic: "orders" };
export const BILLING: GroupName = { ...LOG, group: "billing" };
const ANN = { agent: "demo.test:users:ann" };

/** An event that says a number. */
export const saying = (n: number, more: { readonly key?: string; readonly id?: string } = {}) => ({
  body: new TextEncoder().encode(String(n)),
  ...more,
});

/** The numbers that deliveries say. */
export const said = (deliveries: readonly EventDelivery[]) =>
  deliveries.map(({ event }) => Number(new TextDecoder().decode(event.body)));

const receiptsOf = (deliveries: readonly EventDelivery[]) => deliveries.map(({ receipt }) => receipt);

/** What events do, whichever store keeps them. */
export function testEvents(open: () => Promise<StoreLife>): void {
  const use = (run: (life: EventsLife) => Promise<void>) => async () => {
    const life = await open();
    const clock = createGateClock();
    const opened: Events[] = [];
    const log = createLog({ sink: discardLog, now: () => 0, fields: {} });
    const start = async () => {
      const store = opened.length === 0 ? life.store : await life.beside();
      const events = await createEvents({ store, clock, random: createSeededRandom(opened.length + 1), log });
      opened.push(events);
      return events;
    };
    try {
      await run({ events: await start(), clock, restart: start });
    } finally {
      for (const events of opened) await events[Symbol.asyncDispose]();
      await life.close();
    }
  };
  testGroups(use);
  testRetries(use);
  testTopics(use);
}

type Use = (run: (life: EventsLife) => Promise<void>) => () => Promise<void>;

function testGroups(use: Use): void {
  it(
    "hands 100 events out, and again those that a consumer had not acked when it died at 50",
    use(async ({ events, clock, restart }) => {
      await events.publish(
        LOG,
        Array.from({ length: 100 }, (_, n) => saying(n)),
        ANN,
      );
      const first = await events.fetch(BILLING, { max: 100, consumer: "c1" });
      assert.equal(first.length, 100);
      await events.ack(BILLING, receiptsOf(first.slice(0, 50)));
      const again = await restart();
      assert.deepEqual(await again.fetch(BILLING, { max: 100, consumer: "c2" }), []);
      clock.pass(30_000);
      const second = await again.fetch(BILLING, { max: 100, consumer: "c2" });
      assert.deepEqual(said(second), said(first.slice(50)));
      assert.ok(second.every(({ attempt }) => attempt === 2));
      assert.deepEqual(await again.ack(BILLING, receiptsOf(first.slice(50))), Array(50).fill("late"));
      assert.deepEqual(await again.ack(BILLING, receiptsOf(second)), Array(50).fill("done"));
      clock.pass(60_000);
      assert.deepEqual(await again.fetch(BILLING, { max: 100 }), []);
    }),
  );

  it(
    "splits the load of a group, and gives each group all",
    use(async ({ events }) => {
      const numbers = Array.from({ length: 40 }, (_, n) => n);
      const got: Record<string, number[]> = {};
      const ends = new AbortController();
      const left = Promise.withResolvers<void>();
      let count = 0;
      const consume = async (group: string, consumer: string) => {
        const name = { ...LOG, group };
        for await (const delivery of events.consume(name, { consumer, inHand: 2, signal: ends.signal })) {
          const key = `${group}/${consumer}`;
          got[key] = [...(got[key] ?? []), ...said([delivery])];
          await events.ack(name, [delivery.receipt]);
          count++;
          if (count === 80) left.resolve();
        }
      };
      const readers = [consume("billing", "a"), consume("billing", "b"), consume("mail", "a")];
      for (let at = 0; at < 40; at += 10)
        await events.publish(
          LOG,
          numbers.slice(at, at + 10).map((n) => saying(n)),
          ANN,
        );
      await left.promise;
      ends.abort();
      await Promise.all(readers);
      const [a = [], b = []] = [got["billing/a"], got["billing/b"]];
      assert.ok(a.length > 0 && b.length > 0, "both have some");
      assert.deepEqual(
        [...a, ...b].sort((one, other) => one - other),
        numbers,
      );
      assert.deepEqual(got["mail/a"], numbers);
    }),
  );

  it(
    "hands out one event of a key at a time, in order, and others beside it",
    use(async ({ events }) => {
      await events.publish(
        LOG,
        [saying(1, { key: "a" }), saying(2, { key: "a" }), saying(3, { key: "b" }), saying(4)],
        ANN,
      );
      const [one, three, four] = await events.fetch(BILLING, { max: 10 });
      assert.deepEqual(said([one, three, four] as EventDelivery[]), [1, 3, 4]);
      await events.nack(BILLING, receiptsOf([one as EventDelivery]));
      const [again, ...others] = await events.fetch(BILLING, { max: 10 });
      assert.deepEqual([said([again as EventDelivery]), others], [[1], []]);
      await events.ack(BILLING, receiptsOf([again as EventDelivery]));
      assert.deepEqual(said(await events.fetch(BILLING, { max: 10 })), [2]);
    }),
  );

  it(
    "begins where it is told, and goes back to replay",
    use(async ({ events, clock }) => {
      const publish = async (n: number) => {
        const [one] = await events.publish(LOG, [saying(n)], ANN);
        clock.pass(1_000);
        return one?.offset ?? 0;
      };
      const offsets = [await publish(0), await publish(1), await publish(2), await publish(3)];
      const take = async (group: string, from: Parameters<Events["fetch"]>[1]["from"]) => {
        const taken = await events.fetch({ ...LOG, group }, { max: 10, ...(from && { from }) });
        await events.ack({ ...LOG, group }, receiptsOf(taken).concat());
        return said(taken);
      };
      const at = clock.now() - 2_000;
      assert.deepEqual(await take("all", undefined), [0, 1, 2, 3]);
      assert.deepEqual(await events.fetch({ ...LOG, group: "new" }, { from: { kind: "latest" } }), []);
      assert.deepEqual(await take("offset", { kind: "offset", offset: offsets[1] as number }), [1, 2, 3]);
      assert.deepEqual(await take("time", { kind: "time", at }), [2, 3]);
      await events.setGroup({ ...LOG, group: "all" }, { to: { kind: "time", at } });
      assert.deepEqual(await take("all", undefined), [2, 3]);
      await publish(4);
      assert.deepEqual(said(await events.fetch({ ...LOG, group: "new" }, { max: 10 })), [4]);
    }),
  );

  it(
    "wakes who waits when something comes, whoever wrote it",
    use(async ({ events, restart }) => {
      const other = await restart();
      const waiting = other.fetch(BILLING, { waitMs: 60_000 });
      await events.fetch({ ...LOG, group: "else" }, {});
      await events.publish(LOG, [saying(1)], ANN);
      assert.deepEqual(said(await waiting), [1]);
    }),
  );
}

function testRetries(use: Use): void {
  it(
    "hands out again what was given back, after its delay, and in time what nobody settled",
    use(async ({ events, clock }) => {
      await events.publish(LOG, [saying(1), saying(2)], ANN);
      const [one, two] = await events.fetch(BILLING, { max: 2 });
      await events.nack(BILLING, [one?.receipt ?? ""], { delayMs: 5_000, why: "no paper" });
      assert.deepEqual(await events.fetch(BILLING, {}), []);
      clock.pass(4_999);
      assert.deepEqual(await events.fetch(BILLING, {}), []);
      clock.pass(1);
      assert.deepEqual(said(await events.fetch(BILLING, { max: 2 })), [1]);
      await events.extend(BILLING, [two?.receipt ?? ""], 60_000);
      clock.pass(30_000);
      assert.deepEqual(said(await events.fetch(BILLING, { max: 2 })), [1]);
      clock.pass(30_000);
      assert.deepEqual(said(await events.fetch(BILLING, { max: 2 })), [1, 2]);
      const waiting = events.fetch(BILLING, { max: 2, waitMs: 60_000 });
      await events.groups(LOG); // By then it waits.
      clock.pass(30_000);
      assert.deepEqual(said(await waiting), [1, 2]);
    }),
  );

  it(
    "makes dead letters of what was tried too often, which are read, and published again for their group alone",
    use(async ({ events, clock, restart }) => {
      await events.setGroup(BILLING, { settings: { attemptsMax: 2, visibilityMs: 1_000 } });
      const [first] = await events.publish(LOG, [saying(1, { id: "one", key: "k" }), saying(2, { key: "k" })], ANN);
      const dead = { ...LOG, topic: "orders/dead/billing" };
      await events.fetch(BILLING, {});
      clock.pass(1_000);
      const [second] = await events.fetch(BILLING, {});
      assert.equal(second?.attempt, 2);
      await events.nack(BILLING, [second?.receipt ?? ""], { why: "the card is refused" });
      const [next] = await events.fetch(BILLING, { waitMs: 60_000 });
      assert.deepEqual(said([next as EventDelivery]), [2], "its key goes on");
      await events.ack(BILLING, [next?.receipt ?? ""]);
      const letters = (await events.read(dead, { from: { kind: "earliest" } })).events;
      assert.deepEqual(
        letters.map(({ id, origin }) => [id, origin?.offset, origin?.attempts, origin?.why]),
        [["one", first?.offset, 2, "the card is refused"]],
      );
      assert.equal((await events.groups(LOG))[0]?.dead, 1);

      const again = await restart();
      await again.republish(dead, [letters[0]?.offset ?? 0]);
      const [third] = await again.fetch(BILLING, {});
      assert.deepEqual([third?.event.id, third?.attempt], ["one", 1]);
      assert.deepEqual((await again.read(dead, { from: { kind: "earliest" } })).events, []);
      const mail = { ...LOG, group: "mail" };
      for (const expected of [[1], [2], []]) {
        const others = await again.fetch(mail, { max: 10 });
        assert.deepEqual(said(others), expected);
        if (others.length > 0) await again.ack(mail, receiptsOf(others));
      }
      await assert.rejects(again.republish(dead, [letters[0]?.offset ?? 0]), { code: "not_found" });

      clock.pass(1_000);
      await again.fetch(BILLING, {});
      clock.pass(1_000);
      assert.deepEqual(await again.fetch(BILLING, { waitMs: 0 }), []);
      const page = again.follow(dead, {})[Symbol.asyncIterator]();
      const letter = (await page.next()).value as { readonly origin?: { readonly why: string } };
      assert.equal(letter.origin?.why, "it was neither acked nor given back in time");
      await page.return?.();
    }),
  );

  it(
    "tries for ever where it is told so",
    use(async ({ events, clock }) => {
      await events.publish(LOG, [saying(1)], ANN);
      const settings = { attemptsMax: 0, visibilityMs: 100 };
      for (let attempt = 1; attempt <= 30; attempt++) {
        const [delivery] = await events.fetch(BILLING, { settings });
        assert.equal(delivery?.attempt, attempt);
        clock.pass(100);
      }
    }),
  );
}

function testTopics(use: Use): void {
  it(
    "takes an id once, and says where the first is",
    use(async ({ events }) => {
      const [first] = await events.publish(LOG, [saying(1, { id: "a" })], ANN);
      const again = await events.publish(LOG, [saying(2, { id: "a" }), saying(3, { id: "b" })], ANN);
      assert.deepEqual(again[0], { id: "a", offset: first?.offset, isNew: false });
      assert.deepEqual(said(await events.fetch(BILLING, { max: 10 })), [1, 3]);
    }),
  );

  it(
    "forgets what is too old and too much, as its topics say, and goes on behind it",
    use(async ({ events, clock }) => {
      await events.setTopic(LOG, { keepMs: 60_000, keepBytes: 64 * 1024 });
      await events.publish(LOG, [saying(0)], ANN);
      const [had] = await events.fetch(BILLING, {});
      clock.pass(40_000);
      await events.publish(LOG, [saying(1)], ANN);
      clock.pass(21_000);
      await events.sweep();
      const left = async () =>
        (await events.read(LOG, { from: { kind: "earliest" } })).events.map(({ body }) => body.length);
      assert.deepEqual(await left(), [1]);
      assert.deepEqual(said(await events.fetch(BILLING, { max: 10 })), [1], "what went is not waited for");
      assert.deepEqual(await events.ack(BILLING, [had?.receipt ?? ""]), ["done"]);
      for (const n of [2, 3, 4]) await events.publish(LOG, [{ ...saying(n), body: new Uint8Array(30_000) }], ANN);
      await events.sweep();
      assert.deepEqual(await left(), [30_000, 30_000]);
    }),
  );

  it(
    "tells how topics and groups stand, and takes both away",
    use(async ({ events, restart }) => {
      await events.publish(LOG, [saying(1), saying(2), saying(3)], ANN);
      await events.publish({ ...LOG, topic: "mails" }, [saying(1)], ANN);
      await events.publish({ ...LOG, space: 8 }, [saying(9)], ANN);
      await events.fetch(BILLING, { max: 2, settings: { visibilityMs: 5_000 } });
      const topics = await events.topics(7);
      assert.deepEqual(
        topics.map(({ topic, events: count, keepMs }) => [topic, count, keepMs]),
        [
          ["mails", 1, 7 * 24 * 3_600_000],
          ["orders", 3, 7 * 24 * 3_600_000],
        ],
      );
      const [group] = await events.groups(LOG);
      assert.deepEqual(
        [group?.group, group?.behind, group?.out, group?.waiting, group?.dead, group?.visibilityMs],
        ["billing", 0, 2, 1, 0, 5_000],
      );
      const other = await restart();
      await other.removeGroup(BILLING);
      assert.deepEqual(await events.groups(LOG), []);
      await events.fetch(BILLING, { max: 2 });
      await other.removeTopic(LOG);
      await assert.rejects(other.read(LOG, { from: { kind: "earliest" } }), { code: "not_found" });
      await other.publish(LOG, [saying(4)], ANN);
      assert.deepEqual(said(await other.fetch(BILLING, { max: 10 })), [4]);
      await other.drop(7);
      assert.deepEqual(await other.topics(7), []);
      assert.deepEqual(await other.spaces(), [8]);
    }),
  );

  it(
    "tells all events in order to who follows, from where it was",
    use(async ({ events }) => {
      await events.publish(LOG, [saying(0), saying(1)], ANN);
      const ends = new AbortController();
      const seen: number[] = [];
      let last = 0;
      const follow = async (count: number) => {
        const from = { kind: "offset", offset: last + 1 } as const;
        for await (const { body, offset } of events.follow(LOG, { from, signal: ends.signal })) {
          seen.push(Number(new TextDecoder().decode(body)));
          last = offset;
          if (seen.length === count) return;
        }
      };
      await follow(2);
      const going = follow(4);
      await events.publish(LOG, [saying(2), saying(3)], ANN);
      await going;
      assert.deepEqual(seen, [0, 1, 2, 3]);
    }),
  );
}

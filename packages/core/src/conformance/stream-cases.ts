import { type ConformanceCase, needs } from "./case.ts";
import { expect, expectFailure, expectSame } from "./expect.ts";
import { Probe, type ProbeScene } from "./probe.ts";

const itemsOf = ({ events }: ProbeScene) => events.items.filter(({ what }) => what === "item").length;

/** Streams over a transport. */
export const STREAM_CASES: readonly ConformanceCase[] = [
  {
    name: "carries a stream's items in order, then its end",
    async run(bench) {
      const { address } = await bench.serve();
      const items: number[] = [];
      for await (const item of bench.client([address]).client(Probe).count({ to: 1000 })) items.push(item);
      expectSame(
        items,
        Array.from({ length: 1000 }, (_, index) => index + 1),
        "the items",
      );
    },
  },
  {
    name: "carries a stream without items",
    async run(bench) {
      const { address } = await bench.serve();
      const stream = bench.client([address]).client(Probe).count({ to: 0 });
      expectSame((await stream.next()).done, true, "done");
    },
  },
  {
    name: "opens a stream when it is first asked for an item, and never sends more than was asked for",
    async run(bench) {
      const server = await bench.serve({ streams: "beside" });
      const client = bench.client([server.address]);
      const stream = client.client(Probe).count({ to: 1000 }, { credit: 10 });
      await client.client(Probe).say("first");
      expectSame(itemsOf(server), 0, "items before the first was asked for");
      expectSame((await stream.next()).value, 1, "the first item");
      for (let taken = 2; taken <= 200; taken++) {
        expectSame((await stream.next()).value, taken, "the next item");
        expect(itemsOf(server) <= taken + 10, `at most ${taken + 10} items to be made, got ${itemsOf(server)}`);
      }
      await client.client(Probe).say("settled");
      expect(itemsOf(server) <= 210, `at most 210 items to be made, got ${itemsOf(server)}`);
      await stream.return?.();
    },
  },
  {
    name: "ends a stream at its source when its reader leaves early",
    async run(bench) {
      const server = await bench.serve({ streams: "beside" });
      const client = bench.client([server.address]);
      for await (const item of client.client(Probe).count({ to: 1_000_000 })) if (item === 3) break;
      await server.events.first(({ what }) => what === "ended");
      expect(itemsOf(server) < 1000, "the source to stop soon");
    },
  },
  {
    name: "carries the error that ends a stream, after its items",
    async run(bench) {
      const { address } = await bench.serve();
      const stream = bench.client([address]).client(Probe).count({ to: 5, failAt: 3 });
      expectSame([(await stream.next()).value, (await stream.next()).value], [1, 2], "the items");
      await expectFailure(stream.next(), { kind: "error", code: "aborted", message: /stopped at 3$/ });
      expectSame((await stream.next()).done, true, "done after the error");
    },
  },
  {
    name: "ends a stream whose reader rests longer than its idle deadline",
    async run(bench) {
      const server = await bench.serve();
      const probe = bench.client([server.address]).client(Probe);
      await probe.say("connected");
      const stream = probe.count({ to: 1000 }, { credit: 2, idleMs: 150 });
      expectSame((await stream.next()).value, 1, "the first item");
      await server.events.first(({ what }) => what === "ended");
      await expectFailure(drain(stream), { kind: "timeout", reason: "stream_idle", definite: false });
    },
  },
  {
    name: "runs several streams over one link",
    async run(bench) {
      const { address } = await bench.serve({ streams: "beside" });
      const client = bench.client([address]);
      const streams = [100, 200, 300].map((to) => drain(client.client(Probe).count({ to }, { credit: 5 })));
      expectSame(await Promise.all(streams), [100, 200, 300], "the number of items");
    },
  },
  {
    name: "ends a stream on both sides when its connection breaks",
    skip: needs("severable"),
    async run(bench) {
      const server = await bench.serve();
      const way = await bench.harness.severable?.(server.listening);
      const stream = bench
        .client([way?.address ?? ""])
        .client(Probe)
        .count({ to: 1000 }, { credit: 4 });
      expectSame((await stream.next()).value, 1, "the first item");
      way?.sever();
      await expectFailure(drain(stream), { kind: "unreachable", reason: "connection_lost", definite: false });
      await server.events.first(({ what }) => what === "ended");
    },
  },
];

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _item of stream) count++;
  return count;
}

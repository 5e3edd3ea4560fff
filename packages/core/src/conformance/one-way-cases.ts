import { outcomeOf } from "../outcome.ts";
import type { ConformanceCase } from "./case.ts";
import { expectFailure, expectSame } from "./expect.ts";
import { Probe } from "./probe.ts";

/** One-way messages and broadcasts over a transport. */
export const ONE_WAY_CASES: readonly ConformanceCase[] = [
  {
    name: "acknowledges a one-way message before it is handled, and handles it once",
    async run(bench) {
      const { address, events, release } = await bench.serve();
      const ticket = bench.client([address]).send(Probe).note("one");
      expectSame(ticket.check(), undefined, "the outcome at once");
      await ticket.accepted;
      expectSame(ticket.check()?.kind, "reply", "the outcome");
      expectSame(events.items, [], "what was handled");
      release();
      await events.atLeast(1);
      expectSame(
        events.items.map(({ what, value }) => [what, value]),
        [["note", "one"]],
        "what was handled",
      );
    },
  },
  {
    name: "handles one-way messages in the order in which they were sent",
    async run(bench) {
      const { address, events, release } = await bench.serve();
      const send = bench.client([address]).send(Probe);
      const tickets = Array.from({ length: 100 }, (_, index) => send.note(String(index)));
      await Promise.all(tickets.map((ticket) => ticket.accepted));
      release();
      await events.atLeast(100);
      expectSame(
        events.items.map(({ value }) => value),
        tickets.map((_, index) => String(index)),
        "the order",
      );
    },
  },
  {
    name: "ends the ticket of a one-way message that could not be sent, definitely",
    async run(bench) {
      const send = bench.client([bench.reach(await bench.freeAddress())]).send(Probe);
      await expectFailure(send.note("lost", { timeoutMs: 30 }).accepted, { reason: "not_connected", definite: true });
      const ticket = send.note("withdrawn");
      ticket.cancel();
      await expectFailure(ticket.accepted, { reason: "withdrawn", definite: true });
    },
  },
  {
    name: "bounces a one-way message over the bound of an inbox",
    async run(bench) {
      const { address, release } = await bench.serve({ inboxMessagesMax: 2 });
      const send = bench.client([address]).send(Probe);
      const outcomes = await Promise.all(["running", "1", "2", "3"].map((text) => outcomeOf(send.note(text).accepted)));
      expectSame(
        outcomes.map(({ kind, definite }) => [kind, definite]),
        [
          ["reply", true],
          ["reply", true],
          ["reply", true],
          ["bounced", true],
        ],
        "the outcomes",
      );
      release();
    },
  },
  {
    name: "gives a broadcast to every instance of every node, once",
    async run(bench) {
      const servers = [await bench.serve({ instances: 2 }), await bench.serve({ instances: 3 })];
      const publish = bench.client(servers.map(({ address }) => address)).publish(Probe);
      publish.tell("first");
      publish.tell("second");
      for (const [index, { events }] of servers.entries()) {
        const instances = index + 2;
        await events.atLeast(instances * 2);
        const heard = Map.groupBy(events.items, ({ instance }) => instance);
        expectSame(heard.size, instances, "the number of instances");
        for (const of of heard.values())
          expectSame(
            of.map(({ value }) => value),
            ["first", "second"],
            "what one heard",
          );
      }
    },
  },
];

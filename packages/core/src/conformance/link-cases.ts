import type { LinkEvent } from "../transport.ts";
import { idsOf, newsOf, numbered, plainEnvelope, sendAll } from "./bench.ts";
import { type ConformanceCase, needs } from "./case.ts";
import { attempt, expect, expectFailure, expectSame } from "./expect.ts";

/** What a transport promises of its addresses and links. */
export const LINK_CASES: readonly ConformanceCase[] = [
  {
    name: "brings a link up once on each side, before any message",
    async run(bench) {
      const { here, there, link, back } = await bench.pair();
      sendAll(here.transport, link, numbered(1, 3));
      await there.envelopes.atLeast(3);
      expectSame(newsOf(here), ["up"], "news here");
      expectSame(newsOf(there), ["up"], "news there");
      expectSame([link.direction, back.direction], ["out", "in"], "the directions");
      expectSame([link.up, back.up], [true, true], "up");
      expect(link.remote !== "" && back.remote !== "", "both links to name their other side");
    },
  },
  {
    name: "gives the same link for the same address, at once",
    async run(bench) {
      const here = bench.side();
      const address = bench.reach(await bench.freeAddress());
      const link = here.transport.connect(address);
      expect(!link.up, "a link to nobody to be down");
      expect(here.transport.connect(address) === link, "one link for one address");
      expectSame(newsOf(here), [], "news from within connect");
    },
  },
  {
    name: "does not call listeners from within connect or send",
    async run(bench) {
      const there = bench.side();
      const address = await there.transport.listen(await bench.freeAddress());
      const here = bench.side();
      const link = here.transport.connect(bench.reach(address));
      sendAll(here.transport, link, numbered(1, 2));
      expectSame([newsOf(here), newsOf(there), idsOf(there)], [[], [], []], "what was told so far");
      await there.envelopes.atLeast(2);
    },
  },
  {
    name: "lets messages wait for a listener that comes later",
    async run(bench) {
      const address = await bench.freeAddress();
      const here = bench.side();
      const link = here.transport.connect(bench.reach(address));
      const waiting = numbered(1, 3);
      sendAll(here.transport, link, waiting);
      expectSame(
        waiting.map(({ left }) => left),
        [false, false, false],
        "left while they wait",
      );
      const there = bench.side();
      await there.transport.listen(address);
      await here.links.atLeast(1);
      sendAll(here.transport, link, numbered(4, 5));
      await there.envelopes.atLeast(5);
      expectSame(idsOf(there), [1, 2, 3, 4, 5], "the order");
      expectSame(
        waiting.map(({ left }) => left),
        [true, true, true],
        "left once they are gone",
      );
    },
  },
  {
    name: "brings a link going out up again when a listener comes back",
    async run(bench) {
      const { here, there, link, address } = await bench.pair();
      await there.transport.close();
      await here.links.atLeast(2);
      expect(!link.up, "the link to be down");
      sendAll(here.transport, link, [plainEnvelope(1)]);
      const again = bench.side();
      await again.transport.listen(address);
      await again.envelopes.atLeast(1);
      expectSame(idsOf(again), [1], "what had waited");
      expectSame(newsOf(here), ["up", "down", "up"], "news here");
      expectSame(newsOf(there), ["up", "down"], "news at the listener that closed");
      expect(
        here.links.items.every((event) => event.link === link),
        "all news to be of one link",
      );
      sendAll(again.transport, (again.links.items[0] as LinkEvent).link, [plainEnvelope(2)]);
      await here.envelopes.atLeast(1);
    },
  },
  {
    name: "never brings a link coming in up again",
    async run(bench) {
      const { here, there, back, address } = await bench.pair();
      await here.transport.close();
      await there.links.atLeast(2);
      expectSame(newsOf(there), ["up", "down"], "news there");
      expectSame(newsOf(here), ["up", "down"], "news at the side that closed");
      expectSame(there.transport.send(back, plainEnvelope(1)), "closed", "send to a link that has ended");
      const next = bench.side();
      next.transport.connect(bench.reach(address));
      const events = await there.links.atLeast(3);
      expect(events[2]?.link !== back, "the next connection to be a new link");
    },
  },
  {
    name: "survives a connection that breaks between two sides that live on",
    skip: needs("severable"),
    async run(bench) {
      const there = bench.side();
      const address = await there.transport.listen(await bench.freeAddress());
      const way = await bench.harness.severable?.(address);
      const here = bench.side();
      const link = here.transport.connect(way?.address ?? "");
      await here.links.atLeast(1);
      sendAll(here.transport, link, [plainEnvelope(1)]);
      await there.envelopes.atLeast(1);
      way?.sever();
      await here.links.atLeast(3);
      sendAll(here.transport, link, [plainEnvelope(2)]);
      await there.envelopes.atLeast(2);
      expectSame(newsOf(here), ["up", "down", "up"], "news here");
      await there.links.atLeast(3);
      const [first, second] = [there.links.items[0]?.link, there.envelopes.items[1]?.link];
      expect(first !== undefined && second !== undefined && first !== second, "a new link there");
      expectSame(newsOf(there, first), ["up", "down"], "news of the link that broke");
      expectSame(newsOf(there, second), ["up"], "news of the new link");
    },
  },
  {
    name: "lets what was accepted leave before it closes",
    async run(bench) {
      const { here, there, link } = await bench.pair();
      sendAll(here.transport, link, numbered(1, 100));
      await here.transport.close();
      await there.envelopes.atLeast(100);
      expectSame(
        idsOf(there),
        numbered(1, 100).map(({ id }) => id),
        "what arrived",
      );
    },
  },
  {
    name: "closes although nobody takes what waits, and tells no news of a link that never was up",
    async run(bench) {
      const here = bench.side();
      const link = here.transport.connect(bench.reach(await bench.freeAddress()));
      sendAll(here.transport, link, numbered(1, 10));
      await here.transport.close();
      expectSame(newsOf(here), [], "news");
    },
  },
  {
    name: "closes twice as once, and takes nothing afterwards",
    async run(bench) {
      const { here, link } = await bench.pair();
      const address = await bench.freeAddress();
      await Promise.all([here.transport.close(), here.transport.close()]);
      await here.transport.close();
      expectSame(here.transport.send(link, plainEnvelope(1)), "closed", "send after close");
      const closed = { code: "unavailable", message: /^Cannot .*closed/ } as const;
      await expectFailure(here.transport.listen(address), closed);
      await expectFailure(
        attempt(() => here.transport.connect(bench.reach(address))),
        closed,
      );
    },
  },
  {
    name: "gives its addresses back when it closes",
    async run(bench) {
      const first = bench.side();
      const address = await first.transport.listen(await bench.freeAddress());
      await first.transport.close();
      expectSame(await bench.side().transport.listen(address), address, "the address");
    },
  },
  {
    name: "refuses to listen at an address that is taken, and says so",
    async run(bench) {
      const address = await bench.side().transport.listen(await bench.freeAddress());
      const error = await expectFailure(bench.side().transport.listen(address), { code: "unavailable" });
      expect(
        error.message.startsWith("Cannot ") && error.message.includes(`"${address}"`),
        `"${error.message}" to name "${address}"`,
      );
      expect(/taken|in use/.test(error.message), `"${error.message}" to say why`);
    },
  },
  {
    name: "refuses what is no address, and says what would be one",
    async run(bench) {
      const { transport } = bench.side();
      const { badAddresses } = bench.harness;
      expect(badAddresses.length > 0, "the harness to name bad addresses");
      for (const address of badAddresses) {
        const facts = { code: "invalid_argument", message: /^Cannot .*"/ } as const;
        await expectFailure(transport.listen(address), facts);
        const error = await expectFailure(
          attempt(() => transport.connect(address)),
          facts,
        );
        expect(error.message.includes(`${transport.scheme}://`), `"${error.message}" to show an address`);
      }
    },
  },
  {
    name: "keeps many links apart",
    async run(bench) {
      const there = bench.side();
      const address = await there.transport.listen(await bench.freeAddress());
      const sides = Array.from({ length: 50 }, () => bench.side());
      for (const [index, side] of sides.entries()) {
        const link = side.transport.connect(bench.reach(address));
        sendAll(side.transport, link, numbered(index * 100 + 1, index * 100 + 20));
      }
      await there.envelopes.atLeast(50 * 20);
      const links = new Set(there.envelopes.items.map((item) => item.link));
      expectSame(links.size, 50, "the number of links");
      expectSame(new Set([...links].map(({ id }) => id)).size, 50, "the number of ids of links");
      for (const link of links) {
        const ids = idsOf(there, link);
        expectSame(
          ids,
          numbered(ids[0] ?? 0, (ids[0] ?? 0) + 19).map(({ id }) => id),
          "the ids of one link",
        );
        sendAll(there.transport, link, [plainEnvelope(ids[0] ?? 0)]);
      }
      for (const [index, side] of sides.entries()) {
        await side.envelopes.atLeast(1);
        expectSame(idsOf(side), [index * 100 + 1], "what came back");
      }
    },
  },
  {
    name: "listens at several addresses, and connects to several",
    async run(bench) {
      const there = bench.side();
      const here = bench.side();
      for (const id of [1, 2, 3]) {
        const address = await there.transport.listen(await bench.freeAddress());
        sendAll(here.transport, here.transport.connect(bench.reach(address)), [plainEnvelope(id)]);
      }
      await there.envelopes.atLeast(3);
      expectSame(idsOf(there).toSorted(), [1, 2, 3], "what came");
      expectSame(new Set(there.envelopes.items.map(({ link }) => link)).size, 3, "the number of links");
    },
  },
];

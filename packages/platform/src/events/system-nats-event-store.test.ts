import { after, before, describe } from "node:test";
import { type StoreLife, testEventStore } from "../testing/event-store-suite.ts";
import { testEvents } from "../testing/events-suite.ts";
import { NO_NATS, startNats, type TestNats } from "../testing/start-nats.ts";
import type { EventStore } from "./event-store.ts";
import { openNatsEventStore } from "./system-nats-event-store.ts";
import { type NatsLink, openNats } from "./system-nats-link.ts";

describe("openNatsEventStore, over JetStream", { skip: NO_NATS }, () => {
  let nats: TestNats;
  let count = 0;
  before(async () => {
    nats = await startNats();
  });
  after(() => nats[Symbol.asyncDispose]());

  const open = async (): Promise<StoreLife> => {
    const links: NatsLink[] = [];
    const url = `${nats.url}?prefix=case-${count++}`;
    const session = async (): Promise<EventStore> => {
      const link = await openNats(url);
      links.push(link);
      return openNatsEventStore(link);
    };
    const close = async () => {
      for (const link of links) await link[Symbol.asyncDispose]();
    };
    return { store: await session(), beside: session, close };
  };
  testEventStore(open);
  testEvents(open);
});

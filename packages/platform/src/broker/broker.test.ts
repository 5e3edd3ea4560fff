import { after, before, describe } from "node:test";
import { type NatsLink, openNats } from "../events/system-nats-link.ts";
import { testBroker } from "../testing/broker-suite.ts";
import { NO_NATS, startNats, type TestNats } from "../testing/start-nats.ts";
import { createLocalLines } from "./local-lines.ts";
import { createNatsLines } from "./system-nats-lines.ts";

describe("createBroker, within a process", () => testBroker(createLocalLines));

describe("createBroker, over NATS", { skip: NO_NATS }, () => {
  let nats: TestNats;
  let link: NatsLink;
  before(async () => {
    nats = await startNats();
    link = await openNats(nats.url);
  });
  after(async () => {
    await link?.[Symbol.asyncDispose]();
    await nats?.[Symbol.asyncDispose]();
  });
  testBroker(() => createNatsLines(link));
});

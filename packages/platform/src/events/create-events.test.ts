import { describe } from "node:test";
import { testEvents } from "../testing/events-suite.ts";
import { createMemoryEventStore } from "./memory-event-store.ts";

describe("createEvents", () => {
  testEvents(async () => {
    const store = createMemoryEventStore();
    return { store, beside: async () => store, close: async () => {} };
  });
});

import { describe } from "node:test";
import { testEventStore } from "../testing/event-store-suite.ts";
import { createMemoryEventStore } from "./memory-event-store.ts";

describe("createMemoryEventStore", () => {
  testEventStore(async () => {
    const store = createMemoryEventStore();
    return { store, beside: async () => store, close: async () => {} };
  });
});

import { describe, test } from "node:test";
import { testBlobs } from "../conformance/index.ts";
import { createMemoryBlobs } from "./memory-blobs.ts";

describe("createMemoryBlobs", () => {
  testBlobs({
    test,
    createStore: async () => {
      let now = 1_000;
      const store = createMemoryBlobs({ clock: { now: () => now } });
      return {
        store,
        reopen: async () => store,
        pass: async () => {
          now += 1_000;
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  });
});

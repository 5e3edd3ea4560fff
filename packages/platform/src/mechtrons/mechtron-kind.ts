import type { Kind } from "@orrery/registry";
import { MEMORY_BYTES_MAX, PAGE_BYTES } from "../cage/limits.ts";

/** Name of what drives mechtrons; stands among the finalizers of each. */
export const MECHTRON_DRIVER = "orrery.mechtrons";

/** A mechtron: code that runs in a cage, and has a name and rights of its own. */
export const MECHTRON_KIND: Kind = {
  name: "Mechtron",
  summary: "Code that runs in a cage: a module of WebAssembly, or a script",
  parents: ["App"],
  segments: ["name"],
  driver: MECHTRON_DRIVER,
  properties: {
    title: { summary: "What people read", schema: { type: "string", maxLength: 200 } },
    config: {
      summary: "The address of its code in a bundle, a .wasm or a .js; a tag may stand for the version",
      schema: { type: "string", minLength: 1, maxLength: 1_024 },
      required: true,
    },
    settings: {
      summary: "What it finds as its config",
      schema: { type: "object", maxProperties: 200 },
    },
    stateful: {
      summary: "Whether it is one that remembers, and handles one message at a time",
      schema: { type: "boolean" },
      constant: true,
    },
    persist: {
      summary:
        "What becomes of what it remembers when its platform ends: None or ReplicateToFile, which is the default",
      schema: { type: "string", enum: ["None", "ReplicateToFile"] },
      constant: true,
    },
    limits: {
      summary: "What it may use, where that is not the default",
      schema: {
        type: "object",
        properties: {
          memoryBytes: { type: "integer", minimum: PAGE_BYTES, maximum: MEMORY_BYTES_MAX },
          cpuMs: { type: "integer", minimum: 1, maximum: 3_600_000 },
        },
        additionalProperties: false,
      },
    },
  },
};

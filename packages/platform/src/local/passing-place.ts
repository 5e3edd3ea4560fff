import type { Clock } from "@orrery/core";
import { createMemoryBlobs, createSecretBox, createSecretKey } from "@orrery/registry";
import type { KeptWatch } from "../mechtrons/mechtron-watches.ts";
import type { StoreFiles } from "./kept-store.ts";
import type { LocalPlace } from "./local-parts.ts";

/** Makes a place of this process: with `files` what they have outlives a life of what uses it, and all else does, as long as the place is there. */
export function createPassingPlace(): (clock: Clock, files?: StoreFiles) => LocalPlace {
  let now: Clock | undefined;
  const blobs = createMemoryBlobs({ clock: { now: () => now?.now() ?? 0 } });
  const kept = new Map<string, readonly KeptWatch[]>();
  const watches = {
    load: (mechtron: string) => kept.get(mechtron) ?? [],
    save: (mechtron: string, all: readonly KeptWatch[]) => void kept.set(mechtron, all),
  };
  const secrets = createSecretBox([createSecretKey()]);
  return (clock, files = NO_FILES) => {
    now = clock;
    return { files, blobs, watches, secrets };
  };
}

/** Forgets all that it is told. */
const NO_FILES: StoreFiles = {
  list: async () => [],
  read: async () => undefined,
  append: async () => undefined,
  sync: async () => undefined,
  remove: async () => undefined,
};

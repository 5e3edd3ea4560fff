import { type Clock, createLog, type LogSink, OrreryError, type Random } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import { createCage } from "../cage/system-cage.ts";
import type { BlobSource } from "../web/blob-source.ts";
import { createMechtronFinder } from "./find-mechtron.ts";
import { createMechtronDriver } from "./mechtron-driver.ts";
import { createMechtronHost, type MechtronHost } from "./mechtron-host.ts";

/** Options of `openMechtrons`. */
export interface MechtronsOptions {
  readonly registry: Registry;
  /** Where the bytes of bundles come from. */
  readonly blobs: BlobSource;
  /** In whose name mechtrons are driven, an operator. */
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogSink;
}

/** Mechtrons that run. */
export interface Mechtrons {
  readonly host: Pick<MechtronHost, "ask">;
  /** Ends all of them. */
  close(): Promise<void>;
}

/** Runs the mechtrons of a registry that has `MECHTRON_KIND`, each in a cage. */
export async function openMechtrons({
  registry,
  blobs,
  agent,
  clock,
  random,
  log: sink,
}: MechtronsOptions): Promise<Mechtrons> {
  const log = createLog({ sink, now: () => clock.now(), fields: {} });
  const cage = createCage({ clock, random, log });
  const host = createMechtronHost({
    ...{ cage, clock, log: sink },
    calls: async ({ service, method }) => {
      throw new OrreryError("not_found", `Cannot call "${service}.${method}": there is no such service here`);
    },
  });
  const driver = createMechtronDriver({
    ...{ host, registry, clock, log, agent },
    find: createMechtronFinder({ registry, blobs }),
  });
  await driver.start();
  return {
    host,
    close: async () => {
      await driver.stop();
      await host.close();
      await cage[Symbol.asyncDispose]();
    },
  };
}

import { join } from "node:path";
import { type Clock, createLog, type LogSink, type Random } from "@orrery/core";
import type { JsonCaller } from "@orrery/http";
import type { Broadcasts, Files, Meter, Registry } from "@orrery/registry";
import type { BackupPart } from "@orrery/registry/upkeep";
import type { LogRules } from "../apps/logs/log-rules.ts";
import { createCage } from "../cage/system-cage.ts";
import type { BlobSource } from "../web/blob-source.ts";
import type { CallChains } from "./call-chains.ts";
import { createMechtronFinder } from "./find-mechtron.ts";
import { createGuestCalls } from "./guest-calls.ts";
import { createGuestResources } from "./guest-resources.ts";
import { createMechtronDriver } from "./mechtron-driver.ts";
import { createMechtronHost, type MechtronHost } from "./mechtron-host.ts";
import { createMechtronWatches } from "./mechtron-watches.ts";
import { meterCage } from "./meter-cage.ts";
import { createGuestFiles } from "./system-guest-files.ts";
import { createMechtronPart, STATES, WATCHES } from "./system-mechtron-part.ts";
import { createMechtronStates } from "./system-mechtron-states.ts";
import { createWatchStore } from "./system-watch-store.ts";

/** Options of `openMechtrons`. */
export interface MechtronsOptions {
  readonly registry: Registry;
  readonly files: Files;
  readonly broadcasts: Broadcasts;
  /** Where the bytes of bundles and files come from. */
  readonly blobs: BlobSource;
  /** Folder of what is kept of mechtrons: their watches and their states, of which this is the only user. */
  readonly folder: string;
  /** What calls the components of an app; undefined while it takes no calls. */
  readonly callerOf: (app: string) => JsonCaller | undefined;
  /** Who waits for the calls that mechtrons make of components. */
  readonly chains: CallChains;
  /** In whose name mechtrons are driven, an operator. */
  readonly agent: string;
  /** Counts messages and time of the processor. Default: nobody does. */
  readonly meter?: Meter | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogSink;
  /** From which level on the lines of a mechtron are kept. Default: from `info`. */
  readonly levelOf?: LogRules["of"] | undefined;
}

/** Mechtrons that run. */
export interface Mechtrons {
  readonly host: Pick<MechtronHost, "ask">;
  /** What a backup has of them: what they remember, and what they watch. */
  readonly part: BackupPart;
  /** Ends all of them, whatever they do. */
  close(): Promise<void>;
}

/** Runs the mechtrons of a registry that has `MECHTRON_KIND`, each in a cage. */
export async function openMechtrons(options: MechtronsOptions): Promise<Mechtrons> {
  const {
    registry,
    files,
    broadcasts,
    blobs,
    folder,
    callerOf,
    chains,
    agent,
    meter,
    clock,
    random,
    log: sink,
  } = options;
  const log = createLog({ sink, now: () => clock.now(), fields: {} });
  const bare = createCage({ clock, random, log });
  const cage = meter === undefined ? bare : meterCage(bare, meter);
  const ask: MechtronHost["ask"] = (...message) => host.ask(...message);
  const watches = createMechtronWatches({
    registry,
    broadcasts,
    store: createWatchStore(join(folder, WATCHES)),
    ask,
    clock,
    log,
  });
  const resources = createGuestResources({
    registry,
    files: createGuestFiles({ registry, files, blobs }),
    watches,
    agent,
  });
  const calls = createGuestCalls({ registry, resources, ask, callerOf, chains, agent });
  const states = createMechtronStates(join(folder, STATES), clock);
  const host = createMechtronHost({ cage, clock, calls, log: sink, levelOf: options.levelOf, states });
  const find = createMechtronFinder({ registry, blobs });
  const driver = createMechtronDriver({ host, watches, find, registry, clock, log, agent });
  await driver.start();
  return {
    host,
    part: createMechtronPart(folder, states),
    close: async () => {
      const stopped = [driver.stop(), watches.close()];
      await cage[Symbol.asyncDispose](); // What is open ends with it, and so does what waits for that.
      await Promise.all([...stopped, host.close()]);
    },
  };
}

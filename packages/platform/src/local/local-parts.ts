import type { Clock, Log, Random } from "@orrery/core";
import {
  type BlobStore,
  BROADCAST_KIND,
  createBroadcasts,
  createFiles,
  createMemoryRegistry,
  type SecretBox,
} from "@orrery/registry";
import { createBundles } from "@orrery/registry/bundles";
import type { AppFile } from "../apps/app-file.ts";
import { APP_KIND } from "../apps/app-kind.ts";
import type { PlatformParts } from "../apps/as-app.ts";
import { createGuestResources, type GuestResourceCalls } from "../mechtrons/guest-resources.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import { MECHTRON_KIND } from "../mechtrons/mechtron-kind.ts";
import { createMechtronWatches, type WatchStore } from "../mechtrons/mechtron-watches.ts";
import { createGuestFiles } from "../mechtrons/system-guest-files.ts";
import { openKeptStore, type StoreFiles } from "./kept-store.ts";
import { settleApp } from "./settle-app.ts";

/** Who may do everything where there is no platform. */
export const LOCAL_OPERATOR = "operator";

/** Where what apps keep outlives the parts that keep it. */
export interface LocalPlace {
  readonly files: StoreFiles;
  readonly blobs: BlobStore;
  readonly watches: WatchStore;
  readonly secrets: SecretBox;
}

/** Options of `openLocalParts`. */
export interface LocalPartsOptions {
  /** Address of the app. */
  readonly app: string;
  readonly file: Pick<AppFile, "mechtrons" | "resources">;
  readonly place: LocalPlace;
  /** Hands mechtrons what they watch. */
  readonly ask: MechtronHost["ask"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What an app finds of a platform where there is none. */
export interface LocalParts extends PlatformParts, AsyncDisposable {
  readonly blobs: BlobStore;
  /** Answers mechtrons about resources. */
  readonly resources: GuestResourceCalls;
}

/**
 * Opens the registry of an app, its files, bundles and broadcasts, and makes what its file says that it needs.
 * @throws OrreryError `failed_precondition` for what cannot be made
 */
export async function openLocalParts({ place, ...options }: LocalPartsOptions): Promise<LocalParts> {
  const { app, file, ask, clock, random, log } = options;
  const agent = LOCAL_OPERATOR;
  const { blobs, secrets } = place;
  const kinds = [APP_KIND, BROADCAST_KIND, MECHTRON_KIND];
  const store = await openKeptStore(place.files);
  await using open = new AsyncDisposableStack();
  const registry = open.use(await createMemoryRegistry({ store, clock, random, secrets, kinds, ownersKnown: true }));
  const files = open.use(createFiles({ registry, blobs, clock, random }));
  const broadcasts = open.use(await createBroadcasts({ registry, clock, log }));
  await settleApp({ registry, app, file, agent });
  const watches = createMechtronWatches({ registry, broadcasts, store: place.watches, ask, clock, log });
  open.defer(() => watches.close());
  const guestFiles = createGuestFiles({ registry, files, blobs });
  const resources = createGuestResources({ registry, files: guestFiles, watches, agent });
  for (const { name } of file.mechtrons) watches.resume(`${app}:${name}`);
  const parts = open.move();
  return {
    ...{ registry, files, broadcasts, blobs, resources },
    bundles: createBundles({ registry, blobs, random }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

import type { Component, InstanceHandle, Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { createJsonCaller, type JsonCaller } from "@orrery/http";
import { createBroadcastComponent, createFileComponent, createRegistryComponent } from "@orrery/registry";
import { BundleService, createBundleComponent } from "@orrery/registry/bundles";
import { BroadcastService, FileService, MessageService, RegistryService } from "@orrery/registry/service";
import type { AppFile } from "../apps/app-file.ts";
import { asApp, type PlatformParts } from "../apps/as-app.ts";
import { GuestService } from "./guest-service.ts";
import { GUEST_CALL_INSTANCES, SERVED_INSTANCES } from "./limits.ts";
import { createLocalAsk, createLocalGuests, createLocalMessages, type Speaking } from "./local-messages.ts";
import { type LocalParts, type LocalPlace, openLocalParts } from "./local-parts.ts";
import { openedComponent } from "./opened-component.ts";

/** The space in which an app lies where nobody says one. */
export const LOCAL_SPACE = "app.test";
/** Address of an app where nobody says one. */
export const LOCAL_APP = `${LOCAL_SPACE}:app`;

/** Options of `createLocalPlatform`. */
export interface LocalPlatformOptions {
  /** Address of the app. */
  readonly app: string;
  readonly file: Pick<AppFile, "mechtrons" | "resources">;
  /** Contracts of its components. */
  readonly services: () => Promise<readonly Service[]>;
  /** Where it keeps what it keeps; it is asked once. */
  readonly place: (instance: InstanceHandle) => Promise<LocalPlace>;
}

/** What an app finds of a platform where there is none. */
export interface LocalPlatform extends AsyncDisposable {
  /** For one node, all of them. */
  readonly components: readonly Component[];
  /** What it keeps; it settles when the components have started. */
  readonly parts: Promise<LocalParts>;
}

/** Whether an app finds anything of a platform where there is none: those of components alone call one another. */
export function needsPlatform({ mechtrons, resources, requires }: Omit<AppFile, "routes">): boolean {
  return mechtrons.length + resources.length + requires.length > 0;
}

/**
 * Makes the components by which the components and mechtrons of an app, which are components here, find what `orrery up` has for them, with the
 * same rights: resources, files, bundles, broadcasts, and messages to what has an address. Who calls from outside is whoever he says.
 */
export function createLocalPlatform(options: LocalPlatformOptions): LocalPlatform {
  const { app, place } = options;
  const made = Promise.withResolvers<LocalParts>();
  made.promise.catch(() => undefined); // Told by the start of whoever needs them.
  let opening: Promise<LocalParts> | undefined;
  const partsFor = (instance: InstanceHandle): Promise<LocalParts> => {
    if (opening !== undefined) return opening;
    const { clock, random, log } = instance;
    const ask = createLocalAsk(instance, app);
    opening = place(instance).then((found) => openLocalParts({ ...options, place: found, ask, clock, random, log }));
    opening.then(made.resolve, made.reject);
    return opening;
  };
  const served = (service: Service, make: (parts: PlatformParts) => Component) =>
    openedComponent({
      service,
      options: { instances: SERVED_INSTANCES, streams: "beside" },
      open: async (instance) => make(asApp(await partsFor(instance), app)),
      openForOthers: async (instance) => make(await partsFor(instance)),
    });
  const spoken = (service: Service, make: (speaking: Speaking) => Component) =>
    openedComponent({
      service,
      options: { instances: GUEST_CALL_INSTANCES, reentrant: "flow" },
      open: async (instance) => {
        const parts = await partsFor(instance);
        return make({ ...options, parts, ask: createLocalAsk(instance, app), callerOf: callersOf(instance, options) });
      },
    });
  return {
    components: [
      served(RegistryService, ({ registry }) => createRegistryComponent(registry)),
      served(FileService, ({ files }) => createFileComponent(files)),
      served(BundleService, ({ bundles, registry }) => createBundleComponent(bundles, registry)),
      served(BroadcastService, ({ broadcasts }) => createBroadcastComponent(broadcasts)),
      spoken(MessageService, createLocalMessages),
      spoken(GuestService, createLocalGuests),
    ],
    parts: made.promise,
    [Symbol.asyncDispose]: async () => (await opening?.catch(() => undefined))?.[Symbol.asyncDispose](),
  };
}

/** What calls the components of the app; their contracts are asked for with the first call. */
function callersOf(instance: InstanceHandle, { services, file }: LocalPlatformOptions): () => Promise<JsonCaller> {
  const mechtrons = new Set(file.mechtrons.map(({ name }) => name));
  let caller: Promise<JsonCaller> | undefined;
  return () => {
    caller ??= services().then((known) =>
      createJsonCaller({
        node: {
          name: instance.node,
          clock: instance.clock,
          client: (service) => instance.client(service),
          send: (service) => instance.send(service),
          publish: (service) => instance.publish(service),
        },
        services: known.filter((service) => !mechtrons.has(contractOf(service).name)),
      }),
    );
    return caller;
  };
}

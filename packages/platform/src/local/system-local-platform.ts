import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Component, isOrreryError, type Service } from "@orrery/core";
import { loadComponents } from "@orrery/mesh";
import { createFolderFiles, lockFolder } from "@orrery/mesh/internal";
import { createDirectoryBlobs } from "@orrery/registry";
import { openKeyRing } from "@orrery/registry/upkeep";
import type { AppFile } from "../apps/app-file.ts";
import { createWatchStore } from "../mechtrons/system-watch-store.ts";
import { createLocalPlatform, LOCAL_APP, type LocalPlatform } from "./local-platform.ts";
import { createPassingPlace } from "./passing-place.ts";

/** What of apps is there where there is no platform. */
type LocalApp = Pick<AppFile, "mechtrons" | "resources">;

/** Options of `openLocalPlatform`. */
export interface LocalFolderOptions {
  /** All apps that run together, which are one here. */
  readonly file: LocalApp;
  /** Folder of all that is kept, made where it is missing. One process at a time uses it. */
  readonly folder: string;
  /** Contracts of their components. */
  readonly services: () => Promise<readonly Service[]>;
}

/** What apps find, and whether it outlives the process. */
export interface OpenedLocalPlatform extends LocalPlatform {
  /** Whether another process keeps what is in the folder: then all is forgotten at the end. */
  readonly isPassing: boolean;
}

/** Opens what apps find of a platform where there is none, over a folder in which their resources outlive the process that has it. Linux only. */
export async function openLocalPlatform({ file, folder, services }: LocalFolderOptions): Promise<OpenedLocalPlatform> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder, { purpose: "resources" }).catch((error: unknown) => {
    if (isOrreryError(error) && error.code === "failed_precondition") return undefined;
    throw error;
  });
  const options = { app: LOCAL_APP, file, services };
  if (lock === undefined) {
    const place = createPassingPlace();
    return { ...createLocalPlatform({ ...options, place: async ({ clock }) => place(clock) }), isPassing: true };
  }
  const files = await createFolderFiles(folder);
  const platform = createLocalPlatform({
    ...options,
    place: async ({ clock }) => ({
      files,
      blobs: createDirectoryBlobs({ folder, clock }),
      watches: createWatchStore(join(folder, "watches")),
      secrets: openKeyRing(join(folder, "secrets.key")),
    }),
  });
  return {
    ...platform,
    isPassing: false,
    [Symbol.asyncDispose]: async () => {
      await platform[Symbol.asyncDispose]();
      await files.close();
      lock[Symbol.dispose]();
    },
  };
}

/** What a world under one clock has in the place of a platform. */
export interface WorldPlatformOptions {
  readonly file: LocalApp;
  /** Files and folders of the components. */
  readonly paths: readonly string[];
  /** Folder from which paths are named. */
  readonly cwd: string;
}

/** Makes the components of `createLocalPlatform` for a world, where all is forgotten at the end. */
export function worldPlatform({ file, paths, cwd }: WorldPlatformOptions): readonly Component[] {
  const place = createPassingPlace();
  const services = async () => (await loadComponents(paths, { cwd })).map(({ component }) => component.service);
  return createLocalPlatform({ app: LOCAL_APP, file, services, place: async ({ clock }) => place(clock) }).components;
}

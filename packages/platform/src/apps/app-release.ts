import type { ResourceView } from "@orrery/registry";
import type { AppFile } from "./app-file.ts";

/** One state of an app that can run: code, and all that it is told. */
export interface AppRelease {
  /** Another one wherever anything is that the app's processes can tell. */
  readonly id: string;
  /** Address of the app; its calls go out in this name. */
  readonly app: string;
  /** Address of its file, with its version. */
  readonly source: string;
  /** Folder with the app's code. */
  readonly folder: string;
  /** Folder of all that came with it, in which that of its code is. Default: that of its code. */
  readonly whole?: string;
  readonly file: AppFile;
  /** Values of secrets by the variables that get them. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What an app is to be, as its resource says now. `looked` are the addresses that decided it: when one changes, it may be another. */
export type FoundRelease =
  | { readonly kind: "release"; readonly release: AppRelease; readonly looked: readonly string[] }
  /** It may come, when something that it needs is there. */
  | {
      readonly kind: "waits";
      readonly why: string;
      /** Addresses of what is not there, or not ready. */
      readonly waits: readonly string[];
      /** Whether it waits for the platform's own work on its code. */
      readonly isBuilding?: boolean;
      readonly looked: readonly string[];
    }
  /** It cannot run as it is said. */
  | {
      readonly kind: "refused";
      readonly why: string;
      /** What is wrong with its code, line by line. */
      readonly said?: readonly string[];
      readonly looked: readonly string[];
    };

/** Where releases come from. */
export interface AppReleases {
  /** Reads what an app is to be, in the name of its owner, and has its code ready. */
  find(app: ResourceView): Promise<FoundRelease>;
  /** Has no more use for what was made ready for an app, which is gone. */
  forget(app: string): void;
  /** Calls back with an app of which another answer is there than the last one. Default: it comes by itself. */
  onChange?(listener: (app: string) => void): void;
}

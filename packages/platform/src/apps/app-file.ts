import type { Route } from "../bind/bind.ts";

/** Name of the file that says what an app is. */
export const APP_FILE = "orrery.yaml";

/** What an app is, read from YAML by `parseAppFile`: which code belongs together, and how it meets what is around it. */
export interface AppFile {
  readonly components: readonly AppPart[];
  /** Addresses of resources that must be there, and ready, before it starts. */
  readonly requires: readonly string[];
  /** Variables of all its components. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of secrets by the variables that get their values. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What it answers to over HTTP. */
  readonly routes: readonly Route[];
}

/** One component of an app. */
export interface AppPart {
  /** The name of its service, or the last part of it. */
  readonly name: string;
  /** File or folder that holds it, from the folder of the app's file. */
  readonly path: string;
  /** Processes. Undefined is what its `component.yaml` or its code says. */
  readonly instances: number | undefined;
}

import type { PropertyValue } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import type { MechtronLimits } from "../cage/mechtron-limits.ts";
import type { ForeignPart } from "../foreign/foreign-part.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";

/** Name of the file that says what an app is. */
export const APP_FILE = "orrery.yaml";

/** What an app is, read from YAML by `parseAppFile`: which code belongs together, and how it meets what is around it. */
export interface AppFile {
  readonly components: readonly AppPart[];
  readonly mechtrons: readonly AppMechtron[];
  /** Resources that are made for it where they are not there. */
  readonly resources: readonly AppResource[];
  /** Addresses of resources that must be there, and ready, before it starts. */
  readonly requires: readonly string[];
  /** Variables of all its components. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of secrets by the variables that get their values. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What it answers to over HTTP. */
  readonly routes: readonly Route[];
  /** How its methods answer at paths of their own names, which no route has. Default: as a route that says nothing. */
  readonly calls?: Route;
}

/** One component of an app. */
export interface AppPart {
  /** The name of its service, or the last part of it. */
  readonly name: string;
  /** File or folder that holds it, from the folder of the app's file; of a foreign program, its contract. */
  readonly path: string;
  /** Processes, or the least and the most of them. Undefined is what its `component.yaml` or its code says. */
  readonly instances: number | Span | undefined;
  /** A program that knows nothing of Orrery. Default: it is code of Orrery's. */
  readonly foreign?: ForeignPart;
}

/** How many processes of a component there may be, by what waits for them. */
export interface Span {
  readonly min: number;
  readonly max: number;
  /** The wait above which there are too few, in ms. Default: that of `ElasticRules`. */
  readonly waitMs?: number;
}

/** One mechtron of an app. */
export interface AppMechtron {
  /** Its name below the app. */
  readonly name: string;
  /** The file of its code, from the folder of the app's file. */
  readonly path: string;
  /** What it answers in JSON, as a service of its name. */
  readonly methods: readonly string[];
  /** What it finds as its config. */
  readonly settings: Readonly<Record<string, string | number | boolean>> | undefined;
  /** What it may use, where it is not the default. */
  readonly limits: Pick<MechtronLimits, "memoryBytes" | "cpuMs">;
  /** What becomes of what it remembers; undefined where it forgets with each message. */
  readonly persist: PersistRule | undefined;
}

/** One resource that an app has made. */
export interface AppResource {
  readonly address: string;
  readonly kind: string;
  /** What it is made with. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
  /** What the app and its mechtrons may do with it, and with what lies in it, some of `csdrwx`. */
  readonly may: string;
}

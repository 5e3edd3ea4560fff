import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { SegmentForm } from "../address/segment.ts";

/** The type of a resource, as data. What a resource of the kind *does* is its driver's work, an ordinary component. */
export interface Kind {
  /** One word that starts with a capital, such as `FileSystem`. */
  readonly name: string;
  /** One line for help and errors. */
  readonly summary: string;
  /** Names of the kinds that it may lie in; `root` for those that lie in nothing. */
  readonly parents: readonly string[];
  /** What its own part of the address may be. */
  readonly segments: readonly (SegmentForm | PathForm)[];
  /** Its properties by name. Default: none. */
  readonly properties?: Readonly<Record<string, Property>>;
  /** Where its status may go. Default: `DEFAULT_LIFE`. */
  readonly life?: Life;
  /** The component that makes it what it shall be. Default: none; the resource is `Ready` when it is created. */
  readonly driver?: string;
  /** What happens to those in it when it is removed. Default: `refuse`. */
  readonly removal?: "refuse" | "cascade";
  /**
   * It is made whole by `apply`, with what lies in it, and its properties and state never change; where it lies in something sealed, it goes only
   * with that. Default: false.
   */
  readonly sealed?: boolean;
  /**
   * Parts that its driver, operators and services of the registry's own process set, and nobody else, whoever may write it. Default: all but
   * properties.
   * A state names bytes by their digest: who sets it lets everybody read them who may read the resource.
   */
  readonly reserved?: readonly ReservedPart[];
}

/** A part of a resource that is not for everybody to set who may write it. */
export type ReservedPart = "state" | "status" | "finalizers" | "properties";

/** What kinds reserve that say nothing else. */
export const RESERVED_PARTS: readonly ReservedPart[] = ["state", "status", "finalizers"];

/** Parts of a path: a file, or a directory, which ends in `/`. */
export type PathForm = "file" | "directory";

/** One property of a kind. */
export interface Property {
  /** One line for help and errors. */
  readonly summary: string;
  /** What its value may be: a JSON Schema of draft 2020-12, or a Standard Schema that answers at once. */
  readonly schema: PropertySchema;
  /** It must be there from the creation on. Default: false. */
  readonly required?: boolean;
  /** It is set when the resource is created, and never again. Default: false. */
  readonly constant?: boolean;
  /** Only those who may write the parent may set it. Default: false. */
  readonly locked?: boolean;
  /** It is kept encrypted, and shown to nobody; its driver reads it. Default: false. */
  readonly secret?: boolean;
  /** Its value is the last part of the address of something that lies beside the resource, and must be there. Default: it is not. */
  readonly refers?: "sibling";
  /** So many of its values are kept, with who set them and when; the newest is the one that counts. Default: none. */
  readonly remembered?: number;
  /** What it is where nobody sets it. */
  readonly default?: PropertyValue;
}

/** A JSON Schema, or any Standard Schema (zod, valibot, …). */
export type PropertySchema = { readonly [keyword: string]: unknown } | StandardSchemaV1;

/** Plain JSON. */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | readonly PropertyValue[]
  | { readonly [key: string]: PropertyValue };

/** Where a status may go. Every kind has `Creating`, `Ready`, `Destroying` and `Destroyed`. */
export type Life = Readonly<Record<string, readonly string[]>>;

/** The life of a resource whose kind says nothing else. */
export const DEFAULT_LIFE: Life = {
  Unknown: ["Creating", "Ready", "Paused", "Panic", "Unreachable", "Destroying"],
  Creating: ["Ready", "Paused", "Panic", "Unknown", "Destroying"],
  Ready: ["Creating", "Paused", "Panic", "Unreachable", "Unknown", "Destroying"],
  Paused: ["Creating", "Ready", "Panic", "Unreachable", "Unknown", "Destroying"],
  Panic: ["Creating", "Ready", "Paused", "Unknown", "Destroying"],
  Unreachable: ["Ready", "Panic", "Unknown", "Destroying"],
  Destroying: ["Panic", "Destroyed"],
  Destroyed: [],
};

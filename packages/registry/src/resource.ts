import type { PropertyValue } from "./kinds/kind.ts";
import type { Properties } from "./kinds/property-rules.ts";

/** A thing with a name, as the registry keeps it. */
export interface Resource {
  /** As `printAddress` writes it. */
  readonly address: string;
  readonly kind: string;
  readonly properties: Properties;
  /** Names of properties that only those who may write the parent may change. */
  readonly fixed: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The address of the agent that owns it. */
  readonly owner: string;
  readonly status: Status;
  /** Content by aspect. A file has `content`. */
  readonly state: Readonly<Record<string, BlobRef>>;
  /** Names of those who must do something before it can go; while there is one, its removal waits in status `Destroying`. */
  readonly finalizers: readonly string[];
  readonly lock?: Lock;
  /** What properties of which that is remembered were, the oldest first, up to what they are. */
  readonly past?: Readonly<Record<string, readonly PastValue[]>>;
  /** Values of secret properties, encrypted. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Revision of the registry at which it was created, and last changed. */
  readonly created: number;
  readonly revision: number;
}

/** How a resource is, and why. */
export interface Status {
  /** One of the states of its kind's life, such as `Ready`. */
  readonly state: string;
  /** For people; what led to it, such as the text of a trap. */
  readonly reason?: string;
  readonly details?: Readonly<Record<string, PropertyValue>>;
}

/** A value that a property had from a revision on. */
export interface PastValue {
  readonly value: PropertyValue;
  readonly revision: number;
  /** In ms since 1970, by the registry's clock. */
  readonly at: number;
  /** Who set it. */
  readonly agent: string;
}

/** Bytes that are kept elsewhere, by what they are. */
export interface BlobRef {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly bytes: number;
}

/** A lease on a resource: until it ends, only those who have its token may change the resource. */
export interface Lock {
  /** The agent that took it. */
  readonly holder: string;
  /** Rises with each lock of the registry, so that a later holder has the greater one. */
  readonly fence: number;
  /** When it ends, in ms since 1970 by the registry's clock. */
  readonly until: number;
  /** What makes the token hard to guess. */
  readonly key: string;
}

/** What of a resource a change touched. */
export type ChangePart =
  | "added"
  | "properties"
  | "labels"
  | "owner"
  | "status"
  | "state"
  | "lock"
  | "finalizers"
  | "removed";

/** One step of the registry: exactly one revision, one resource. */
export interface Change {
  readonly revision: number;
  /** In ms since 1970, by the registry's clock. */
  readonly at: number;
  readonly agent: string;
  readonly parts: readonly ChangePart[];
  /** How the resource is after it; how it was last, where it is gone. Without the values of secrets. */
  readonly resource: Resource;
  /** Which transaction made it; several changes may be of one. */
  readonly batch: string;
  /** Bytes of content that came or went with it, by whose they are. Absent where none did. */
  readonly grown?: readonly Grown[];
  /** Of what was removed: who could read it by what may be gone as well. */
  readonly witnesses?: Witnesses;
}

/** Bytes of content that came (or went, where there are fewer than none) with a change, of what somebody owns. */
export interface Grown {
  readonly owner: string;
  readonly bytes: number;
}

/** Who could read a resource that was removed, beside its owner and those whom grants let that are left. */
export interface Witnesses {
  /** Owners of what it lay in, where they are others. */
  readonly owners: readonly string[];
  /** The first and the last revision of the write that removed it, where grants or roles went with it. */
  readonly span?: readonly [first: number, last: number];
}

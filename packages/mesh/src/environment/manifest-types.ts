/** What a variable is. */
export type VariableType = "string" | "integer" | "number" | "boolean" | "url" | "duration" | "one-of";

/** Value of a variable as code gets it: a duration is a number of ms. */
export type VariableValue = string | number | boolean;

/** A variable that a component takes. */
export interface VariableSpec {
  readonly name: string;
  readonly type: VariableType;
  /** What it is for; may be empty. */
  readonly about: string;
  readonly isRequired: boolean;
  readonly default: VariableValue | undefined;
  readonly isSecret: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Words of which it is one. */
  readonly values: readonly string[];
  /** A variable of the machine, or a file from the component's folder. */
  readonly from: { readonly kind: "env" | "file"; readonly name: string };
}

/** A file or folder that must be there. */
export interface FileSpec {
  /** From the component's folder. */
  readonly path: string;
  readonly is: "file" | "folder";
  readonly access: "read" | "write";
}

/** A TCP port that must be free. */
export interface PortSpec {
  readonly name: string;
  readonly port: number;
  readonly host: string;
}

/** A place that is needed. */
export interface ReachSpec {
  /** `http:`, `https:` or `tcp:`. */
  readonly to: string;
  /** Whether it must be reachable to start; else only to be ready. */
  readonly isRequired: boolean;
  readonly timeoutMs: number;
}

/** A command that is run in the component's folder. */
export interface CommandSpec {
  readonly name: string;
  /** Program and arguments; the program `node` is the Node that runs us. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
}

/** What a component's folder says it needs, complete. Undefined is what it does not say. */
export interface ComponentManifest {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly main: string | undefined;
  /** Range of versions of Node. */
  readonly engine: string | undefined;
  readonly variables: readonly VariableSpec[];
  readonly files: readonly FileSpec[];
  readonly ports: readonly PortSpec[];
  /** Free bytes. */
  readonly diskBytes: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly reach: readonly ReachSpec[];
  readonly checks: readonly CommandSpec[];
  readonly beforeStart: readonly CommandSpec[];
  readonly afterShutdown: readonly CommandSpec[];
  /** Whether the packages of its `package.json` must be installed. */
  readonly packages: boolean;
  readonly instances: number | undefined;
  /** Memory that one process may hold. */
  readonly memoryBytesMax: number | undefined;
  readonly limits: ManifestLimits;
}

/** How much a component takes on. */
export interface ManifestLimits {
  readonly inboxMessagesMax: number | undefined;
  readonly inboxBytesMax: number | undefined;
  readonly instancesMin: number | undefined;
  readonly instancesMax: number | undefined;
}

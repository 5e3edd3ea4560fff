import type { DirectoryTable } from "./live-directory.ts";

/** A component that a process found in the files it was given. */
export interface FoundComponent {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Copies that it asks for. */
  readonly instances: number;
}

/** How log lines are written. */
export type LogForm = "json" | "text";

/** What a process serves, and as whom. */
export interface ServeOrder {
  readonly kind: "serve";
  readonly component: string;
  /** Name of the node. */
  readonly node: string;
  /** Address to open. */
  readonly listen: string;
  readonly agent: string;
  readonly log: LogForm;
  /** File to record packets in, with the node and the process behind its name; empty for none. */
  readonly capture: string;
  /** Folder for messages that are kept; empty for none. */
  readonly journal: string;
}

/** From parent to process, in this order; `directory` and `ping` again and again. */
export type ToProcess =
  | { readonly kind: "load"; readonly paths: readonly string[]; readonly cwd: string }
  | ServeOrder
  | { readonly kind: "start"; readonly table: DirectoryTable }
  | { readonly kind: "directory"; readonly table: DirectoryTable }
  | { readonly kind: "ping" }
  | { readonly kind: "stop"; readonly timeoutMs: number };

/** From process to parent, in this order, `pong` for each `ping`; `failed` in place of any, and then it ends. */
export type FromProcess =
  | { readonly kind: "loaded"; readonly components: readonly FoundComponent[] }
  | { readonly kind: "bound"; readonly address: string }
  | { readonly kind: "ready" }
  | { readonly kind: "pong" }
  | { readonly kind: "failed"; readonly code: string; readonly text: string; readonly retry: boolean };

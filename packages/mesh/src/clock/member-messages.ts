import type { Grant } from "@orrery/sim/internal";
import type { LogForm } from "../process-messages.ts";
import type { WorldSource } from "./world-source.ts";

/** What a member is to be. */
export interface JoinOrder {
  readonly index: number;
  /** Addresses of all members, by number. */
  readonly addresses: readonly string[];
  readonly source: WorldSource;
  /** Seed of the world; absent for the source's own. */
  readonly seed?: number;
  /** Members of nodes by name. */
  readonly place: Readonly<Record<string, number>>;
  /** How log lines are written; absent for not at all. */
  readonly log?: LogForm;
}

/** What a member may be asked. */
export type Question =
  | { readonly what: "grant"; readonly grant: Grant }
  | { readonly what: "plan"; readonly line: string; readonly atTick: number }
  | { readonly what: "attach"; readonly timeMs: number; readonly atTick: number }
  | { readonly what: "progress" }
  | { readonly what: "result" };

/** From parent to member: `open` and `join` first, in this order. */
export type ToMember =
  | { readonly kind: "open"; readonly index: number; readonly listen: string; readonly token: string }
  | ({ readonly kind: "join" } & JoinOrder)
  | ({ readonly kind: "ask"; readonly id: number } & Question)
  | { readonly kind: "halt" }
  | { readonly kind: "abandon" }
  | { readonly kind: "stop" };

/** From member to parent; `failed` in place of any, and then it ends. */
export type FromMember =
  | { readonly kind: "opened"; readonly address: string }
  | {
      readonly kind: "joined";
      readonly nodes: readonly string[];
      readonly lookahead: number;
      readonly isDebugged: boolean;
    }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown; readonly isDebugged: boolean }
  | { readonly kind: "refused"; readonly id: number; readonly code: string; readonly text: string }
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

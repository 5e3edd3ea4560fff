import type { Clock, JsonValue, Random } from "@orrery/core";
import type { ProcessControl } from "./process-control.ts";
import type { ExitNote, ExitReason } from "./restart-policy.ts";
import type { SuperviseEventKind } from "./seat.ts";
import type { SuperviseSpec } from "./spec.ts";
import type { StateStore } from "./state-store.ts";

/** Something that happened to a child. */
export interface SuperviseEvent {
  /** Wall time, in ms since 1970. */
  readonly atMs: number;
  readonly kind: SuperviseEventKind;
  readonly group: string;
  readonly child: string;
  /** Process id; 0 for none. */
  readonly pid: number;
  /** Why, where something ends or ails. */
  readonly reason?: ExitReason;
  /** For people. */
  readonly text: string;
}

/** How a child stands. */
export interface ChildStatus {
  readonly name: string;
  readonly group: string;
  /** `finished` ended by itself and is not started again; `unknown` is left alone, for nobody can tell whether it runs. */
  readonly state:
    | "down"
    | "waiting"
    | "unknown"
    | "checking"
    | "preparing"
    | "starting"
    | "ready"
    | "stopping"
    | "cleaning"
    | "finished"
    | "given-up";
  readonly pid: number;
  /** Where it takes work; empty when it takes none. */
  readonly address: string;
  readonly restarts: number;
  /** Last exits, the latest last; at most 8. */
  readonly exits: readonly ExitNote[];
  /** Why it was given up; empty otherwise. */
  readonly cause: string;
  /** What its process last reported of itself. Default: nothing. */
  readonly report?: JsonValue;
}

/** Options of a supervisor. */
export interface SupervisorOptions {
  readonly control: ProcessControl;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of everything, in its order. Default: nobody. */
  readonly onEvent?: (event: SuperviseEvent) => void;
  /** Told what a child that takes work tells of itself, unasked. Default: nobody. */
  readonly onTold?: (child: string, news: JsonValue) => void;
  /**
   * Told where children take work whenever that changes; one that is to drain is gone from it before it is asked to. Default: nobody.
   */
  readonly onRoutes?: (routes: ReadonlyMap<string, string>) => void;
}

/** Keeps children up as it is told. */
export interface Supervisor {
  /**
   * Says what is to run from now on; what is not named ends, what changed is replaced, all else stays as it is. The same twice changes nothing.
   * Gives the names of the children that are new, changed, or removed.
   * @throws OrreryError `invalid_argument` or `resource_exhausted`; nothing is changed then.
   */
  apply(spec: SuperviseSpec): readonly string[];
  /** What is to run. */
  readonly spec: SuperviseSpec;
  status(): readonly ChildStatus[];
  /** Tries again what was given up or has finished. @throws OrreryError `not_found`. */
  retry(child: string): void;
  /** Ends every child in order, each with what it accepted, and remembers what was to run. Done when all are gone. */
  stop(): Promise<void>;
  /** Ends every child at once. Done when all are gone. */
  kill(): Promise<void>;
  /** Lets go of all children: they run on, and the next supervisor finds them. */
  release(): void;
}

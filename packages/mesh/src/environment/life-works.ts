import type { JsonValue } from "@orrery/core";
import type { ProcessRecord } from "../supervise/process-control.ts";
import type { ComponentFolder, EnvironmentReport } from "./check-environment.ts";
import type { LifeStep } from "./life-record.ts";
import type { EnvironmentProblem } from "./problem.ts";

/** A command of a life that runs. */
export interface RunningStep {
  /** What went wrong, in a line; empty when nothing did. */
  readonly end: Promise<string>;
  /** Ends it at once. */
  kill(): void;
}

/** The life of a program. */
export interface ProgramLife {
  readonly id: string;
  readonly program: JsonValue;
}

/** What the lives of supervised processes ask of the machine. The real one is `createLifeWorks`. */
export interface LifeWorks {
  /** Whether a manifest speaks for a program. */
  has(program: JsonValue): boolean;
  /** Manifests that speak for a program. @throws OrreryError when one cannot be read. */
  read(program: JsonValue): Promise<readonly ComponentFolder[]>;
  /** Looks at what a folder needs, by the variables that the program will have. */
  check(folder: ComponentFolder, program: JsonValue): Promise<EnvironmentReport>;
  /** Places of the folders that do not answer, of those for which readiness waits. */
  unreachable(folders: readonly ComponentFolder[], program: JsonValue): Promise<readonly EnvironmentProblem[]>;
  /** Waits until they answer, or somebody gives up. */
  reached(
    folders: readonly ComponentFolder[],
    until: { readonly program: JsonValue; readonly signal: AbortSignal },
  ): Promise<void>;
  /**
   * Runs a command, with the variables of the program that the life is of, unless it has begun before in this life; then it waits for its end,
   * as long as it may take.
   */
  run(life: ProgramLife, step: LifeStep): RunningStep;
  /** Whether a command has begun in a life. */
  hasBegun(life: string, step: LifeStep): boolean;
  /** Forgets what has begun in a life that is on no record any more. */
  forget(life: string): void;
  /** A name for a life. */
  newLife(): string;
  /** Tells a line about a process to people. */
  tell(process: Pick<ProcessRecord, "child" | "program">, text: string): void;
}

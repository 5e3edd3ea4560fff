import type { ComponentFolder } from "./check-environment.ts";
import type { CommandSpec, VariableSpec } from "./manifest-types.ts";

/** What outlives a supervisor of the life of a process: what to run when it is over. It holds no value of a variable. */
export interface LifeRecord {
  /** Unique among all lives; in the environment of its commands. */
  readonly id: string;
  /** Nothing is owed while it is `checking`; afterwards, what comes after the end. */
  readonly stage: "checking" | "preparing" | "running";
  readonly folders: readonly LifeFolder[];
}

/** What must be known of one folder. */
export interface LifeFolder {
  readonly folder: string;
  readonly variables: readonly VariableSpec[];
  readonly beforeStart: readonly CommandSpec[];
  readonly afterShutdown: readonly CommandSpec[];
}

/** One command of a life. */
export interface LifeStep {
  /** Unique within its life, such as `before.0`. */
  readonly name: string;
  readonly folder: LifeFolder;
  readonly command: CommandSpec;
}

/** What a life keeps of a folder. */
export function lifeFolder({ folder, manifest }: ComponentFolder): LifeFolder {
  const { variables, beforeStart, afterShutdown } = manifest;
  return { folder, variables, beforeStart, afterShutdown };
}

/** Commands before the start, in their order. */
export function stepsBefore(folders: readonly LifeFolder[]): readonly LifeStep[] {
  return stepsOf(folders, "before", ({ beforeStart }) => beforeStart);
}

/** Commands after the end, in their order: folders the other way round. */
export function stepsAfter(folders: readonly LifeFolder[]): readonly LifeStep[] {
  return stepsOf(folders.toReversed(), "after", ({ afterShutdown }) => afterShutdown);
}

function stepsOf(
  folders: readonly LifeFolder[],
  when: string,
  commandsOf: (folder: LifeFolder) => readonly CommandSpec[],
): readonly LifeStep[] {
  const steps = folders.flatMap((folder) => commandsOf(folder).map((command) => ({ folder, command })));
  return steps.map((step, index) => ({ ...step, name: `${when}.${index}` }));
}

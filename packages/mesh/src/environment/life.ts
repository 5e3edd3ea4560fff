import { type ComponentFolder, checkEnvironment, type EnvironmentReport } from "./check-environment.ts";
import type { CommandEnd, Machine } from "./machine.ts";
import type { CommandSpec } from "./manifest-types.ts";
import { printProblem } from "./problem.ts";
import { createRedactor } from "./redact.ts";
import { resolveVariables } from "./resolve-variables.ts";

/** Where the life of what runs in a folder stands, before it starts and after it has ended. */
export type LifeStage = "checking" | "preparing" | "cleaning";

/** Something that a life tells. */
export interface LifeEvent {
  /** Absolute path. */
  readonly folder: string;
  /** A stage begins, a command printed a line, or something should be mended that does not keep it from starting. */
  readonly kind: "stage" | "line" | "warning";
  readonly stage: LifeStage;
  /** For people. */
  readonly text: string;
}

/** Told of each event. */
export type LifeListener = (event: LifeEvent) => void;

/**
 * What is done before and after something runs in a component's folder. I1: when the first command of `beforeStart` began, those of
 * `afterShutdown` run, once. I2: nothing here rejects.
 */
export interface Life {
  /** Most memory that one process of it may hold, in bytes. Default: nothing is said. */
  readonly memoryBytesMax?: number | undefined;
  /** Checks, unless it was just checked, and prepares. Gives what keeps it from starting, a line each; empty when it may start. */
  begin(): Promise<string>;
  /** Cleans up, when there is something to clean up. */
  end(): Promise<void>;
}

/** What a life is made of. */
export interface LifeOptions extends ComponentFolder {
  readonly machine: Machine;
  /** Default: nobody. */
  readonly tell?: LifeListener | undefined;
  /** What was found just before, so that the first begin need not look again. */
  readonly report?: EnvironmentReport;
}

/** Makes the life of one run of what is in a folder; after its end it may begin again. */
export function createLife(options: LifeOptions): Life {
  const { folder, manifest, machine } = options;
  const tell = (kind: LifeEvent["kind"], stage: LifeStage, text: string) =>
    options.tell?.({ folder, kind, stage, text });
  let known = options.report;
  let hasBegun = false;
  const run = async (commands: readonly CommandSpec[], stage: LifeStage, { mustSucceed }: { mustSucceed: boolean }) => {
    if (commands.length > 0) tell("stage", stage, commands.map(({ name }) => name).join(", "));
    const { texts, secrets } = await resolveVariables(manifest.variables, folder, machine);
    const redact = createRedactor(secrets);
    for (const { name, words, timeoutMs } of commands) {
      const end = await machine.run({ words, cwd: folder, variables: texts, timeoutMs });
      for (const line of end.lines) tell("line", stage, redact(`${name}: ${line}`));
      const trouble = troubleOf(name, end);
      if (trouble !== "" && mustSucceed) return redact(trouble);
      if (trouble !== "") tell("warning", stage, redact(trouble));
    }
    return "";
  };
  return {
    memoryBytesMax: manifest.memoryBytesMax,
    begin: async () => {
      if (known === undefined) tell("stage", "checking", "");
      const { problems, warnings } = known ?? (await checkEnvironment(options, machine));
      known = undefined;
      for (const warning of warnings) tell("warning", "checking", printProblem(warning));
      if (problems.length > 0) return problems.map(printProblem).join("\n");
      hasBegun = true; // I1
      return await run(manifest.beforeStart, "preparing", { mustSucceed: true }).catch(String);
    },
    end: async () => {
      if (!hasBegun) return;
      hasBegun = false;
      await run(manifest.afterShutdown, "cleaning", { mustSucceed: false }).catch(() => undefined); // I2
    },
  };
}

/** What went wrong with a command, in a line; empty when nothing did. */
export function troubleOf(name: string, { trouble, lines }: CommandEnd): string {
  if (trouble === "") return "";
  const reason = lines.findLast((line) => line.trim() !== "")?.trim() ?? "";
  return `command "${name}" failed, ${trouble}${reason === "" ? "" : `: ${reason}`}`;
}

import { relative } from "node:path";
import { OrreryError } from "@orrery/core";
import type { ComponentFolder, EnvironmentReport } from "./check-environment.ts";
import type { LifeListener } from "./life.ts";
import type { Machine } from "./machine.ts";
import { printProblem } from "./problem.ts";
import { readManifest } from "./read-manifest.ts";

/** What was found of the environment of one folder. */
export interface CheckedFolder extends ComponentFolder {
  readonly report: EnvironmentReport;
  /** What was looked at. */
  readonly machine: Machine;
}

/** Where paths are named from, and what is looked at. */
export interface CheckPathsOptions {
  readonly cwd: string;
  /** Default: this machine. */
  readonly machine?: Machine;
  /** Told when the checks of a folder begin. Default: nobody. */
  readonly onLife?: LifeListener | undefined;
}

/**
 * Checks the environments of all folders that paths lead to, each once; those without a manifest need nothing.
 * @throws OrreryError `invalid_argument` when a manifest cannot be read
 */
export async function checkPaths(
  paths: readonly string[],
  { cwd, machine, onLife }: CheckPathsOptions,
): Promise<readonly CheckedFolder[]> {
  const folders = new Map<string, ComponentFolder>();
  for (const path of paths) {
    const found = await readManifest(path, cwd);
    if (found !== undefined) folders.set(found.folder, found);
  }
  if (folders.size === 0) return [];
  const [{ checkEnvironment }, looked] = await Promise.all([
    import("./check-environment.ts"),
    machine ?? import("./system-machine.ts").then(({ createSystemMachine }) => createSystemMachine()),
  ]);
  return await Promise.all(
    [...folders.values()].map(async (found) => {
      onLife?.({ folder: found.folder, kind: "stage", stage: "checking", text: "" });
      return { ...found, machine: looked, report: await checkEnvironment(found, looked) };
    }),
  );
}

/** Refuses when something is missing in any of the folders, and says all that is, a line each. */
export function assertEnvironments(checked: readonly CheckedFolder[], cwd: string): void {
  const lines = checked.flatMap(({ folder, report }) =>
    report.problems.map((problem) => `${relative(cwd, folder) || "."}: ${printProblem(problem)}`),
  );
  if (lines.length === 0) return;
  const text = [
    `Cannot start: ${lines.length === 1 ? "1 thing is" : `${lines.length} things are`} missing`,
    ...lines,
  ].join("\n  ");
  throw new OrreryError("failed_precondition", text, { details: { missing: lines } });
}

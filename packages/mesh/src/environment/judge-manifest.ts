import semver from "semver";
import { completeVariable, type SaidCommand, type SaidManifest, type SaidVariable } from "./complete-manifest.ts";
import { readValue } from "./variable-value.ts";

/** A mistake in what a manifest says, by the names that lead there. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** Finds what does not fit together in a manifest whose parts are each of their right form. */
export function judgeManifest(said: SaidManifest): readonly Misfit[] {
  const { engine, variables = {}, checks = [], commands = {}, limits = {} } = said;
  return [
    ...(engine === undefined || semver.validRange(engine) !== null
      ? []
      : [{ path: ["engine"], text: `"engine" is ${JSON.stringify(engine)}: write a range of versions such as >=24` }]),
    ...Object.entries(variables).flatMap(([name, of]) => (typeof of === "string" ? [] : judgeVariable(name, of))),
    ...judgeCommands(checks, ["checks"]),
    ...judgeCommands(commands.beforeStart ?? [], ["commands", "beforeStart"]),
    ...judgeCommands(commands.afterShutdown ?? [], ["commands", "afterShutdown"]),
    ...judgeInstances(limits.instances ?? {}, said.instances),
  ];
}

function judgeVariable(name: string, said: SaidVariable): readonly Misfit[] {
  const spec = completeVariable(name, said);
  const path = ["variables", name];
  const misfits: Misfit[] = [];
  const tell = (field: string, text: string) =>
    misfits.push({ path: [...path, field], text: `"${path.join(".")}.${field}" ${text}` });
  const isNumeric = spec.type === "integer" || spec.type === "number";
  for (const bound of ["min", "max"] as const)
    if (said[bound] !== undefined && !isNumeric) tell(bound, `is for numbers: leave it out, or write type: integer`);
  if (said.values !== undefined && spec.type !== "one-of") tell("values", "is for a choice: write type: one-of");
  if (said.values === undefined && spec.type === "one-of")
    misfits.push({ path, text: `"${path.join(".")}.values" is missing: write the words of which it is one` });
  if (said.from !== undefined && Object.keys(said.from).length !== 1) tell("from", "names no place: write file or env");
  if (said.default === undefined) return misfits;
  if (spec.isSecret) tell("default", "is a secret that everybody can read: write from: { file: … }");
  else {
    const read = readValue(String(said.default), spec);
    if (read.kind === "misfits") tell("default", `is ${JSON.stringify(said.default)}: write ${read.wanted}`);
  }
  return misfits;
}

function judgeCommands(commands: readonly SaidCommand[], path: readonly string[]): readonly Misfit[] {
  return commands.flatMap((said, index) => {
    if (typeof said === "string" || (said.script === undefined) !== (said.run === undefined)) return [];
    const name = `${path.join(".")}[${index}]`;
    return [{ path: [...path, index], text: `"${name}" names no command: write script or run, one of them` }];
  });
}

function judgeInstances(
  { min = 1, max = 1024 }: { min?: number; max?: number },
  said: number | undefined,
): readonly Misfit[] {
  const path = ["limits", "instances"];
  if (min > max) return [{ path, text: `"limits.instances" has min ${min} above max ${max}: write a lower min` }];
  if (said === undefined || (said >= min && said <= max)) return [];
  return [
    {
      path: ["instances"],
      text: `"instances" is ${said}: write a number from ${min} to ${max}, as limits.instances says`,
    },
  ];
}

import { resolve } from "node:path";
import semver from "semver";
import { checkPackages } from "./check-packages.ts";
import type { Machine } from "./machine.ts";
import type { CommandSpec, ComponentManifest, FileSpec, PortSpec, ReachSpec } from "./manifest-types.ts";
import type { EnvironmentProblem } from "./problem.ts";
import { createRedactor } from "./redact.ts";
import { type ResolvedVariables, resolveVariables } from "./resolve-variables.ts";
import { printSize } from "./units.ts";

/** A component's folder and what its manifest says. */
export interface ComponentFolder {
  /** Absolute path. */
  readonly folder: string;
  readonly manifest: ComponentManifest;
}

/** What a machine has and lacks of what a component needs. */
export interface EnvironmentReport {
  /** What must be mended before it starts: engine, packages, variables, files, ports, disk, memory, places, checks, each as they are written. */
  readonly problems: readonly EnvironmentProblem[];
  /** What must be mended before it is ready. */
  readonly warnings: readonly EnvironmentProblem[];
  readonly variables: ResolvedVariables;
}

/** Looks at all that a component needs, and tells all that is missing at once. Starts nothing but its checks. */
export async function checkEnvironment(
  { folder, manifest }: ComponentFolder,
  machine: Machine,
): Promise<EnvironmentReport> {
  const variables = await resolveVariables(manifest.variables, folder, machine);
  const [packages, files, ports, free, reach, checks] = await Promise.all([
    manifest.packages ? checkPackages(folder, machine) : undefined,
    all(manifest.files, (file) => checkFile(file, folder, machine)),
    all(manifest.ports, (port) => checkPort(port, machine)),
    checkFree(manifest, folder, machine),
    Promise.all(manifest.reach.map((place) => checkReach(place, machine))),
    all(manifest.checks, (check) => runCheck(check, folder, { machine, variables })),
  ]);
  const hard = reach.flatMap((problem, index) => (manifest.reach[index]?.isRequired ? (problem ?? []) : []));
  const soft = reach.flatMap((problem, index) => (manifest.reach[index]?.isRequired ? [] : (problem ?? [])));
  return {
    problems: [
      ...checkEngine(manifest, machine),
      ...(packages ?? []),
      ...variables.problems,
      ...files,
      ...ports,
      ...free,
      ...hard,
      ...checks,
    ],
    warnings: soft,
    variables,
  };
}

/** Looks at the places for which readiness waits. */
export async function checkReachable(
  { manifest }: ComponentFolder,
  machine: Machine,
): Promise<readonly EnvironmentProblem[]> {
  return await all(manifest.reach, (place) => (place.isRequired ? undefined : checkReach(place, machine)));
}

type Checked = EnvironmentProblem | undefined;

async function all<T>(
  items: readonly T[],
  check: (item: T) => Promise<Checked> | undefined,
): Promise<EnvironmentProblem[]> {
  return (await Promise.all(items.map(check))).filter((problem) => problem !== undefined);
}

function checkEngine({ engine }: ComponentManifest, { node }: Machine): readonly EnvironmentProblem[] {
  if (engine === undefined || semver.satisfies(node, engine, { includePrerelease: true })) return [];
  return [
    { kind: "engine", what: `node ${node}`, why: `does not fit ${engine}`, fix: `run it with a Node of ${engine}` },
  ];
}

async function checkFile({ path, is, access }: FileSpec, folder: string, machine: Machine): Promise<Checked> {
  const whole = resolve(folder, path);
  const problem = (why: string, fix: string): Checked => ({ kind: "file", what: `"${whole}"`, why, fix });
  const facts = await machine.look(whole);
  if (facts === undefined)
    return problem("is missing", is === "folder" ? `make it: mkdir -p "${whole}"` : "put it there");
  if (facts.is !== is) return problem(`is no ${is}`, `put a ${is} there, or change "is"`);
  const isAllowed = access === "write" ? facts.isWritable && facts.isReadable : facts.isReadable;
  const letters = access === "write" ? "rw" : "r";
  return isAllowed
    ? undefined
    : problem(
        `cannot be ${access === "write" ? "written" : "read"}`,
        `allow it: chmod u+${letters}${is === "folder" ? "x" : ""} "${whole}"`,
      );
}

async function checkPort({ name, host, port }: PortSpec, machine: Machine): Promise<Checked> {
  const why = await machine.listen(host, port);
  return why === ""
    ? undefined
    : { kind: "port", what: String(port), why, fix: `end that, or set another as ports.${name}` };
}

async function checkFree(
  { diskBytes, memoryBytes }: ComponentManifest,
  folder: string,
  machine: Machine,
): Promise<readonly EnvironmentProblem[]> {
  const look = async (what: "disk" | "memory", least: number | undefined): Promise<Checked> => {
    if (least === undefined) return undefined;
    const free = await machine.free(what, folder);
    if (free >= least) return undefined;
    const fix = what === "disk" ? `make room where "${folder}" is` : "end something, or use a bigger machine";
    return { kind: what, what: `of ${printSize(least)}`, why: `is not free, only ${printSize(free)}`, fix };
  };
  return (await Promise.all([look("disk", diskBytes), look("memory", memoryBytes)])).filter((one) => one !== undefined);
}

async function checkReach({ to, timeoutMs, isRequired }: ReachSpec, machine: Machine): Promise<Checked> {
  const why = await machine.reach(to, timeoutMs);
  if (why === "") return undefined;
  const fix = isRequired ? "start it, or mend the address under reach" : "start it; until then this is not ready";
  return { kind: "reach", what: to, why, fix };
}

async function runCheck(
  { name, words, timeoutMs }: CommandSpec,
  folder: string,
  { machine, variables }: { machine: Machine; variables: ResolvedVariables },
): Promise<Checked> {
  const end = await machine.run({ words, cwd: folder, variables: variables.texts, timeoutMs });
  if (end.trouble === "") return undefined;
  const redact = createRedactor(variables.secrets);
  const reason = redact(end.lines.findLast((line) => line.trim() !== "") ?? "").trim();
  return {
    kind: "check",
    what: `"${name}"`,
    why: `failed, ${end.trouble}`,
    fix: reason === "" ? `run it by hand in "${folder}"` : reason,
  };
}

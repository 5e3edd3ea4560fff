import { dirname, join } from "node:path";
import semver from "semver";
import { PACKAGE_BYTES_MAX, PACKAGES_TOLD_MAX } from "./limits.ts";
import type { Machine } from "./machine.ts";
import type { EnvironmentProblem } from "./problem.ts";

/** Says which packages that a folder's `package.json` names are not installed, in one line; nothing where there is no such file. */
export async function checkPackages(folder: string, machine: Machine): Promise<readonly EnvironmentProblem[]> {
  const file = join(folder, "package.json");
  if ((await machine.look(file)) === undefined) return [];
  const problem = (what: string, why: string, fix: string): readonly EnvironmentProblem[] => [
    { kind: "packages", what, why, fix },
  ];
  const manifest = await readPackage(file, machine);
  if (manifest === undefined) return problem(`of "${file}"`, "cannot be told", "write it as JSON with an object");
  const wanted = Object.entries(manifest.dependencies ?? {});
  const lacking = (await Promise.all(wanted.map(([name, range]) => lackOf({ name, range }, folder, machine)))).filter(
    (lack) => lack !== "",
  );
  if (lacking.length === 0) return [];
  const more = lacking.length > PACKAGES_TOLD_MAX ? [`and ${lacking.length - PACKAGES_TOLD_MAX} more`] : [];
  const how = (await machine.look(join(folder, "package-lock.json"))) === undefined ? "npm install" : "npm ci";
  const told = [...lacking.slice(0, PACKAGES_TOLD_MAX), ...more].join(", ");
  return problem(told, lacking.length === 1 ? "is not installed" : "are not installed", `run ${how} in "${folder}"`);
}

interface PackageFacts {
  readonly version?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

/** Finds a package as Node does, in the folder and those around it; gives what is lacking, or nothing. */
async function lackOf(
  { name, range }: { name: string; range: unknown },
  folder: string,
  machine: Machine,
): Promise<string> {
  const said = `${name}@${String(range)}`;
  for (const place of placesAround(folder)) {
    const file = join(place, "node_modules", name, "package.json");
    if ((await machine.look(file)) === undefined) continue;
    const { version } = (await readPackage(file, machine)) ?? {};
    // What is no range of versions is a place to fetch it from: then it is enough that it is there.
    if (semver.validRange(String(range)) === null) return "";
    if (typeof version !== "string") return said;
    return semver.satisfies(version, String(range), { includePrerelease: true }) ? "" : `${said} (there is ${version})`;
  }
  return said;
}

function placesAround(folder: string): readonly string[] {
  const places = [folder];
  for (let place = dirname(folder); place !== places.at(-1); place = dirname(place)) places.push(place);
  return places;
}

async function readPackage(file: string, machine: Machine): Promise<PackageFacts | undefined> {
  try {
    const facts: unknown = JSON.parse(await machine.read(file, PACKAGE_BYTES_MAX));
    return typeof facts === "object" && facts !== null ? facts : undefined;
  } catch {
    return undefined;
  }
}

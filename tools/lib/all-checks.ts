import { checkApi } from "../checks/api.ts";
import { checkCodes } from "../checks/codes.ts";
import { checkContracts } from "../checks/contracts.ts";
import { checkCycles } from "../checks/cycles.ts";
import { checkDeterminism } from "../checks/determinism.ts";
import { checkDocs } from "../checks/docs.ts";
import { checkDocumented } from "../checks/documented.ts";
import { checkGenerated } from "../checks/generated.ts";
import { checkLayers } from "../checks/layers.ts";
import { checkLockfile } from "../checks/lockfile.ts";
import { checkSizes } from "../checks/sizes.ts";
import { buildTypes } from "./build-types.ts";
import { type CommandResult, runCommand } from "./command.ts";
import { byPlace, type Finding, formatFinding } from "./finding.ts";
import { loadProject, type Project, readSource } from "./project.ts";
import { runSteps, type Step } from "./step.ts";

/** The checks, the slow ones first so that they overlap with the rest. */
function allChecks(): Step[] {
  let project: Project | undefined;
  const own = (name: string, check: (project: Project) => readonly Finding[]): Step => ({
    name,
    run: () => {
      project ??= loadProject();
      return asResult(check(project));
    },
  });
  const command = (name: string, ...words: string[]): Step => ({ name, run: () => runCommand(words) });
  return [
    command("types", "tsc", "-p", "tsconfig.json", "--pretty", "false"),
    { name: "build types", run: buildTypes },
    { name: "api", run: compareApi },
    { name: "generated", run: async () => asResult(await checkGenerated()) },
    { name: "docs", run: async () => asResult(await checkDocs()) },
    command("style", "biome", "check", "--error-on-warnings", "--max-diagnostics=50", "--colors=off"),
    { name: "contracts", run: checkContracts },
    command("proto lint", "buf", "lint"),
    command("proto breaks", "buf", "breaking", "--against", "proto/baseline.binpb"),
    own("layers", checkLayers),
    { name: "lockfile", run: () => asResult(checkLockfile(readSource("package-lock.json"))) },
    own("cycles", checkCycles),
    own("sizes", checkSizes),
    own("determinism", checkDeterminism),
    own("documented", checkDocumented),
    { name: "codes", run: async () => asResult(await checkCodes()) },
  ];
}

/**
 * Runs the checks and prints a line for each, with what it found.
 * `names` picks some of them; an empty list means all. Gives true when all pass.
 */
export async function runChecks(names: readonly string[]): Promise<boolean> {
  const all = allChecks();
  const unknown = names.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = all.map((step) => `"${step.name}"`).join(", ");
    process.stderr.write(`Cannot check "${unknown.join('", "')}": there is no such check, choose from ${known}\n`);
    return false;
  }
  const failed = await runSteps(names.length === 0 ? all : all.filter((step) => names.includes(step.name)));
  if (failed.length > 0)
    process.stderr.write(`Cannot pass the check: ${failed.join(", ")} failed; "npm run fix" mends format\n`);
  return failed.length === 0;
}

async function compareApi(): Promise<CommandResult> {
  const { code } = await buildTypes();
  return code === 0 ? asResult(await checkApi()) : { code, output: 'The types cannot be built: see "build types"' };
}

function asResult(findings: readonly Finding[]): CommandResult {
  return { code: findings.length === 0 ? 0 : 1, output: findings.toSorted(byPlace).map(formatFinding).join("\n") };
}

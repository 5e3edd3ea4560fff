// npm run api [-- --check]: builds, and writes a report of each package's public API; with --check only compares.
import { checkApi } from "./checks/api.ts";
import { apiDoors, reportApi } from "./lib/api-report.ts";
import { buildPackages } from "./lib/build-packages.ts";
import { formatFinding } from "./lib/finding.ts";
import { loadManifests } from "./lib/project.ts";
import { runSteps, type Step } from "./lib/step.ts";

const build: Step = {
  name: "build",
  run: async () => buildPackages().then((output = "") => ({ code: output === "" ? 0 : 1, output })),
};
const compare: Step = { name: "api", run: async () => asResult((await checkApi()).map(formatFinding)) };
const write = loadManifests()
  .flatMap(apiDoors)
  .map(
    (door): Step => ({
      name: door.report,
      run: async () => asResult((await reportApi(door, { write: true })).errors),
    }),
  );
const failed = await runSteps([build, ...(process.argv.includes("--check") ? [compare] : write)], 1);
process.exitCode = failed.length === 0 ? 0 : 1;

function asResult(lines: readonly string[]): { code: number; output: string } {
  return { code: lines.length === 0 ? 0 : 1, output: lines.join("\n") };
}

// npm run generate: writes the code that comes from protobuf files, the pages that packages carry, and the page of bounds. With --baseline, also accepts today's protobuf files as
// what `buf breaking` compares with: done at a release, or when a change that breaks peers is meant.
import { BOUNDS_PAGE, writeBoundsPage } from "./lib/bounds-page.ts";
import { runCommand } from "./lib/command.ts";
import { CONTRACTS_PAGE, writeContracts } from "./lib/contracts-build.ts";
import { generations } from "./lib/generation.ts";
import { PAGE_BUNDLES, writePage } from "./lib/page-bundle.ts";
import { runSteps, type Step } from "./lib/step.ts";

const steps: Step[] = generations().map(({ folder }) => ({
  name: `generate ${folder}`,
  run: () => runCommand(["buf", "generate"], { folder }),
}));
for (const bundle of PAGE_BUNDLES)
  steps.push({
    name: `generate ${bundle.output}`,
    run: async () => {
      await writePage(bundle);
      return { code: 0, output: "" };
    },
  });
steps.push({
  name: `generate ${BOUNDS_PAGE}`,
  run: async () => {
    await writeBoundsPage();
    return { code: 0, output: "" };
  },
});
steps.push({
  name: `generate ${CONTRACTS_PAGE}`,
  run: () => {
    writeContracts();
    return { code: 0, output: "" };
  },
});
if (process.argv.includes("--baseline")) {
  const build = ["buf", "build", "--exclude-source-info", "--output", "proto/baseline.binpb"];
  steps.push({ name: "baseline", run: () => runCommand(build) });
}
process.exitCode = (await runSteps(steps)).length === 0 ? 0 : 1;

// npm run generate: writes the code that comes from protobuf files. With --baseline, also accepts today's protobuf files as
// what `buf breaking` compares with: done at a release, or when a change that breaks peers is meant.
import { runCommand } from "./lib/command.ts";
import { generations } from "./lib/generation.ts";
import { runSteps, type Step } from "./lib/step.ts";

const steps: Step[] = generations().map(({ folder }) => ({
  name: `generate ${folder}`,
  run: () => runCommand(["buf", "generate"], { folder }),
}));
if (process.argv.includes("--baseline")) {
  const build = ["buf", "build", "--exclude-source-info", "--output", "proto/baseline.binpb"];
  steps.push({ name: "baseline", run: () => runCommand(build) });
}
process.exitCode = (await runSteps(steps)).length === 0 ? 0 : 1;

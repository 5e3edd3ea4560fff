// npm run generate: writes the code that comes from proto/. With --baseline, also accepts today's protobuf files as
// what `buf breaking` compares with: done at a release, or when a change that breaks peers is meant.
import { runCommand } from "./lib/command.ts";
import { runSteps, type Step } from "./lib/step.ts";

const steps: Step[] = [{ name: "generate", run: () => runCommand(["buf", "generate"]) }];
if (process.argv.includes("--baseline")) {
  const build = ["buf", "build", "--exclude-source-info", "--output", "proto/baseline.binpb"];
  steps.push({ name: "baseline", run: () => runCommand(build) });
}
process.exitCode = (await runSteps(steps)).length === 0 ? 0 : 1;

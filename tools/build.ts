// npm run build: makes every package's dist, which is what is published and what other tools import.
import { buildPackages } from "./lib/build-packages.ts";
import { runSteps } from "./lib/step.ts";

const step = {
  name: "build",
  run: async () => buildPackages().then((output = "") => ({ code: output === "" ? 0 : 1, output })),
};
process.exitCode = (await runSteps([step])).length === 0 ? 0 : 1;

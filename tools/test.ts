// npm test [-- PATH...]: sets up the machine, builds, checks and runs every test; with paths, runs those tests only.
// A build or check that fails does not keep the tests from running: one run tells all there is to mend.
import { runChecks } from "./lib/all-checks.ts";
import { buildPackages } from "./lib/build-packages.ts";
import { ensurePackages, thisMachine } from "./lib/debian.ts";
import { runTests, testPatterns } from "./lib/run-tests.ts";
import { runSteps } from "./lib/step.ts";
import { TEST_PACKAGES } from "./system-packages.ts";

const words = process.argv.slice(2);
const result = (output = ""): { code: number; output: string } => ({ code: output === "" ? 0 : 1, output });
const unready = await runSteps([{ name: "setup", run: () => result(ensurePackages(TEST_PACKAGES, thisMachine())) }]);
if (unready.length > 0) process.exit(1);
const unbuilt = await runSteps([{ name: "build", run: async () => result(await buildPackages()) }]);
const checked = words.length > 0 || (await runChecks([]));
const code = await runTests(words.length > 0 ? { patterns: testPatterns(words) } : {});
process.exitCode = code === 0 && checked && unbuilt.length === 0 ? 0 : 1;

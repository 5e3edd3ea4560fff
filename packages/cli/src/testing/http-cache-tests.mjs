// Asks the server at an address all that http-cache-tests asks caches, and prints which of its cases passed, as a list in JSON.
import { getResults, runTests } from "http-cache-tests/client/runner.mjs";
import suites from "http-cache-tests/tests/index.mjs";

const [base = ""] = process.argv.slice(2);
await runTests(suites, fetch, false, base);
const passed = Object.entries(getResults()).flatMap(([id, result]) => (result === true ? [id] : []));
process.stdout.write(`${JSON.stringify(passed)}\n`, () => process.exit(0));

// npm run coverage [-- PATH...]: the packages' tests under c8; a table on the screen, a page in coverage/.
import { runTests, testPatterns, UNIT } from "./lib/run-tests.ts";

const words = process.argv.slice(2);
const wrapper = [
  "c8",
  "--include=packages/*/src/**",
  "--exclude=**/*.test.ts",
  "--exclude=**/gen/**",
  "--reporter=text",
  "--reporter=html",
];
process.exitCode = await runTests({ patterns: words.length > 0 ? testPatterns(words) : UNIT, wrapper });

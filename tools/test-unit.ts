// npm run test:unit [-- PATH...]: the packages' tests, or those named, at once: no set-up, no build, no checks.
import { runTests, testPatterns, UNIT } from "./lib/run-tests.ts";

const words = process.argv.slice(2);
process.exitCode = await runTests({ patterns: words.length > 0 ? testPatterns(words) : UNIT });

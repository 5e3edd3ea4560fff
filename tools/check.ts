// npm run check [NAME...]: every check of the repository, or only those named.
import { runChecks } from "./lib/all-checks.ts";

process.exitCode = (await runChecks(process.argv.slice(2))) ? 0 : 1;

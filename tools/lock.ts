// npm run lock: completes package-lock.json after a change of dependencies, so that `npm ci` accepts it everywhere.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completeLockfile, engineBound, type Lockfile, missingPlatforms } from "./lib/lockfile.ts";
import { ROOT } from "./lib/project.ts";

const path = join(ROOT, "package-lock.json");
const lockfile = JSON.parse(readFileSync(path, "utf8")) as Lockfile;
const changes = missingPlatforms(lockfile).length + engineBound(lockfile).length;
if (changes > 0) writeFileSync(path, `${JSON.stringify(completeLockfile(lockfile), null, 2)}\n`);
process.stdout.write(`package-lock.json: ${changes} entries of platform packages mended\n`);

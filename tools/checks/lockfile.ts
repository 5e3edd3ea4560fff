import type { Finding } from "../lib/finding.ts";
import { engineBound, type Lockfile, missingPlatforms } from "../lib/lockfile.ts";
import type { SourceFile } from "../lib/project.ts";

/** Checks that `package-lock.json` holds every optional package, and names no host from which packages came. */
export function checkLockfile(file: SourceFile): Finding[] {
  const lockfile = JSON.parse(file.text) as Lockfile;
  const bound = engineBound(lockfile).map((path) => ({
    file: file.path,
    line: 0,
    what: `binds "${path}" to engines, so an older npm leaves it out`,
    mend: 'run "npm run lock" after npm install',
  }));
  const missing = missingPlatforms(lockfile).map(({ name, of }) => ({
    file: file.path,
    line: 0,
    what: `leaves out "${name}" of ${of}, so npm ci refuses it`,
    mend: 'run "npm run lock" after npm install',
  }));
  const hosts = file.text.split("\n").flatMap((text, index) => {
    const url = /"resolved": "(https?:\/\/[^"/]+)/.exec(text)?.[1];
    if (url === undefined) return [];
    const what = `binds a package to the host ${url}`;
    return [{ file: file.path, line: index + 1, what, mend: "run npm install with --omit-lockfile-registry-resolved" }];
  });
  return [...missing, ...bound, ...hosts];
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiState, apiDoors, reportApi } from "../lib/api-report.ts";
import type { Finding } from "../lib/finding.ts";
import { listTree, loadManifests, ROOT } from "../lib/project.ts";

const STAMP = join(ROOT, "node_modules/.cache/orrery/api-stamp");

/**
 * Checks that the reports in `packages/<name>/api` say what the built types say; needs `dist`. Reading the types takes
 * seconds, so nothing is read again while types and reports are those of the last check that passed.
 */
export async function checkApi(): Promise<Finding[]> {
  const stamp = stampOfTypes();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp) return [];
  const states: ApiState[] = [];
  for (const door of loadManifests().flatMap(apiDoors)) states.push(await reportApi(door, { write: false }));
  const findings = states.flatMap(apiFindings);
  if (findings.length === 0) writeFileSync(STAMP, stamp);
  return findings;
}

function stampOfTypes(): string {
  const hash = createHash("sha256");
  const folders = loadManifests().flatMap(({ folder }) => [`${folder}/dist`, `${folder}/api`]);
  for (const folder of folders.filter((path) => path.startsWith("packages/"))) {
    for (const path of listTree(join(ROOT, folder)).filter((name) => /\.(d\.ts|md)$/.test(name))) {
      hash.update(path).update(readFileSync(join(ROOT, folder, path)));
    }
  }
  return hash.digest("hex");
}

/** Says what is wrong with one report. */
export function apiFindings({ door, changed, errors }: ApiState): Finding[] {
  const place = { file: door.report, line: 0 };
  if (errors.length > 0) return [{ ...place, what: "cannot be made", mend: errors.join("\n    ") }];
  if (!changed) return [];
  const mend = 'if the change of the public API is meant, run "npm run api" and commit what it writes';
  return [{ ...place, what: "is not what the types say", mend }];
}

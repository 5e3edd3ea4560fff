// npm run changelog -- VERSION: moves the fragments of changes/ into CHANGELOG.md under the version's heading.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles, ROOT, readSource } from "./lib/project.ts";
import { addRelease } from "./lib/release-notes.ts";

const version = process.argv[2] ?? "";
const fragments = listFiles(["changes/*.md"]).map((path) => readSource(path));
const path = join(ROOT, "CHANGELOG.md");
try {
  writeFileSync(
    path,
    addRelease(readFileSync(path, "utf8"), { version, fragments: fragments.map(({ text }) => text) }),
  );
  for (const fragment of fragments) rmSync(join(ROOT, fragment.path));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

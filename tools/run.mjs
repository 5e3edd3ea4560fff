// The door of every script here: checks the machine before it loads TypeScript, so that an old Node or a missing
// install ends in one clear line instead of a stack. Plain JavaScript that Node 16 still runs, on purpose.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownNode } from "./link-node.mjs";

const NODE_MAJOR_MIN = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [, , script, ...words] = process.argv;
const isOld = Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN;

if (script === undefined) fail("no script was named, use node tools/run.mjs SCRIPT");
if (!existsSync(join(root, "node_modules", "oxc-parser")))
  fail('the dependencies are not installed, run "npm ci" first');
if (isOld && ownNode === undefined)
  fail(`Node ${NODE_MAJOR_MIN} or newer is needed and npm has none for this platform, install it`);
if (isOld) {
  // Install scripts were off, so that nothing linked it: start once more on the project's own.
  const env = { ...process.env, PATH: dirname(ownNode) + delimiter + process.env.PATH };
  const { status } = spawnSync(ownNode, process.argv.slice(1), { stdio: "inherit", env });
  process.exit(status === null ? 1 : status);
}
process.argv = [process.argv[0], resolve(root, script), ...words];
await import(pathToFileURL(process.argv[1]).href);

function fail(reason) {
  process.stderr.write(`Cannot run "${script || ""}" on Node ${process.versions.node}: ${reason}\n`);
  process.exit(1);
}

// The door of every script here: checks the machine before it loads TypeScript, so that an old Node or a missing
// install ends in one clear line instead of a stack. Plain JavaScript that Node 16 still runs, on purpose.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NODE_MAJOR_MIN = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function whyNot() {
  if (!existsSync(join(root, "node_modules", "oxc-parser"))) {
    return 'the dependencies are not installed, run "npm ci" first';
  }
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
    return `Node ${NODE_MAJOR_MIN} or newer is needed, start it by "npm run", which uses the Node that "npm ci" installs`;
  }
  return undefined;
}

const script = process.argv[2];
const reason = script === undefined ? "no script was named, use node tools/run.mjs SCRIPT" : whyNot();
if (reason !== undefined) {
  process.stderr.write(`Cannot run "${script || ""}" on Node ${process.versions.node}: ${reason}\n`);
  process.exit(1);
}
process.argv.splice(1, 1);
process.argv[1] = resolve(root, script);
await import(pathToFileURL(process.argv[1]).href);

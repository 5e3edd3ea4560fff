// Puts the Node that npm installed for this platform into node_modules/.bin, where every npm script finds it first.
// npm's own links will not do: npm 10 removes the one of this platform along with those of the others. Runs after each
// install, on whatever Node the machine has: plain JavaScript that Node 16 still runs.
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), "node_modules");
const candidates = ["node", "node-bin"].map((name) =>
  join(modules, `${name}-${process.platform}-${process.arch}`, "bin", "node"),
);

/** Path of the Node that belongs to this project; undefined when npm has none for this platform. */
export const ownNode = candidates.find((path) => existsSync(path));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const link = join(modules, ".bin", "node");
  rmSync(link, { force: true });
  if (ownNode === undefined) {
    process.stderr.write(
      `No Node is bundled for ${process.platform}-${process.arch}: scripts use Node ${process.versions.node}\n`,
    );
  } else {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), ownNode), link);
  }
}

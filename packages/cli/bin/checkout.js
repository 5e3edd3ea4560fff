// Only in a checkout: whether `dist` is as new as the sources, and how to run the sources when it is not.
import { existsSync, readdirSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const NEEDED = ["core", "guest", "zmq", "http", "sim", "mesh", "registry", "platform", "market", "cli"];

/** Whether every package that the command needs has a `dist` that is newer than all of its sources. */
export function isBuilt() {
  return NEEDED.every((name) => {
    const built = join(packages, name, "dist", "index.js");
    return existsSync(built) && statSync(built).mtimeMs >= newestIn(join(packages, name, "src"));
  });
}

/** Lets every import of a package of ours, from here on, find its TypeScript. */
export function preferSource() {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: ["source", ...context.conditions] }),
  });
}

function newestIn(folder) {
  let newestMs = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "testing") newestMs = Math.max(newestMs, newestIn(path));
    } else if (!entry.name.endsWith(".test.ts")) {
      newestMs = Math.max(newestMs, statSync(path).mtimeMs);
    }
  }
  return newestMs;
}

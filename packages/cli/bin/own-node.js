// The machine's Node is too old: use the one that npm installed for this platform beside us, or say what is needed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";

/** Starts this command again on a Node that is new enough, and ends as it ends. */
export function startOnOwnNode(majorMin) {
  const node = findNode(dirname(fileURLToPath(import.meta.url))) || findNode(process.cwd());
  if (node === undefined) {
    const tip = `install Node ${majorMin} or newer, or: npm install --save-optional node-${process.platform}-${process.arch}`;
    process.stderr.write(
      `Cannot run orrery on Node ${process.versions.node}: Node ${majorMin} is the oldest that will do, ${tip}\n`,
    );
    process.exit(1);
  }
  const env = {
    ...process.env,
    PATH: dirname(node) + delimiter + process.env.PATH,
    ORRERY_MACHINE_NODE: process.versions.node,
    ORRERY_LAUNCHED: "1",
  };
  // By the channel it learns that this process was killed, and ends, too: whoever starts this one knows of no other.
  const child = spawn(node, process.argv.slice(1), { stdio: ["inherit", "inherit", "inherit", "ipc"], env });
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A terminal tells Ctrl-C to both; anybody else tells it to this process alone.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
}

/** The Node of this platform's npm package, in the nearest node_modules. */
function findNode(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of ["node", "node-bin"]) {
      const path = join(folder, "node_modules", `${name}-${process.platform}-${process.arch}`, "bin", "node");
      if (existsSync(path)) return path;
    }
    if (folder === parse(folder).root) return undefined;
  }
}

/** A supervised program of tests: serves nothing, and misbehaves when a file of its process or thread number says so. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:inspector";
import { join } from "node:path";
import { joinSupervisor } from "../../supervise/system-child.ts";
import { ownThread } from "../../system-thread.ts";

const line = joinSupervisor();
const { kind, folder } = line.program as { kind: string; folder: string };
const hoard: Uint8Array[] = [];
const commands: Record<string, () => void> = {
  spin: () => {
    for (;;);
  },
  block: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  throw: () => {
    throw new Error("as a test asked for");
  },
  hog: () => void hoard.push(new Uint8Array(400 * 1024 * 1024).fill(1)),
  debug: () => open(0),
};

const file = join(folder, `do-${ownThread()}`);
setInterval(() => {
  if (!existsSync(file)) return;
  const command = readFileSync(file, "utf8");
  if (commands[command] === undefined) return;
  rmSync(file);
  commands[command]();
}, 10);
line.onDrain(() => process.exit(0));
if (kind.startsWith("exit-")) process.exit(Number(kind.slice(5)));
if (kind === "serve") line.ready(`test:${ownThread()}`);

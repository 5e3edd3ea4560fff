import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { commandsOf, type GuideStep } from "./guide.ts";
import type { TwoHosts } from "./two-hosts.ts";

const EXAMPLE = fileURLToPath(new URL("..", import.meta.url));
const ORRERY = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));

/** Addresses in the guide, and the hosts that they stand for. */
const PLACES = ["10.77.0.1", "10.77.0.2"] as const;

/**
 * Types the commands of a step, each on its host, and gives what the last one prints. `orrery run` goes on until the step is over.
 * Each host has a copy of the files, as two machines have.
 */
export async function runStep(step: GuideStep, hosts: TwoHosts): Promise<string> {
  const folder = join(EXAMPLE, ".orrery", `step-${process.pid}-${step.title[0]}`);
  const running: ChildProcess[] = [];
  const place = (text: string) =>
    PLACES.reduce((now, from, at) => now.replaceAll(from, hosts.addresses[at] ?? ""), text);
  let printed = "";
  try {
    for (const { words, host } of commandsOf(step)) {
      const [command = "", ...rest] = programOf(words.map(place));
      const before = host === "" ? [] : hosts.on(host === PLACES[0] ? 0 : 1);
      const [file = "", ...args] = [...before, command, ...rest];
      const cwd = copyTo(join(folder, host === "" ? "here" : host), place);
      if (words[2] === "run") running.push(await startRun(file, args, cwd));
      else ({ stdout: printed } = await promisify(execFile)(file, args, { cwd, timeout: 60_000 }));
    }
    return printed;
  } finally {
    await Promise.all(running.map(end));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is run for `node X` and for `npx orrery X`. */
function programOf(words: readonly string[]): readonly string[] {
  const node = [process.execPath, "--conditions=source"];
  return words[0] === "node" ? [...node, ...words.slice(1)] : [...node, ORRERY, ...words.slice(2)];
}

function copyTo(folder: string, place: (text: string) => string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(EXAMPLE).filter((file) => /\.(ts|json|txt)$/.test(file) && !file.includes(".test.")))
    cpSync(join(EXAMPLE, name), join(folder, name));
  writeFileSync(join(folder, "network.txt"), place(readFileSync(join(EXAMPLE, "network.txt"), "utf8")));
  return folder;
}

async function startRun(file: string, args: readonly string[], cwd: string): Promise<ChildProcess> {
  const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (text: string) => {
      told += text;
      if (/Ctrl-C/.test(told)) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.once("exit", (code) => reject(new Error(`exit ${code}\n${told}`)));
  });
  await ready;
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGINT");
  await once(child, "exit");
}

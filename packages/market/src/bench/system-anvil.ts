import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { OrreryError } from "@orrery/core";

/** An EVM node of this machine that ends with whoever started it. */
export interface Anvil {
  /** Of its JSON-RPC. */
  readonly url: string;
  /** By what it is found again, where whoever started it was killed. */
  readonly mark: AnvilMark;
  stop(): Promise<void>;
}

/** Names one process: its number, which others have in other times, and all that it was started with. */
export interface AnvilMark {
  readonly pid: number;
  readonly words: readonly string[];
}

/** What it begins with. */
const ARGUMENTS = [
  ...["--host=127.0.0.1", "--accounts=1", "--gas-price=0", "--base-fee=0"],
  ...["--slots-in-an-epoch=1", "--prune-history=1000"],
];

/**
 * Starts the packaged EVM node: it makes a block for each transaction, and takes none for gas. It ends with this process, unless that is killed.
 * @param atS time of its first block, seconds since 1970; `port` 0 lets the system choose
 * @throws OrreryError `failed_precondition` where it is not installed, or does not start
 */
export async function startAnvil({ atS, port = 0 }: { readonly atS: number; readonly port?: number }): Promise<Anvil> {
  const [file, words] = [findAnvil(), [...ARGUMENTS, `--port=${port}`, `--timestamp=${atS}`]];
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill();
  process.once("exit", kill); // Who is asked to end at once waits for nothing.
  const said: string[] = [];
  child.stderr.on("data", (data) => void said.push(String(data).slice(0, 1_000)));
  const failed = once(child, "error").then(([error]) => void said.push((error as Error).message));
  void failed.catch(() => undefined);
  const stop = async () => {
    process.off("exit", kill);
    child.kill();
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) await once(child, "exit");
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Listening on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    child.stderr.resume();
    return { url: `http://${url}`, mark: { pid: child.pid ?? 0, words: [file, ...words] }, stop };
  }
  throw new OrreryError("failed_precondition", `Cannot start a chain: ${said.join(" ").trim() || "anvil ended"}`);
}

/** Ends the node of somebody who was killed. A process of the same number that was started with other words is let alone. Linux only. @returns whether it ran */
export function endAnvil({ pid, words }: AnvilMark): boolean {
  try {
    if (!Number.isSafeInteger(pid) || pid < 2) return false;
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8") !== `${words.join("\0")}\0`) return false;
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // It has ended.
  }
}

function findAnvil(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${arch}`;
  const own = createRequire(import.meta.url);
  try {
    const anvil = createRequire(own.resolve("@foundry-rs/anvil/package.json"));
    const file = process.platform === "win32" ? "bin/anvil.exe" : "bin/anvil";
    return join(dirname(anvil.resolve(`${name}/package.json`)), file);
  } catch (cause) {
    const why = `package ${name} is not installed, run npm install @foundry-rs/anvil`;
    throw new OrreryError("failed_precondition", `Cannot start a chain: ${why}`, { cause });
  }
}

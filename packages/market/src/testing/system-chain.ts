import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** A real EVM node of this test alone. */
export interface TestChain {
  /** Of its JSON-RPC. */
  readonly url: string;
  /** Asks it many things in order, in one request. @throws Error where it refuses one */
  ask(...calls: readonly (readonly [method: string, ...params: unknown[]])[]): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

/** Starts the packaged EVM node; its accounts sign by themselves. */
export async function startTestChain(): Promise<TestChain> {
  const { child, url } = await startNode();
  let count = 0;
  return {
    url,
    ask: async (...calls) => {
      const body = JSON.stringify(
        calls.map(([method, ...params]) => ({ jsonrpc: "2.0", id: ++count, method, params })),
      );
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      const said = (await answer.json()) as readonly { result?: unknown; error?: { message: string } }[];
      return said.map(({ result, error }, at) => {
        if (error !== undefined) throw new Error(`${calls[at]?.[0]}: ${error.message}`);
        return result;
      });
    },
    stop: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

async function startNode(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const folder = dirname(
    createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${process.platform}-${archOf()}/package.json`),
  );
  const args = [
    "--host=127.0.0.1",
    "--port=0",
    "--accounts=12",
    "--prune-history=300",
    "--slots-in-an-epoch=1",
    "--no-mining",
    "--gas-price=0",
    "--base-fee=0",
  ];
  const child = spawn(join(folder, "bin/anvil"), args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Listening on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url: `http://${url}` };
  }
  throw new Error("The EVM node ended before it listened");
}

function archOf(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

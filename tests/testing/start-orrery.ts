import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));

/** An application that `orrery run` keeps. */
export interface RunningOrrery extends AsyncDisposable {
  readonly pid: number;
  /** Where other nodes reach a component. @throws Error when it is not among what runs. */
  addressOf(component: string): string;
  /** Where its inspector listens; waits until it says so. */
  inspector(): Promise<string>;
}

interface Ready {
  readonly event: string;
  readonly components: readonly {
    readonly name: string;
    readonly instances: readonly { readonly address: string }[];
  }[];
}

/** Starts `orrery run` and waits until all is ready. @throws Error with what it wrote when it ends before. */
export async function startOrrery(
  words: readonly string[],
  { cwd, nodeWords = [] }: { readonly cwd: string; readonly nodeWords?: readonly string[] },
): Promise<RunningOrrery> {
  const all = ["--conditions=source", ...nodeWords, BIN, "run", ...words, "--output=json"];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // A test within a test would report to the outer one.
  const child = spawn(process.execPath, all, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let told = "";
  let wake: () => void = () => undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
    wake();
  });
  const isReady = new Promise<Ready>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as Ready;
      if (event.event === "ready") resolve(event);
    });
  });
  const ended = exited.then(() => Promise.reject(new Error(`Cannot run ${words.join(" ")}: it ended\n${told}`)));
  ended.catch(() => undefined); // It may end after all was well.
  const { components } = await Promise.race([isReady, ended]);
  return {
    pid: child.pid ?? 0,
    addressOf(component) {
      const address = components.find(({ name }) => name === component)?.instances[0]?.address;
      if (address === undefined) throw new Error(`Cannot find "${component}" among what runs`);
      return address;
    },
    async inspector() {
      for (;;) {
        const [, address] = /Debugger listening on (ws:\S+)/.exec(told) ?? [];
        if (address !== undefined) return address;
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), ended]);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

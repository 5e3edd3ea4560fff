import { type ChildProcess, exec, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What `npx orrery` starts. */
const ORRERY = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));

/** The example, as it runs. */
export interface RunningExample {
  /** Such as `http://127.0.0.1:41234`. */
  readonly address: string;
  /** Commands that it tells to try. */
  readonly commands: readonly string[];
  /** Process ids and ZeroMQ addresses by component. */
  readonly processes: ReadonlyMap<string, readonly { readonly pid: number; readonly address: string }[]>;
  /** Types all of them, and gives what they print. */
  try(): Promise<readonly string[]>;
  /** What it has written to stderr so far. */
  told(): string;
  /** Presses Ctrl-C and gives the exit code. */
  stop(): Promise<number>;
}

/** How to start the example. */
export interface RunExampleOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** What is started: the processes alone, or a platform on which they run. */
  readonly script: "local.ts" | "start.ts";
  /** Folder in which it is said to be started, and where the orrery command finds it. Default: this one. */
  readonly folder?: string;
}

/** Starts the example and waits until it has told its address. @throws Error with all it wrote when it ends before. */
export async function runExample(options: RunExampleOptions): Promise<RunningExample> {
  const child = spawnStart(options);
  let [out, told] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (told += text));
  const exited = once(child, "exit") as Promise<[number | null]>;
  await Promise.race([untilReady(child, () => out), exited]);
  if (child.exitCode !== null) throw new Error(`exit ${child.exitCode}\n${out}${told}`);
  const commands = [...out.matchAll(/^ {2}(\w.*)$/gm)].map(([, command]) => command ?? "");
  return {
    address: /Open (http:\S+)/.exec(out)?.[1] ?? "",
    commands,
    try: () => Promise.all(commands.map((command) => typed(command, options.folder))),
    processes: processesOf(told),
    told: () => told,
    async stop() {
      child.kill("SIGINT");
      const [code] = await exited;
      return code ?? -1;
    },
  };
}

async function typed(command: string, cwd: string | undefined): Promise<string> {
  const line = command.replace("npx orrery", `"${process.execPath}" "${ORRERY}"`);
  return (await promisify(exec)(line, { cwd, timeout: 60_000 })).stdout;
}

function spawnStart({ port, script, folder = process.cwd() }: RunExampleOptions): ChildProcess {
  const start = fileURLToPath(new URL(`../${script}`, import.meta.url));
  return spawn(process.execPath, ["--conditions=source", start, "--port", String(port)], {
    env: { ...process.env, INIT_CWD: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function untilReady(child: ChildProcess, read: () => string): Promise<void> {
  while (!read().includes("Ctrl-C") && child.stdout !== null) await once(child.stdout, "data");
}

function processesOf(told: string): RunningExample["processes"] {
  const lines = [...told.matchAll(/^ {2}(\S+) +process (\d+) +(\S+)$/gm)];
  const rows = lines.map(([, name = "", pid, address = ""]) => ({ name, pid: Number(pid), address }));
  return Map.groupBy(rows, ({ name }) => name);
}

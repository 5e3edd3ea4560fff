import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT } from "./project.ts";

/** How a command ended. */
export interface CommandResult {
  /** Exit code; 1 when a signal ended it or it could not start. */
  readonly code: number;
  /** What it wrote to stdout and stderr, in the order it came; "" when it wrote straight to the terminal. */
  readonly output: string;
}

/** Options of a command. */
export interface CommandOptions {
  /** Lets the command write straight to this process's own streams. Default: false, the output is collected. */
  readonly inherit?: boolean;
  /** Folder to run in, from the root. Default: the root. */
  readonly folder?: string;
  /** Variables added to the environment, or taken out of it by undefined. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Environment in which the installed tools, and the Node that belongs to them, come first. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const path = [join(ROOT, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  return { ...process.env, PATH: path };
}

/** Runs a command and waits for its end; it never rejects. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...args] = command;
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(program, args, {
    cwd: join(ROOT, options.folder ?? ""),
    env: { ...toolEnvironment(), ...options.env },
    stdio: options.inherit === true ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", (error) => resolve({ code: 1, output: `Cannot start "${program}": ${error.message}\n` }));
  child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  return promise;
}

import { execFile } from "node:child_process";
import { OrreryError } from "@orrery/core";
import { COMMAND_MS } from "./limits.ts";

/** How a script of the shell ended. */
export interface ScriptEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of `runScript`. */
export interface ScriptOptions {
  /** What it reads. Default: nothing. */
  readonly input?: string;
  /** How long it may take, in ms. Default: `COMMAND_MS`. */
  readonly timeoutMs?: number;
}

/** Runs a script of the shell as this user, with nothing but a path in its variables. */
export async function runScript(
  script: string,
  { input = "", timeoutMs = COMMAND_MS }: ScriptOptions = {},
): Promise<ScriptEnd> {
  return await new Promise((resolve) => {
    const options = {
      timeout: timeoutMs,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    };
    const child = execFile("/bin/sh", ["-c", script], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr: stderr === "" ? (error?.message ?? "") : stderr });
    });
    child.stdin?.on("error", () => {}); // It may end before it has read all.
    child.stdin?.end(input);
  });
}

/** Runs one that must end with 0. @throws OrreryError `internal` with what it said */
export async function runOrThrow(what: string, script: string, options: ScriptOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runScript(script, options);
  if (code === 0) return stdout;
  throw new OrreryError(
    "internal",
    `Cannot ${what}: ${stderr.trim().split("\n").slice(-3).join("; ") || `code ${code}`}`,
  );
}

/** Text as one word of the shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

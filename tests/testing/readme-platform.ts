import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "../..");

/** Blocks of a README in a language, in order. */
export function blocksOf(readme: string, language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);
}

/** A platform as the README of an example starts it, with a browser that knows its host. */
export interface ReadmePlatform {
  /** Where its data and pictures are. */
  readonly folder: string;
  /** Where it serves spaces. */
  readonly web: string;
  readonly browser: Browser;
  /** Types lines of the README into a shell in the example's folder, with the port of this platform; gives what they print. */
  run(lines: string): Promise<string>;
  /** Ends the platform as Ctrl-C does, and starts it again over the same data, at the same ports. */
  restart(): Promise<void>;
  /** Ends all, and removes the folder, which `ORRERY_KEEP` keeps. */
  close(): Promise<void>;
}

/** Where an example is, how its README starts the platform, and the host name of its space. */
export interface ReadmeExample {
  readonly cwd: string;
  readonly start: string;
  readonly host: string;
}

/** Starts the platform of an example, on free ports and over a folder of its own. */
export async function startReadmePlatform({ cwd, start, host }: ReadmeExample): Promise<ReadmePlatform> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-readme-"));
  chmodSync(folder, 0o755); // As root, PostgreSQL runs as another user, who must get in.
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const path = [dirname(process.execPath), own["PATH"]].join(delimiter);
  const env: NodeJS.ProcessEnv = {
    ...own,
    PATH: path,
    HOME: folder,
    TMPDIR: folder,
    NODE_OPTIONS: "--conditions=source",
  };
  const startUp = (ports: string) => {
    const flags = `${ports} --http=0 --data=${join(folder, "data")} --output=json`;
    const script = start.replace("orrery up", `exec orrery up ${flags}`);
    return spawn("bash", ["-euc", script], { cwd: ROOT, env, stdio: ["ignore", "pipe", "inherit"] });
  };
  let up = startUp("--port=0 --web-port=0");
  const close = async () => {
    await end(up);
    if (process.env["ORRERY_KEEP"] === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { address, web } = await readyOf(up);
    const rules = `--host-resolver-rules=MAP ${host} 127.0.0.1:${new URL(web).port}`;
    const args = ["--no-sandbox", "--disable-gpu", rules];
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
    const [, known = ""] = /^export (PATH=.*)$/m.exec(start) ?? [];
    return {
      ...{ folder, web, browser },
      async run(lines) {
        const typed = `${known}\n${lines.replaceAll("http://127.0.0.1:7780", web)}`;
        const words = ["-euo", "pipefail", "-c", typed];
        const { stdout } = await promisify(execFile)("bash", words, {
          cwd,
          env: { ...env, TMPDIR: folder, ORRERY_SERVER: address },
        });
        return stdout;
      },
      async restart() {
        await end(up);
        up = startUp(`--port=${new URL(address).port} --web-port=${new URL(web).port}`);
        await readyOf(up);
      },
      async close() {
        await browser.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readyOf({
  stdout,
}: ReturnType<typeof spawn>): Promise<{ readonly address: string; readonly web: string }> {
  if (stdout === null) throw new Error("the platform has no output");
  const [line] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return JSON.parse(line) as { readonly address: string; readonly web: string };
}

async function end(up: ChildProcess): Promise<void> {
  up.kill("SIGTERM");
  if (up.exitCode === null) await once(up, "close");
}

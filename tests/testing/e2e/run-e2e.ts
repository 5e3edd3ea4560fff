import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Engine, startEngine } from "./engines.ts";

const BIN = fileURLToPath(new URL("../bin/orrery.js", import.meta.resolve("@orrery/cli")));

/** How the story is lived. */
export interface RunE2eOptions {
  /** What `orrery up` is given instead of its own. */
  readonly engines: readonly Engine[];
  /** More words for `orrery admin e2e`. */
  readonly words?: readonly string[];
  /** Told what the processes write on standard error. */
  readonly onSay?: (text: string) => void;
}

/** How it ended. */
export interface E2eEnd {
  readonly exit: number;
  /** What `orrery admin e2e` printed. */
  readonly out: string;
}

/** Starts engines and `orrery up` over a scratch folder, has `orrery admin e2e` live the story there, and takes all of it away again. */
export async function runE2e({ engines, words = [], onSay = () => {} }: RunE2eOptions): Promise<E2eEnd> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-e2e-up-"));
  chmodSync(folder, 0o755); // As root, PostgreSQL runs as another user, who must get in.
  await using ends = new AsyncDisposableStack();
  ends.defer(() => rmSync(folder, { recursive: true, force: true }));
  const flags: string[] = [];
  const env: Record<string, string> = { HOME: folder };
  for (const engine of engines) {
    const running = await startEngine(engine, join(folder, engine));
    ends.defer(() => running.close());
    flags.push(...running.flags);
    Object.assign(env, running.env);
  }
  const start = (line: readonly string[]) => {
    const { NODE_TEST_CONTEXT: _, ...own } = process.env; // A test within a test would report to the outer one.
    const child = spawn(process.execPath, ["--conditions=source", BIN, ...line], {
      ...{ cwd: folder, env: { ...own, ...env } },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", onSay);
    return child;
  };
  const ports = ["--port=0", "--http=0", "--web-port=0"];
  const up = start(["up", `--data=${join(folder, "data")}`, ...ports, ...flags, "--output=json"]);
  const ended = once(up, "exit");
  ends.defer(async () => {
    up.kill("SIGTERM");
    await ended;
  });
  const ready = once(createInterface({ input: up.stdout }), "line");
  const died = ended.then(([exit]) => Promise.reject(new Error(`Cannot start orrery up: it ended with ${exit}`)));
  died.catch(() => undefined); // It ends after all, too.
  await Promise.race([ready, died]);
  const settings = start(["env", "add", "scratch", join(folder, "data"), "--use"]);
  await once(settings, "close");
  const story = start(["admin", "e2e", ...words]);
  let out = "";
  story.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const [exit] = (await once(story, "close")) as [number | null];
  return { exit: exit ?? 1, out };
}

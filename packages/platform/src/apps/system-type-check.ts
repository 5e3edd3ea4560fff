import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { CageSpec, Isolation } from "@orrery/mesh/supervise";
import type { AppFile } from "./app-file.ts";
import {
  CHECK_CAGE,
  CHECK_CPU_S,
  CHECK_LINES_MAX,
  CHECK_MEMORY_KIB,
  CHECK_MS,
  CHECK_SAID_LENGTH,
  CHECKS_REMEMBERED,
} from "./limits.ts";

/** Code whose types are to be checked. */
export interface CheckWish {
  /** Address of the app. */
  readonly app: string;
  /** Of the bundle. */
  readonly digest: string;
  /** Folder of the bundle. */
  readonly whole: string;
  /** Folder of the app's file in it. */
  readonly folder: string;
  readonly file: AppFile;
  /** Where it is another, the same is checked anew. */
  readonly restart: unknown;
}

/** How a check stands; `lines` are what the compiler says, with `file:line:column` from the bundle's top. */
export type CheckStand =
  | { readonly kind: "going" | "good" }
  | { readonly kind: "bad"; readonly why: string; readonly lines: readonly string[] };

/** Checks types, one app's after the other's. */
export interface TypeChecks {
  /** How the check of some code stands; begins it where it was not begun. What was found good is known over a restart. */
  stand(wish: CheckWish): CheckStand;
  /** Calls back with the app whose check has ended. */
  onChange(listener: (app: string) => void): void;
  /** Stops what goes on. */
  close(): void;
}

/** Options of `createTypeChecks`. */
export interface TypeCheckOptions {
  /** Folder of what is known of checks, of which this is the only user. */
  readonly folder: string;
  /** In which the compiler runs. */
  readonly isolation: Isolation;
}

/**
 * Makes what checks types. I1: nothing of the code that is checked runs. I2: a check ends within its time, its time on the processor and its memory,
 * and writes no files. I3: one goes on at a time.
 */
export function createTypeChecks({ folder, isolation }: TypeCheckOptions): TypeChecks {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const marks = readdirSync(folder);
  if (marks.length > CHECKS_REMEMBERED) for (const name of marks) rmSync(join(folder, name));
  const known = new Map<string, CheckStand>();
  const listeners: ((app: string) => void)[] = [];
  const ended = new AbortController();
  let last: Promise<void> = Promise.resolve();
  return {
    stand: (wish) => {
      const scripts = wish.file.components.flatMap(({ path }) => scriptsAt(join(wish.folder, path)));
      if (scripts.length === 0) return { kind: "good" };
      const name = createHash("sha256")
        .update(JSON.stringify([wish.digest, scripts, wish.restart]))
        .digest("hex");
      const mark = join(folder, `${name}.good`);
      const stand = known.get(name) ?? (existsSync(mark) ? { kind: "good" } : undefined);
      if (stand !== undefined) return stand;
      known.set(name, { kind: "going" });
      const config = join(folder, `${name}.json`);
      last = last.then(async () => {
        if (ended.signal.aborted) return;
        const result = await check({ wish, scripts, config, isolation, signal: ended.signal });
        if (ended.signal.aborted) return;
        if (result.kind === "good") writeFileSync(mark, "");
        known.set(name, result);
        if (known.size > CHECKS_REMEMBERED) known.delete(known.keys().next().value ?? "");
        for (const listener of listeners) listener(wish.app);
      }); // I3
      return { kind: "going" };
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => ended.abort(),
  };
}

interface Check {
  readonly wish: CheckWish;
  readonly scripts: readonly string[];
  /** File in which the compiler is told what to do. */
  readonly config: string;
  readonly isolation: Isolation;
  readonly signal: AbortSignal;
}

async function check({ wish, scripts, config, isolation, signal }: Check): Promise<CheckStand> {
  try {
    writeFileSync(config, JSON.stringify(configOf(wish, scripts)));
    isolation.lend(config, CHECKER);
    return await runCompiler({ config, whole: wish.whole, isolation, signal });
  } catch (error) {
    return { kind: "bad", why: `its types cannot be checked: ${(error as Error).message}`, lines: [] };
  } finally {
    rmSync(config, { force: true });
  }
}

function scriptsAt(path: string): readonly string[] {
  const isScript = (name: string) => /\.[cm]?ts$/.test(name) && !/\.(?:d|test|sim)\.[cm]?ts$/.test(name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return isScript(path) ? [path] : [];
  return readdirSync(path)
    .filter(isScript)
    .map((name) => join(path, name));
}

/** What the compiler is told. Of the app's own tsconfig.json counts whether it is strict, and nothing else: it could name other files. */
function configOf({ whole, folder }: CheckWish, files: readonly string[]): object {
  return {
    compilerOptions: {
      noEmit: true,
      strict: isStrict(folder, whole),
      skipLibCheck: true,
      target: "esnext",
      lib: ["esnext"],
      module: "esnext",
      moduleResolution: "bundler",
      moduleDetection: "force",
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true, // Node takes types out, and does nothing else.
      resolveJsonModule: false,
      types: ["node"],
      typeRoots: [dirname(packageFolder("@types/node"))],
    },
    files,
  };
}

function isStrict(folder: string, whole: string): boolean {
  for (let one = folder; one.startsWith(whole); one = dirname(one)) {
    const file = join(one, "tsconfig.json");
    if (existsSync(file)) return /"strict"\s*:\s*true/.test(readFileSync(file, "utf8"));
  }
  return true;
}

interface CompilerRun {
  readonly config: string;
  readonly whole: string;
  readonly isolation: Isolation;
  readonly signal: AbortSignal;
}

/** As whom the compiler runs. */
const CHECKER = "the check of types";

/** What the compiler sees: the code, and the packages that it may import. */
function cageOf({ config, whole }: Pick<CompilerRun, "config" | "whole">): CageSpec {
  const lent = join(dirname(whole), "node_modules");
  const readable = [whole, config, ...(existsSync(lent) ? [lent] : [])];
  return { owner: CHECKER, readable, writable: [], limits: CHECK_CAGE };
}

/** Runs the compiler, a program without interpreter, plug-ins or network, under limits of the system. I1, I2 */
function runCompiler({ config, whole, isolation, signal }: CompilerRun): Promise<CheckStand> {
  const limits = `ulimit -t ${CHECK_CPU_S}; ulimit -v ${CHECK_MEMORY_KIB}; ulimit -f 0; ulimit -c 0; exec "$@"`;
  const args = ["-c", limits, "sh", compilerPath(), "--project", config, "--pretty", "false"];
  const env = { PATH: "/usr/bin:/bin", GOMEMLIMIT: "512MiB", GOMAXPROCS: "2" };
  const { promise, resolve } = Promise.withResolvers<CheckStand>();
  const caged = { cage: cageOf({ config, whole }), id: `check-${basename(config, ".json")}` };
  const start = isolation.enclose({ command: "/bin/sh", args, env, cwd: whole }, caged);
  const child = spawn(start.command, start.args, {
    ...{ cwd: start.cwd, env: start.env, detached: true, stdio: ["ignore", "pipe", "pipe"] as const },
  });
  let said = "";
  let isLate = false;
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const late = setTimeout(() => {
    isLate = true;
    stop();
  }, CHECK_MS);
  signal.addEventListener("abort", stop, { once: true });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      said = (said + piece).slice(0, CHECK_SAID_LENGTH);
    });
  const end = (stand: CheckStand) => {
    isolation.ended({ code: child.exitCode, signal: child.signalCode ?? "" }, caged);
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
    resolve(stand);
  };
  child.on("error", (error) => end({ kind: "bad", why: `its types cannot be checked: ${error.message}`, lines: [] }));
  child.on("close", (code, killed) => {
    const isKilled = killed !== null || (code ?? 0) > 128; // A cage tells of signals by codes.
    if (code === 0 || (!isKilled && isUntypedAlone(said))) return end({ kind: "good" });
    const lines = linesOf(said);
    const [first] = lines;
    end({ kind: "bad", why: first ?? whyNot(isKilled, isLate), lines });
  });
  return promise;
}

function whyNot(isKilled: boolean, isLate: boolean): string {
  if (isLate) return `the check of its types took longer than ${CHECK_MS / 1_000} s`;
  if (isKilled) return "the check of its types took more of the processor or of memory than it may";
  return "its types do not fit what it imports from outside of its bundle, bring that along";
}

/** A package without types: whatever is imported from it may be anything. */
const UNTYPED = "TS7016";

/** Whether all that the compiler has to say is that packages come without types. */
function isUntypedAlone(said: string): boolean {
  const codes = [...said.matchAll(/\berror (TS\d+): /g)].map(([, code]) => code);
  return codes.length > 0 && said.length < CHECK_SAID_LENGTH && codes.every((code) => code === UNTYPED);
}

/** `file(3,5): error` as `file:3:5: error`; what is said of files outside of the bundle stays untold. */
function linesOf(said: string): readonly string[] {
  return said
    .split("\n")
    .flatMap((line) => {
      const [, path = "", at = "", column = "", text = ""] = /^([^(\s][^(]*)\((\d+),(\d+)\): (.*)$/.exec(line) ?? [];
      if (path === "" || path.startsWith("..") || path.startsWith("/")) return [];
      if (text.startsWith(`error ${UNTYPED}:`)) return [];
      return [`${path}:${at}:${column}: ${text}`.slice(0, 500)];
    })
    .slice(0, CHECK_LINES_MAX);
}

const require = createRequire(import.meta.url);

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** The compiler itself, without the script that would start it. */
function compilerPath(): string {
  const { platform, arch } = process;
  const own = createRequire(join(packageFolder("typescript"), "package.json"));
  return join(dirname(own.resolve(`@typescript/typescript-${platform}-${arch}/package.json`)), "lib/tsc");
}

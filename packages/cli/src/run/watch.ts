import { type ChildProcess, fork } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { findComponentFiles, importedFiles } from "@orrery/mesh";
import { MANIFEST_FILE } from "@orrery/mesh/environment";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { STOP_TIMEOUT_MS, WATCHED_FILES_MAX } from "../limits.ts";
import { packageFile } from "../package-file.ts";
import type { Terminal } from "../terminal.ts";
import { expandApps } from "./expand-apps.ts";
import { type RunOptions, readRunOptions } from "./options.ts";
import { type FileWatch, watchFiles } from "./watch-files.ts";
import { type UpReport, WATCHED } from "./watched.ts";

/**
 * Runs components in a process that is started again when one of their files changes, or one that these import. Addresses stay the same.
 * One that ends by itself, as after a broken edit, is started again with the next change.
 */
export async function watch(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const options = readRunOptions(input, terminal);
  const { paths } = await expandApps(options.paths, { cwd: options.cwd, env: terminal.env });
  for (const path of paths) await findComponentFiles(path, options.cwd); // What is not there is no matter of waiting.
  return await new Watcher(input, options, terminal).run();
}

/** Keeps one process running. I1: at most one runs. I2: a change during its end leads to one start, after it. */
class Watcher {
  readonly #words: readonly string[];
  readonly #options: RunOptions;
  readonly #terminal: Terminal;
  readonly #ended = Promise.withResolvers<ExitCode>();
  readonly #files: FileWatch;
  #child: ChildProcess | undefined;
  #up: UpReport | undefined;
  #interrupts = 0;
  #isRestarting = false;

  constructor(input: CommandInput, options: RunOptions, terminal: Terminal) {
    this.#words = wordsOf(input);
    this.#options = options;
    this.#terminal = terminal;
    this.#files = watchFiles((file) => this.#changed(file));
  }

  async run(): Promise<ExitCode> {
    const release = this.#terminal.onInterrupt(() => this.#interrupt());
    await this.#look();
    this.#start();
    const exit = await this.#ended.promise;
    release();
    this.#files.close();
    return exit;
  }

  #start(): void {
    const same = this.#sameAddresses();
    const isSet = (word: string) => same.some((flag) => word.startsWith(flag.slice(0, flag.indexOf("=") + 1)));
    const words = [...same, ...this.#words.filter((word) => !isSet(word))];
    const child = fork(packageFile("bin/orrery.js"), ["run", ...words], { env: { ...process.env, [WATCHED]: "1" } });
    this.#child = child; // I1
    child.on("message", (report) => {
      this.#up = report as UpReport;
    });
    child.once("exit", (code) => this.#exited(code ?? 1));
  }

  /** The next process opens what the one before had opened, where the user left it to chance. */
  #sameAddresses(): readonly string[] {
    const [address] = this.#up?.addresses ?? [];
    const { listen, isolate, httpPort } = this.#options;
    const { http = "", web = "" } = this.#up ?? {};
    return [
      ...(address !== undefined && listen?.endsWith(":0") === true && isolate === undefined
        ? [`--listen=${address}`]
        : []),
      ...(httpPort === 0 ? [`--http=${http === "" ? 0 : new URL(http).port}`] : []),
      ...(web === "" ? [] : [`--web-port=${new URL(web).port}`]),
    ];
  }

  #changed(file: string): void {
    if (this.#interrupts > 0 || this.#isRestarting) return;
    this.#terminal.say(`${relative(this.#options.cwd, file)} has changed, starting again`);
    if (this.#child === undefined) return void this.#restart();
    this.#isRestarting = true; // I2
    this.#stop(1_000);
  }

  #exited(code: number): void {
    this.#child = undefined;
    if (this.#interrupts > 0) this.#ended.resolve(code === 0 ? EXIT.done : EXIT.failed);
    else if (this.#isRestarting) void this.#restart();
    else this.#terminal.say("It has ended; it is started again when a file changes, Ctrl-C ends all");
  }

  async #restart(): Promise<void> {
    this.#isRestarting = false;
    await this.#look();
    this.#start();
  }

  /** Watches what the components are made of now. */
  async #look(): Promise<void> {
    const { paths, apps } = await this.#expanded();
    const { cwd } = this.#options;
    const found = await Promise.all(paths.map((path) => findComponentFiles(path, cwd).catch(() => undefined)));
    const entries = found.flatMap((one) => one?.files ?? []);
    const named = paths.map((path) => resolve(cwd, path));
    const folders = named.filter((path) => existsSync(path) && statSync(path).isDirectory());
    // A file that was named stays watched while it is away, as editors have it for a moment.
    const files = named.filter((path) => !folders.includes(path));
    const manifests = [...folders, ...files.map((file) => dirname(file))].map((folder) => join(folder, MANIFEST_FILE));
    this.#files.look(
      [...importedFiles(entries, { filesMax: WATCHED_FILES_MAX }), ...files, ...manifests, ...apps],
      folders,
    );
  }

  /** What the words mean now; while a file of an app cannot be read, the file itself. */
  async #expanded(): Promise<{ readonly paths: readonly string[]; readonly apps: readonly string[] }> {
    const { paths: words, cwd } = this.#options;
    try {
      const { paths, files } = await expandApps(words, { cwd, env: this.#terminal.env });
      return { paths, apps: files };
    } catch {
      return { paths: words, apps: words.map((word) => resolve(cwd, word)) };
    }
  }

  #interrupt(): void {
    this.#interrupts++;
    if (this.#child === undefined) this.#ended.resolve(EXIT.done);
    else if (this.#interrupts > 1) this.#child.kill("SIGKILL");
    else this.#stop(STOP_TIMEOUT_MS);
  }

  #stop(timeoutMs: number): void {
    const child = this.#child;
    child?.send({ kind: "stop" }, () => undefined);
    const late = setTimeout(() => child?.kill("SIGKILL"), timeoutMs + 1_000);
    child?.once("exit", () => clearTimeout(late));
  }
}

/** What was typed, without what the watch itself is told, and without what changes from start to start. */
function wordsOf(input: CommandInput): readonly string[] {
  const { command, words } = input;
  const flags = command.flags.flatMap(({ name, kind }) => {
    if (name === "watch") return [];
    if (kind === "switch") return input.has(name) ? [`--${name}`] : [];
    if (kind === "values") return input.texts(name).map((text) => `--${name}=${text}`);
    const text = input.text(name);
    const isGiven = text !== undefined && !(name === "http" && text === "0");
    return isGiven ? [`--${name}=${text}`] : [];
  });
  return [...flags, "--", ...words];
}

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { formatBytes, formatTime } from "../operate/format.ts";
import { GIT_FETCH_BYTES_MAX, GIT_LOOK_MS, GIT_MS, GIT_SAID_LENGTH, GIT_TREE_BYTES_MAX } from "./limits.ts";
import type { Repository } from "./repository.ts";

/** Options of `fetchRepository`. */
export interface FetchRepositoryOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What a private repository asks for; it is handed on in the environment of one process alone. Default: nothing. */
  readonly token?: string;
  /** Told what is fetched so far, in bytes. */
  readonly onProgress: (bytes: number) => void;
}

/** The files of one commit. */
export interface Checkout extends Disposable {
  readonly folder: string;
  readonly commit: string;
  /** Folders of repositories inside it, which are not there. */
  readonly submodules: readonly string[];
}

/** Of the environment, what the git program and ssh need. */
const KEPT = ["PATH", "HOME", "SSH_AUTH_SOCK", "TMPDIR", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR"] as const;
const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] as const;

/**
 * Fetches one commit by the git program, into a folder that goes when it is disposed of. I1: nothing of the repository runs: no hooks, no filters,
 * no configuration of anybody's. I2: only the protocol of its URL is spoken, and with a token only its host. I3: there is a bound on its bytes,
 * sent and unpacked, and on the time. I4: a token stands in no argument, no file and no message.
 * @throws CommandError with what git says
 */
export async function fetchRepository(
  { url, ref, shown }: Repository,
  { env, token, onProgress }: FetchRepositoryOptions,
): Promise<Checkout> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-git-"));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  const git = (args: readonly string[]) =>
    runGit(args, { folder, shown, token, env: gitEnv(env, { url, token }), onProgress });
  try {
    await git(["init", "--quiet", "--template=", "."]);
    const wanted = ref === "" ? "HEAD" : ref;
    await git(["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, wanted]);
    const commit = (await git(["rev-parse", "FETCH_HEAD^{commit}"])).trim();
    const { bytes, submodules } = judgeTree(await git(["ls-tree", "-r", "-l", "-z", commit]));
    if (bytes > GIT_TREE_BYTES_MAX)
      throw new CommandError(
        `Cannot run "${shown}": its files have ${formatBytes(bytes)}, and may have ${formatBytes(GIT_TREE_BYTES_MAX)}`,
      );
    await git(["checkout", "--quiet", "--detach", "--no-recurse-submodules", commit]);
    return { folder, commit, submodules, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Reads `git ls-tree -l`: how long all files are, and which folders are repositories of their own. */
function judgeTree(listing: string): { readonly bytes: number; readonly submodules: readonly string[] } {
  let bytes = 0;
  const submodules: string[] = [];
  for (const line of listing.split("\0")) {
    const [, type = "", size = "", path = ""] = /^\d+ (\w+) \w+ +(\S+)\t(.*)$/s.exec(line) ?? [];
    if (type === "commit") submodules.push(path);
    else bytes += Number(size) || 0;
  }
  return { bytes, submodules };
}

/** All that git is told beside its arguments, by variables, which nobody else sees. I1, I2, I4 */
function gitEnv(
  env: Readonly<Record<string, string | undefined>>,
  { url, token }: { readonly url: string; readonly token: string | undefined },
): Readonly<Record<string, string>> {
  const { protocol, host, hostname } = new URL(url);
  const scheme = protocol.slice(0, -1);
  if (token !== undefined && scheme !== "https" && !(scheme === "http" && hostname === "127.0.0.1"))
    throw usageError(`Cannot send a token to "${host}" by ${scheme}: others could read it, use https`);
  const config: (readonly [string, string])[] = [
    ["core.hooksPath", "/dev/null"],
    ["core.symlinks", "false"],
    ["core.fsmonitor", "false"],
    ["advice.detachedHead", "false"],
    ["submodule.recurse", "false"],
    ["protocol.allow", "never"],
    [`protocol.${scheme}.allow`, "always"],
    ["http.followRedirects", token === undefined ? "initial" : "false"],
    ["credential.helper", ""],
  ];
  if (token !== undefined)
    config.push([
      `credential.${protocol}//${host}.helper`,
      `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' x-access-token "$ORRERY_GIT_TOKEN"; }; f`,
    ]);
  const kept = [...KEPT, ...PROXIES, ...PROXIES.map((name) => name.toUpperCase())].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
    LC_ALL: "C",
    ...(token !== undefined && { ORRERY_GIT_TOKEN: token }),
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

interface GitRun {
  readonly folder: string;
  readonly shown: string;
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly onProgress: (bytes: number) => void;
}

/** Runs one command of git in a folder; gives what it prints. I3 */
function runGit(args: readonly string[], { folder, shown, token, env, onProgress }: GitRun): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn("git", args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    let cut: CommandError | undefined;
    const end = (why: string, exit: typeof EXIT.timeout | typeof EXIT.failed) => {
      cut = new CommandError(`Cannot run "${shown}": ${why}`, { exit });
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL"); // With all that it started.
    };
    const late = setTimeout(() => end(`git took longer than ${formatTime(GIT_MS)}`, EXIT.timeout), GIT_MS);
    const look = setInterval(() => {
      const bytes = packBytes(folder);
      onProgress(bytes);
      if (bytes > GIT_FETCH_BYTES_MAX && cut === undefined)
        end(`git sends more than ${formatBytes(GIT_FETCH_BYTES_MAX)}`, EXIT.failed);
    }, GIT_LOOK_MS);
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      out += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      err = (err + piece).slice(-GIT_SAID_LENGTH);
    });
    const over = () => {
      clearTimeout(late);
      clearInterval(look);
    };
    child.on("error", (cause) => {
      over();
      fail(new CommandError(`Cannot run "${shown}": git cannot be started, install it`, { cause }));
    });
    child.on("close", (code) => {
      over();
      if (code === 0 && cut === undefined) done(out);
      else fail(cut ?? refused(shown, token === undefined ? err : err.replaceAll(token, "***")));
    });
  });
}

function refused(shown: string, said: string): CommandError {
  const lines = said
    .split("\n")
    .map((line) => line.replace(/^(fatal|error|remote): /, "").trim())
    .filter((line) => line !== "");
  const why = lines.find((line) => !/^warning/.test(line)) ?? "it says nothing";
  const isPrivate = /could not read Username|Authentication failed|terminal prompts disabled|Permission denied/.test(
    said,
  );
  const isMissing = /couldn't find remote ref|not our ref|no such remote ref/i.test(said);
  const hint = isPrivate
    ? ", is it private: write a token to a file, and name that with --git-token-file"
    : isMissing
      ? ", name a branch, a tag, or a commit with all of its 40 digits"
      : "";
  return new CommandError(`Cannot run "${shown}": git says "${why}"${hint}`, {
    exit: isPrivate ? EXIT.refused : EXIT.notFound,
  });
}

function packBytes(folder: string): number {
  const packs = join(folder, ".git/objects/pack");
  try {
    return readdirSync(packs).reduce((sum, name) => {
      return sum + (statSync(join(packs, name), { throwIfNoEntry: false })?.size ?? 0);
    }, 0);
  } catch {
    return 0; // As long as there is nothing.
  }
}

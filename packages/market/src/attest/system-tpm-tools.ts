import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OrreryError } from "@orrery/core";

/** How long one command may take, in ms. */
const COMMAND_TIMEOUT_MS = 20_000;

/** Commands of tpm2-tools to one TPM, one at a time: a TPM keeps little at once. */
export interface TpmTools {
  /** Runs a command such as `tpm2_quote`. @throws OrreryError `unavailable` with what it printed */
  run(command: string, ...words: readonly string[]): Promise<string>;
  /** Does several without others between. `feed` hands a command a text as its input, so that what is secret is in no file. */
  alone<T>(work: (run: TpmTools["run"], feed: Feed) => Promise<T>): Promise<T>;
}

/** Runs a command with a text as its input. */
type Feed = (text: string, command: string, ...words: readonly string[]) => Promise<string>;

/** Opens the commands. `tcti` says where the TPM is, as tpm2-tools have it: `device:/dev/tpmrm0`, `swtpm:path=/run/tpm.sock`. */
export function openTpmTools({ tcti, folder }: { readonly tcti: string; readonly folder: string }): TpmTools {
  let last: Promise<unknown> = Promise.resolve();
  const feed: Feed = async (text, command, ...words) => {
    const env = { ...process.env, TPM2TOOLS_TCTI: tcti };
    try {
      const running = promisify(execFile)(command, words, { cwd: folder, env, timeout: COMMAND_TIMEOUT_MS });
      running.child.stdin?.on("error", () => undefined).end(text); // One that does not read it has ended.
      return (await running).stdout;
    } catch (cause) {
      const { stderr = "", code } = cause as { readonly stderr?: string; readonly code?: unknown };
      const why =
        code === "ENOENT" ? "it is not installed: install tpm2-tools" : (stderr.trim().split("\n")[0] ?? String(code));
      throw new OrreryError("unavailable", `Cannot run ${command}: ${why}`, { cause });
    }
  };
  const run: TpmTools["run"] = (command, ...words) => feed("", command, ...words);
  const alone: TpmTools["alone"] = (work) => {
    const done = last.then(() => work(run, feed));
    last = done.catch(() => undefined);
    return done;
  };
  return { alone, run: (command, ...words) => alone((now) => now(command, ...words)) };
}

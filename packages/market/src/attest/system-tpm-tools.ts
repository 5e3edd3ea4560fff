import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OrreryError } from "@orrery/core";

/** How long one command may take, in ms. */
const COMMAND_TIMEOUT_MS = 20_000;

/** Commands of tpm2-tools to one TPM, one at a time: a TPM keeps little at once. */
export interface TpmTools {
  /** Runs a command such as `tpm2_quote`. @throws OrreryError `unavailable` with what it printed */
  run(command: string, ...words: readonly string[]): Promise<string>;
  /** Does several without others between. */
  alone<T>(work: (run: TpmTools["run"]) => Promise<T>): Promise<T>;
}

/** Opens the commands. `tcti` says where the TPM is, as tpm2-tools have it: `device:/dev/tpmrm0`, `swtpm:path=/run/tpm.sock`. */
export function openTpmTools({ tcti, folder }: { readonly tcti: string; readonly folder: string }): TpmTools {
  let last: Promise<unknown> = Promise.resolve();
  const run = async (command: string, ...words: readonly string[]) => {
    const env = { ...process.env, TPM2TOOLS_TCTI: tcti };
    try {
      const { stdout } = await promisify(execFile)(command, words, { cwd: folder, env, timeout: COMMAND_TIMEOUT_MS });
      return stdout;
    } catch (cause) {
      const { stderr = "", code } = cause as { readonly stderr?: string; readonly code?: unknown };
      const why =
        code === "ENOENT" ? "it is not installed: install tpm2-tools" : (stderr.trim().split("\n")[0] ?? String(code));
      throw new OrreryError("unavailable", `Cannot run ${command}: ${why}`, { cause });
    }
  };
  const alone: TpmTools["alone"] = (work) => {
    const done = last.then(() => work(run));
    last = done.catch(() => undefined);
    return done;
  };
  return { alone, run: (command, ...words) => alone((now) => now(command, ...words)) };
}

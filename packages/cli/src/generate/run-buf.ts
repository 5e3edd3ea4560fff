import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { OrreryError } from "@orrery/core";

const require = createRequire(import.meta.url);

/** How long buf may take, in ms. */
const BUF_TIMEOUT_MS = 60_000;

/** Where buf runs, and what of its paths means what to the user. */
export interface RunBufOptions {
  /** Workspace with a `buf.yaml`, holding the user's files below `user/`. */
  readonly workspace: string;
  /** Folder into which the code goes. */
  readonly out: string;
  /** Folder that the user's files came from, for errors. */
  readonly folder: string;
}

/**
 * Runs buf with protoc-gen-es, both from the packages that the command depends on.
 * @throws OrreryError `invalid_argument` that lists what is wrong as `file:line:column: text`.
 */
export async function runBuf(options: RunBufOptions): Promise<void> {
  const plugin = join(dirname(require.resolve("@bufbuild/protoc-gen-es/package.json")), "bin", "protoc-gen-es");
  const template = {
    version: "v2",
    plugins: [
      {
        local: [process.execPath, plugin],
        out: options.out,
        opt: ["target=ts", "import_extension=ts", "erasable_syntax=true"],
      },
    ],
  };
  const buf = join(dirname(require.resolve("@bufbuild/buf/package.json")), "bin", "buf");
  const args = [buf, "generate", "--template", JSON.stringify(template)];
  const failed = await new Promise<string | undefined>((resolve) => {
    execFile(process.execPath, args, { cwd: options.workspace, timeout: BUF_TIMEOUT_MS }, (error, _stdout, stderr) => {
      resolve(error === null ? undefined : stderr.trim() || error.message);
    });
  });
  if (failed === undefined) return;
  const problems = failed.split("\n").map((line) => reworded(line, options.folder));
  throw new OrreryError("invalid_argument", problems.join("\n"), { details: { problems } });
}

/** `user/a.proto:3:1:text` is told as `FOLDER/a.proto:3:1: text`. */
function reworded(line: string, folder: string): string {
  const match = /^user\/(.*?\.proto):(\d+):(\d+):(.*)$/.exec(line);
  if (match === null) return line;
  const [, file = "", row, column, text = ""] = match;
  return `${join(folder, file)}:${row}:${column}: ${text.trim()}`;
}

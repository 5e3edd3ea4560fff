import { flushCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Environment of processes and threads that are to find compiled code, and to leave theirs. Told before they begin, for their own program would be
 * compiled before it could say so. The folder is Node's own choice.
 */
export const COMPILED: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
};

/** Keeps what was compiled here so far, for those who start while this one runs, or after it is killed: by itself Node does so at an orderly end. */
export function keepCompiled(): void {
  flushCompileCache();
}

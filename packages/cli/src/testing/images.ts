import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A registry of images that has one. */
export interface ImageRegistry extends AsyncDisposable {
  /** With its port. */
  readonly host: string;
  /** Of the image. */
  readonly digest: string;
}

const PROGRAM = fileURLToPath(new URL("../../../market/src/testing/registry-server.ts", import.meta.url));

/** Why there is none here; `false` where there is. */
export const NO_REGISTRY: string | false =
  spawnSync("docker-registry", ["--version"]).status !== 0 &&
  "docker-registry is not installed, see tools/system-packages.ts";

/** Starts Debian's registry with the image of a folder, in a process of its own, which ends with this one. */
export async function startImages(folder: string, place: { readonly repository: string; readonly tag: string }) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--conditions=source", PROGRAM, folder, place.repository, place.tag], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(([code, signal]) => Promise.reject(new Error(`the registry ended by ${code ?? signal}`))),
  ]);
  return {
    ...(JSON.parse(String(line)) as Omit<ImageRegistry, keyof AsyncDisposable>),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  } satisfies ImageRegistry;
}

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server that speaks S3, with one bucket. */
export interface CephBucket extends AsyncDisposable {
  readonly bucket: string;
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
}

const PROGRAM = fileURLToPath(new URL("../../../registry/src/testing/ceph-server.ts", import.meta.url));

/** Why there is none here; `false` where there is. */
export const NO_CEPH: string | false =
  spawnSync("radosgw", ["--version"]).status !== 0 && "Ceph is not installed, see tools/system-packages.ts";

/** Starts Ceph in a process of its own, which ends with this one. */
export async function startBucket(bucket: string): Promise<CephBucket> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--conditions=source", PROGRAM, bucket], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(([code, signal]) => Promise.reject(new Error(`Ceph ended by ${code ?? signal}`))),
  ]);
  const { endpoint, key, secret } = JSON.parse(String(line)) as Omit<CephBucket, "bucket">;
  return {
    bucket,
    endpoint,
    key,
    secret,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

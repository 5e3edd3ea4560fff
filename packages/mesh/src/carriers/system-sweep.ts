import { lstat, readdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

/** Files that are looked at in one sweep. */
const SWEPT_MAX = 256;
/** Age from which a file is looked at, in ms: a socket that is being opened refuses for a moment. */
const AGE_MIN_MS = 60_000;

/**
 * Takes away the files of sockets that nobody listens at any more, which killed processes leave behind. Gives how many those were; what cannot
 * be looked at stays.
 */
export async function sweepSockets(folder: string, ageMinMs: number = AGE_MIN_MS): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".sock"));
  const swept = names.slice(0, SWEPT_MAX).map((name) => sweep(join(folder, name), ageMinMs));
  return (await Promise.all(swept)).filter(Boolean).length;
}

async function sweep(path: string, ageMinMs: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true || Date.now() - found.mtimeMs < ageMinMs || !(await isRefused(path))) return false;
  return await unlink(path).then(
    () => true,
    () => false,
  );
}

function isRefused(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.unref();
  socket.once("connect", () => {
    socket.destroy();
    resolve(false);
  });
  socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  return promise;
}

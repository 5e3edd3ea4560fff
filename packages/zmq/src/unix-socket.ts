import { chmodSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { isMainThread } from "node:worker_threads";
import { ZmqError } from "./errors.ts";

/** How often a path is tried whose file is taken away meanwhile by somebody else. */
const TRIES_MAX = 3;

/**
 * Lets a server listen at a path. Its folder is made where it is missing, for this user alone; so is the file. A file at which nobody
 * listens any more is taken away first. The server takes its file away when it closes.
 * @throws ZmqError `address_in_use` when somebody listens there, or the file is no socket; `address_unavailable` for all else.
 */
export async function listenAtPath(server: Server, path: string, address: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (let tries = 1; ; tries++) {
      const error = await tryListen(server, path);
      if (error === undefined) return;
      if (error.code !== "EADDRINUSE" || tries === TRIES_MAX) throw error;
      await removeStale(path, address);
    }
  } catch (error) {
    if (error instanceof ZmqError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EACCES" || code === "EPERM" ? "not permitted, choose a folder of your own" : message;
    throw new ZmqError("address_unavailable", `Cannot bind "${address}": ${why}`, { cause: error });
  }
}

/** Binds for this user alone from the first moment, where the process may say so: other threads have no mask of their own. */
async function tryListen(server: Server, path: string): Promise<NodeJS.ErrnoException | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  const onListening = () => resolve(undefined);
  server.once("error", resolve);
  server.once("listening", onListening);
  const mask = isMainThread ? process.umask(0o177) : undefined;
  try {
    server.listen({ path });
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  const error = await promise;
  server.off("error", resolve);
  server.off("listening", onListening);
  if (error === undefined) chmodSync(path, 0o600);
  return error;
}

/** Takes a socket's file away if nobody listens at it. @throws ZmqError `address_in_use` otherwise. */
async function removeStale(path: string, address: string): Promise<void> {
  const before = fileAt(path);
  if (before === undefined) return;
  if (!before.isSocket())
    throw new ZmqError(
      "address_in_use",
      `Cannot bind "${address}": "${path}" is there and is no socket, choose another path`,
    );
  if (await isAnswered(path))
    throw new ZmqError(
      "address_in_use",
      `Cannot bind "${address}": it is taken, somebody listens at "${path}"; choose another path or end it`,
    );
  // Whoever was quicker has put another file there.
  if (fileAt(path)?.ino === before.ino) unlinkSync(path);
}

function fileAt(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Whether somebody listens at a path: all but a refusal counts, so that no file is taken from under anybody. */
function isAnswered(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  return promise;
}

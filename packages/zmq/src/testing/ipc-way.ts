import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRelay } from "./relay.ts";

/** A way to a Unix socket over a relay, which can be cut. */
export interface IpcWay {
  readonly path: string;
  sever(): void;
  close(): void;
}

/** A folder of its own for sockets, with short paths. */
export interface SocketFolder {
  readonly path: string;
  /** A path that nobody uses. */
  next(): string;
  remove(): void;
}

/** Makes a folder for sockets. */
export function createSocketFolder(): SocketFolder {
  const path = mkdtempSync(join(tmpdir(), "orrery-ipc-"));
  let last = 0;
  return {
    path,
    next: () => join(path, `${++last}.sock`),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Opens a relay to a Unix socket. Nothing keeps the process alive because of it. */
export async function createIpcWay(path: string, target: string): Promise<IpcWay> {
  const { sever, close } = await openRelay({
    listen: { path },
    connect: () => connect({ path: target }),
    cut: (socket) => socket.destroy(),
  });
  return { path, sever, close };
}

import { constants } from "node:fs";
import { access, readFile, stat, statfs } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { freemem } from "node:os";
import type { Machine, PathFacts } from "./machine.ts";
import { listenerOf } from "./proc-ports.ts";
import { createRedactor } from "./redact.ts";
import { startCommand } from "./system-command.ts";

/**
 * Makes the machine that this process runs on, whose commands get the given variables. Default: those of this process. What its commands print
 * is told without the secrets.
 */
export function createSystemMachine(
  variables: Machine["variables"] = process.env,
  secrets: readonly string[] = [],
): Machine {
  const redact = createRedactor(secrets);
  return {
    node: process.versions.node,
    variables,
    look,
    read,
    listen,
    free: async (what, path) => (what === "memory" ? freeMemory() : await freeDisk(path)),
    reach: (url, timeoutMs) => (url.startsWith("tcp:") ? reachTcp(url, timeoutMs) : reachHttp(url, timeoutMs)),
    run: async (order) => {
      const end = await startCommand({ ...order, variables: { ...variables, ...order.variables } }).end;
      return { ...end, lines: end.lines.map(redact) };
    },
  };
}

async function look(path: string): Promise<PathFacts | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  const may = (mode: number) =>
    access(path, mode).then(
      () => true,
      () => false,
    );
  const enter = facts.isDirectory() ? constants.X_OK : 0;
  return {
    is: facts.isFile() ? "file" : facts.isDirectory() ? "folder" : "other",
    isReadable: await may(constants.R_OK | enter),
    isWritable: await may(constants.W_OK | enter),
    isPrivate: (facts.mode & 0o077) === 0 && facts.uid === process.getuid?.(),
  };
}

async function read(path: string, bytesMax: number): Promise<string> {
  const { size } = await stat(path);
  if (size > bytesMax) throw new Error(`Cannot read "${path}": it is longer than ${bytesMax} bytes`);
  return await readFile(path, "utf8");
}

/** Listens for a moment: only the kernel knows what it allows. */
async function listen(host: string, port: number): Promise<string> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<string>();
  server.once("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "EADDRINUSE") resolve(`is taken by ${listenerOf(port)}`);
    else resolve(code === "EACCES" ? "is not for this user" : `cannot be opened at ${host} (${code})`);
  });
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve("")));
  return await promise;
}

function freeMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

async function freeDisk(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

async function reachTcp(url: string, timeoutMs: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), timeout: timeoutMs });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("connect", () => resolve(""));
  socket.once("timeout", () => resolve(tooSlow(timeoutMs)));
  socket.once("error", ({ code, message }: NodeJS.ErrnoException) => resolve(`is not reachable (${code ?? message})`));
  const why = await promise;
  socket.destroy();
  return why;
}

/** Any answer will do, also one that says no: what it means is the component's to know. Errors of the server do not count as one. */
async function reachHttp(url: string, timeoutMs: number): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    await response.body?.cancel();
    return response.status < 500 ? "" : `answers with status ${response.status}`;
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return name === "TimeoutError" ? tooSlow(timeoutMs) : `is not reachable (${cause?.code ?? cause?.message ?? name})`;
  }
}

function tooSlow(timeoutMs: number): string {
  return `does not answer within ${timeoutMs / 1000} s`;
}

/** Puts variables in the environment of this process. */
export function setVariables(texts: Readonly<Record<string, string>>): void {
  Object.assign(process.env, texts);
}

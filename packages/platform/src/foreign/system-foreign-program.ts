import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Clock, OrreryError, type Timer } from "@orrery/core";
import { Agent, request } from "undici";
import type { ForeignPart } from "./foreign-part.ts";
import {
  FOREIGN_END_MS,
  FOREIGN_HEALTH_MS,
  FOREIGN_ILL_AFTER,
  FOREIGN_LOOK_AGAIN_MS,
  FOREIGN_LOOK_MS,
  FOREIGN_START_MS,
  RELAY_TAKEN_MS,
} from "./limits.ts";

/** Options of `openForeignProgram`. */
export interface ForeignProgramOptions extends Pick<ForeignPart, "url" | "exec" | "health"> {
  /** What errors call it. */
  readonly name: string;
  /** The socket by which one is reached that runs elsewhere. Default: by its address. */
  readonly socketPath?: string | undefined;
  /** In which it is started. */
  readonly folder: string;
  readonly clock: Clock;
  /** Told once, when it ended or is ill: it takes no calls any more. */
  readonly onLost: (why: string) => void;
}

/** A foreign program that takes calls. */
export interface ForeignProgram extends AsyncDisposable {
  /** Where, without a slash at the end. */
  readonly url: string;
}

/**
 * Starts a foreign program, or looks for one that runs elsewhere, and waits until it is well. It is told by `PORT` and `HOST` where to listen, ends
 * with this process, and what it prints is printed here.
 * @throws OrreryError `unavailable` where it does not come in time, `failed_precondition` where it ends before
 */
export async function openForeignProgram(options: ForeignProgramOptions): Promise<ForeignProgram> {
  const { exec, clock, name, onLost } = options;
  const child = exec === undefined ? undefined : await start(exec, options);
  const url = child?.url ?? options.url ?? "";
  const ended = new AbortController();
  let isLost = false;
  const lose = (why: string) => {
    if (isLost || ended.signal.aborted) return;
    isLost = true;
    onLost(why);
  };
  const close = async () => {
    ended.abort();
    if (child !== undefined) await end(child.process, clock);
  };
  try {
    await untilWell(url, { ...options, over: child?.over });
  } catch (error) {
    await close();
    throw error;
  }
  void child?.over.then((how) => lose(`"${name}" ended: ${how}`));
  void watch(url, { ...options, signal: ended.signal, lose });
  return { url, [Symbol.asyncDispose]: close };
}

interface Started {
  readonly url: string;
  readonly process: ChildProcess;
  /** How it ended. */
  readonly over: Promise<string>;
}

/** Ends a program with the thread that started it, however that ends. */
const WITH_PARENT = "/usr/bin/setpriv";

async function start(
  exec: readonly string[],
  { folder, name }: Pick<ForeignProgramOptions, "folder" | "name">,
): Promise<Started> {
  const port = await freePort();
  const words = existsSync(WITH_PARENT) ? [WITH_PARENT, "--pdeathsig", "KILL", ...exec] : exec;
  const [program = "", ...args] = words;
  const env = { ...process.env, PORT: String(port), HOST: "127.0.0.1" };
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
  const over = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? `with code ${code ?? 0}` : `by ${signal}`));
    child.once("error", (error) => resolve(`it cannot be started, ${error.message} for ${JSON.stringify(name)}`));
  });
  return { url: `http://127.0.0.1:${port}`, process: child, over };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function end(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = clock.timer(FOREIGN_END_MS, () => child.kill("SIGKILL"));
  await gone;
  timer.cancel();
}

async function untilWell(
  url: string,
  { name, health, clock, over, socketPath }: ForeignProgramOptions & { readonly over: Promise<string> | undefined },
): Promise<void> {
  let ended: string | undefined;
  void over?.then((how) => {
    ended = how;
  });
  let why = "it does not answer";
  for (const endMs = clock.monotonic() + FOREIGN_START_MS; clock.monotonic() < endMs; ) {
    if (ended !== undefined)
      throw new OrreryError("failed_precondition", `Cannot start "${name}": it ended ${ended} before it took calls`);
    const said = await look(url, { health, socketPath, clock });
    if (said === undefined) return;
    why = said;
    await clock.sleep(FOREIGN_LOOK_AGAIN_MS);
  }
  throw new OrreryError("unavailable", `Cannot start "${name}": at ${url} ${why}, for ${FOREIGN_START_MS / 1_000} s`);
}

async function watch(
  url: string,
  {
    health,
    clock,
    signal,
    lose,
    name,
    socketPath,
  }: ForeignProgramOptions & { signal: AbortSignal; lose: (why: string) => void },
): Promise<void> {
  let ill = 0;
  while (!signal.aborted) {
    await clock.sleep(FOREIGN_HEALTH_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const why = await look(url, { health, socketPath, clock });
    ill = why === undefined ? 0 : ill + 1;
    if (ill >= FOREIGN_ILL_AFTER) return lose(`"${name}" is ill: ${why}`);
  }
}

type Looking = Pick<ForeignProgramOptions, "health" | "socketPath" | "clock">;

/** Why a program is not well; undefined where it is. */
async function look(url: string, { health, socketPath, clock }: Looking): Promise<string | undefined> {
  if (health !== undefined) return await ask(`${url}${health}`, socketPath);
  const { hostname, port, protocol } = new URL(url);
  const at = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return socketPath === undefined
    ? await knock(connect({ host: hostname.replace(/^\[|\]$/g, ""), port: at, timeout: FOREIGN_LOOK_MS }))
    : await knock(connect({ path: socketPath, timeout: FOREIGN_LOOK_MS }), clock);
}

async function ask(url: string, socketPath: string | undefined): Promise<string | undefined> {
  const dispatcher = socketPath === undefined ? undefined : new Agent({ connect: { socketPath } });
  try {
    const limits = { headersTimeout: FOREIGN_LOOK_MS, bodyTimeout: FOREIGN_LOOK_MS };
    const answer = await request(url, { ...limits, ...(dispatcher && { dispatcher }) });
    await answer.body.dump();
    return answer.statusCode < 400 ? undefined : `its health is answered ${answer.statusCode}`;
  } catch (error) {
    return `nobody answers (${(error as { readonly code?: string }).code ?? (error as Error).message})`;
  } finally {
    await dispatcher?.close();
  }
}

/** Whether a connection is taken. One that is led on is taken first, and cut if nobody takes it there: so it is waited for with a clock. */
function knock(socket: Socket, clock?: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const done = (why: string | undefined) => {
      timer?.cancel();
      socket.destroy();
      resolve(why);
    };
    socket.once("connect", () => {
      if (clock === undefined) return done(undefined);
      timer = clock.timer(RELAY_TAKEN_MS, () => done(undefined));
      socket.once("close", () => done("nobody answers there"));
    });
    socket.once("timeout", () => done("nobody answers"));
    socket.once("error", (error: NodeJS.ErrnoException) => done(`nobody answers (${error.code ?? error.message})`));
  });
}

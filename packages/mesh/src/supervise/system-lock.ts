import { realpathSync } from "node:fs";
import { connect, createServer } from "node:net";
import { OrreryError } from "@orrery/core";

/** Options of a lock. */
export interface LockFolderOptions {
  /** What the folder is taken for; it may be taken for each once. Default: `supervise`. */
  readonly purpose?: string;
  /** Says what another one has; its process is undefined where it does not tell. Default: that a supervisor runs there. */
  readonly refusal?: (pid: number | undefined) => string;
}

/** How long whoever has a folder may take to tell its process: it may be stopped. */
const TELL_MS = 1_000;

/**
 * Takes a folder for one process, by a socket name that the machine gives to one at a time and takes back when it ends, however that
 * happens. Linux only.
 * @throws OrreryError `failed_precondition` when another has it, with its process in the text and in `details.pid`; `unimplemented` where the
 * machine has no such names.
 */
export async function lockFolder(folder: string, options: LockFolderOptions = {}): Promise<Disposable> {
  const { purpose = "supervise", refusal = (pid) => superviseRefusal(folder, pid) } = options;
  const { createHash } = await import("node:crypto"); // Only those load it who lock one.
  const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  const path = `\0orrery-${purpose}-${name}`;
  const server = createServer((socket) => {
    socket.on("error", () => {}); // Whoever asked may have gone.
    socket.end(String(process.pid));
  });
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code === "EADDRINUSE") resolve(true);
      else reject(noNames(folder, cause));
    });
    server.listen(path, () => resolve(false));
  });
  if (isTaken) {
    const pid = await askPid(path);
    throw new OrreryError("failed_precondition", refusal(pid), pid === undefined ? {} : { details: { pid } });
  }
  server.unref();
  return { [Symbol.dispose]: () => void server.close() };
}

/** Makes the error of a machine that gives no such names, as those do that are no Linux. */
function noNames(folder: string, cause: Error): OrreryError {
  return new OrreryError(
    "unimplemented",
    `Cannot take "${folder}" for one process: this machine does not give the name for that (${cause.message.replaceAll("\0", "@")}), use Linux`,
    { cause },
  );
}

function superviseRefusal(folder: string, pid: number | undefined): string {
  const whose = pid === undefined ? "" : `, process ${pid}`;
  return `Cannot supervise in "${folder}": another supervisor runs there${whose}, stop it first`;
}

async function askPid(path: string): Promise<number | undefined> {
  return await new Promise((resolve) => {
    let told = "";
    const socket = connect(path);
    const end = () => {
      socket.destroy();
      resolve(/^\d+$/.test(told) ? Number(told) : undefined);
    };
    socket.setTimeout(TELL_MS, end);
    socket.on("data", (data) => {
      told += String(data);
    });
    socket.on("error", end);
    socket.on("end", end);
  });
}

import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { OrreryError } from "@orrery/core";
import { noNames } from "../supervise/no-names.ts";

/**
 * Takes a folder by a socket name that the machine gives to one process at a time and takes back when it ends, however it ends. `what` says
 * what is in the folder. Gives what lets go of it. Linux only.
 * @throws OrreryError `failed_precondition` when another process has it.
 */
export async function lockFolder(folder: string, what: "journal" | "state"): Promise<() => void> {
  const { createHash } = await import("node:crypto"); // Only those load it who lock one.
  const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EADDRINUSE") return reject(noNames(folder, cause));
      const text = `Cannot open the ${what} in "${folder}": another process has it, stop it first or name another folder`;
      reject(new OrreryError("failed_precondition", text, { cause }));
    });
    server.listen(`\0orrery-${what}-${name}`, resolve);
  });
  server.unref();
  return () => void server.close();
}

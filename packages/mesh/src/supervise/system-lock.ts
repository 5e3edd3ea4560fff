import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { OrreryError } from "@orrery/core";

/**
 * Takes a folder for one supervisor, by a socket name that the machine gives to one process at a time and takes back when it ends, however
 * that happens. Linux only.
 * @throws OrreryError `failed_precondition` when another has it.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => {
      const text = `Cannot supervise in "${folder}": another supervisor runs there, stop it first`;
      reject(new OrreryError("failed_precondition", text));
    });
    server.listen(`\0orrery-supervise-${name}`, resolve);
  });
  server.unref();
  return { [Symbol.dispose]: () => void server.close() };
}

import { createHash } from "node:crypto";
import { join } from "node:path";

/** Variable by which a process in a cage learns in which folder the sockets lie that lead out of it. */
export const RELAYS_VARIABLE = "ORRERY_RELAYS";

/** The socket, in the folder of an app's, that leads to where a foreign program runs. */
export function relayPath(folder: string, url: string): string {
  return join(folder, `to-${createHash("sha256").update(new URL(url).origin).digest("hex").slice(0, 12)}`);
}

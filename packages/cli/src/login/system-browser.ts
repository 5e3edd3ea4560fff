import { spawn } from "node:child_process";
import type { Terminal } from "../terminal.ts";

/** Opens a page in the browser of whoever sits here, as well as this machine can: its address has been said besides. */
export function openBrowser(url: string, { env }: Pick<Terminal, "env">): void {
  const own = env["BROWSER"];
  const command = own !== undefined && own !== "" ? own : process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(command, [url], { stdio: "ignore", detached: true });
  child.once("error", () => undefined); // There is none.
  child.unref();
}

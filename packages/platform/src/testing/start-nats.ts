import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A server of NATS with JetStream. */
export interface TestNats extends AsyncDisposable {
  readonly url: string;
  /** Ends it without warning, and starts it again over what it keeps, at the same port. */
  restart(): Promise<void>;
}

/** Why there is none here; false where there is. */
export const NO_NATS: string | false =
  spawnSync("nats-server", ["--version"]).status !== 0 && "nats-server is not installed, see tools/system-packages.ts";

/** Starts Debian's nats-server on a free port of this host alone. */
export async function startNats(): Promise<TestNats> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-nats-"));
  const begin = async (port: string) => {
    const words = ["-a", "127.0.0.1", "-p", port, "-js", "-sd", folder, "--ports_file_dir", folder];
    const child = spawn("nats-server", words, { stdio: "ignore" });
    const file = await untilThere(folder, `nats-server_${child.pid}.ports`);
    const { nats } = JSON.parse(file) as { nats: readonly string[] };
    return { child, port: /:(\d+)$/.exec(nats[0] ?? "")?.[1] ?? "" };
  };
  let server = await begin("-1");
  const end = async () => {
    server.child.kill("SIGKILL");
    if (server.child.exitCode === null && server.child.signalCode === null) await once(server.child, "exit");
  };
  return {
    url: `nats://127.0.0.1:${server.port}`,
    restart: async () => {
      await end();
      server = await begin(server.port);
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilThere(folder: string, name: string): Promise<string> {
  for (;;) {
    const text = readdirSync(folder).includes(name) ? readFileSync(join(folder, name), "utf8") : "";
    if (text.endsWith("}")) return text;
    await pause(10);
  }
}

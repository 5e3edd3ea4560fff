import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { createSystemClock } from "@orrery/core";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { openSealedFiles } from "../tls/system-certificate-store.ts";
import { openOwnAuthority } from "../tls/system-own-authority.ts";

/** A server of ACME with a DNS that tests fill. */
export interface TestPebble extends AsyncDisposable {
  /** Address of its directory, and the authority by which that is known. */
  readonly directory: string;
  readonly authorities: string;
  /** Where it looks for proofs over plain HTTP, on this machine: every name leads here. */
  readonly httpPort: number;
  /** Its DNS, `HOST:PORT`. */
  readonly dns: string;
  /** The root of the certificates that it makes. */
  root(): Promise<string>;
  /** Puts a text into the DNS, beside what is there. */
  setText(name: string, value: string): Promise<void>;
}

/** Why there is none here; false where there is. */
export const NO_PEBBLE: string | false =
  spawnSync("pebble", ["-h"]).error !== undefined && "pebble is not installed, see tools/system-packages.ts";

/** Starts Debian's pebble and its DNS on free ports of this machine alone. */
export async function startPebble(): Promise<TestPebble> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-pebble-"));
  const [api, management, httpPort, tlsPort, dns, fill] = await Promise.all(Array.from({ length: 6 }, freePort));
  const files = openSealedFiles(join(folder, "keys"), createSecretBox([createSecretKey()]));
  const authority = await openOwnAuthority({ files, clock: createSystemClock() });
  const { chain, key } = await authority.order("localhost");
  const [certificate, privateKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(certificate, chain);
  writeFileSync(privateKey, key);
  const config = join(folder, "pebble.json");
  const at = { listenAddress: `127.0.0.1:${api}`, managementListenAddress: `127.0.0.1:${management}` };
  writeFileSync(config, JSON.stringify({ pebble: { ...at, certificate, privateKey, httpPort, tlsPort } }));
  const start = (command: string, args: readonly string[]): ChildProcess =>
    spawn(command, args, { stdio: "ignore", env: { PATH: process.env["PATH"], PEBBLE_VA_NOSLEEP: "1" } });
  const none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
  const children = [
    start("pebble-challtestsrv", [...none, "-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${fill}`]),
    start("pebble", ["-config", config, "-dnsserver", `127.0.0.1:${dns}`]),
  ];
  const ask = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const options = { host: "localhost", port: management, path, ca: authority.root };
      get(options, (answer) => resolve(text(answer))).on("error", reject);
    });
  const untilUp = async (look: () => Promise<unknown>) => {
    for (;;) {
      const isUp = await look().then(
        () => true,
        () => false,
      );
      if (isUp) return;
      await pause(20);
    }
  };
  const setText = async (name: string, value: string) => {
    const body = JSON.stringify({ host: `${name}.`, value });
    const { ok } = await fetch(`http://127.0.0.1:${fill}/set-txt`, { method: "POST", body });
    if (!ok) throw new Error("the DNS of the test takes no text");
  };
  await untilUp(() => setText("ready.test", "yes"));
  await untilUp(() => ask("/roots/0"));
  return {
    directory: `https://localhost:${api}/dir`,
    authorities: authority.root,
    httpPort: httpPort ?? 0,
    dns: `127.0.0.1:${dns}`,
    root: () => ask("/roots/0"),
    setText,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** A TPM 2.0 in software, with a certificate of its maker. */
export interface StartedTpm extends AsyncDisposable {
  /** Where it is, as tpm2-tools have it. */
  readonly tcti: string;
  /** Who made it, in PEM. */
  readonly maker: string;
  /** A folder of its own, for whoever uses it. */
  readonly folder: string;
  /** Ends it and starts it anew, as a machine does: its registers are empty again, its keys are kept. */
  restart(): Promise<void>;
}

/** Makes and starts one by swtpm. */
export async function startTpm(): Promise<StartedTpm> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-tpm-"));
  const [ca, state, own] = ["ca", "state", "own"].map((name) => join(folder, name)) as [string, string, string];
  await Promise.all([ca, state, own].map((one) => mkdir(one, { mode: 0o700 })));
  const issuer = join(ca, "issuer.pem");
  await writeFile(
    join(folder, "ca.conf"),
    `statedir = ${ca}\nsigningkey = ${join(ca, "key.pem")}\nissuercert = ${issuer}\ncertserial = ${join(ca, "serial")}\n`,
  );
  await writeFile(
    join(folder, "setup.conf"),
    `create_certs_tool=/usr/bin/swtpm_localca\ncreate_certs_tool_config=${join(folder, "ca.conf")}\ncreate_certs_tool_options=/etc/swtpm-localca.options\n`,
  );
  const made = [
    "--tpm2",
    "--tpm-state",
    state,
    "--create-ek-cert",
    "--lock-nvram",
    "--config",
    join(folder, "setup.conf"),
  ];
  await promisify(execFile)("swtpm_setup", made);
  const socket = join(folder, "tpm.sock");
  let running = await start(socket, state);
  return {
    tcti: `swtpm:path=${socket}`,
    maker: await readFile(issuer, "utf8"),
    folder: own,
    restart: async () => {
      await stop(running);
      running = await start(socket, state);
    },
    [Symbol.asyncDispose]: async () => {
      await stop(running);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(socket: string, state: string): Promise<ChildProcess> {
  await Promise.all([socket, `${socket}.ctrl`].map((one) => rm(one, { force: true })));
  const at = ["--server", `type=unixio,path=${socket}`, "--ctrl", `type=unixio,path=${socket}.ctrl`];
  const flags = ["--flags", "not-need-init,startup-clear"];
  const child = spawn("swtpm", ["socket", "--tpm2", "--tpmstate", `dir=${state}`, ...at, ...flags], {
    stdio: "ignore",
  });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`swtpm ended with ${child.exitCode}`);
    await sleep(10);
  }
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { firstLine } from "../lib/open-platform.ts";
import { median } from "../lib/statistics.ts";

const BIN = join(import.meta.dirname, "../../packages/cli/bin/orrery.js");
const PROGRAM = `require("node:http").createServer((_, answer) => answer.end("hello")).listen(process.env.PORT);\n`;
const PORT = 18_080;

/** Times in ms, and their ratio by rounds. */
export interface DeployResult {
  /** The same program as a process, from its start to its first answer. It has a whole core. */
  readonly bareMs: number;
  /** `orrery pod deploy`, from the command's start to the first answer behind the gateway: quote, evidence, deposit on the chain and start; by what the pod asks for. */
  readonly pods: readonly { readonly cpu: string; readonly deployMs: number; readonly ratio: number }[];
}

/** What a pod that says nothing has, and what the process by hand has. */
const SHARES = ["100m", "1"] as const;

/** Deploys small pods on a bench, and starts their process by hand, in turn; each is asked until it answers. */
export async function measureDeploy(rounds: number): Promise<DeployResult> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-bench-market-"));
  const bench = spawn(process.execPath, [BIN, "dev", "up", "--output=json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const type = (...words: string[]) => promisify(execFile)(process.execPath, [BIN, ...words], { cwd: folder });
  try {
    const ready = (await firstLine(bench)) as unknown as {
      readonly providers: readonly { readonly gateway: string }[];
    };
    const gateway = new URL(ready.providers[0]?.gateway ?? "");
    await mkdir(join(folder, "hello"));
    await writeFile(join(folder, "hello/server.js"), PROGRAM);
    const deploy = async (name: string) => {
      await type("pod", "deploy", `${name}.yaml`, "--deposit=1");
      await answered(Number(gateway.port), `${name}.test`);
    };
    const bare = async () => {
      const env = { ...process.env, PORT: String(PORT) };
      const child = spawn(process.execPath, [join(folder, "hello/server.js")], { env, stdio: "inherit" });
      await answered(PORT, "hello.test");
      child.kill("SIGKILL");
      await once(child, "close");
    };
    const times = { bare: [] as number[], "100m": [] as number[], "1": [] as number[] };
    const ways = ["bare", ...SHARES] as const;
    for (let round = 0; round <= rounds; round++) {
      for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
        const name = `hello-${way}-${round}`;
        const text = `name: ${name}\ncontainers:\n  web:\n    image: ./hello\n    cpu: ${way}\n    ports: [{ port: 8080, host: ${name}.test }]\n`;
        if (way !== "bare") await writeFile(join(folder, `${name}.yaml`), text);
        const before = performance.now();
        await (way === "bare" ? bare() : deploy(name));
        if (round > 0) times[way].push(performance.now() - before); // The first one warms.
        if (way !== "bare") await type("pod", "delete", name);
      }
    }
    const pods = SHARES.map((cpu) => {
      const ratio = median(times[cpu].map((one, round) => one / (times.bare[round] ?? 1)));
      return { cpu, deployMs: median(times[cpu]), ratio };
    });
    return { bareMs: median(times.bare), pods };
  } finally {
    bench.kill("SIGTERM");
    if (bench.exitCode === null) await once(bench, "close");
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks until there is an answer of 200. */
async function answered(port: number, host: string): Promise<void> {
  for (;;) {
    const status = await new Promise<number>((resolve) => {
      const asked = request({ port, host: "127.0.0.1", headers: { host }, agent: false }, (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.statusCode ?? 0));
      });
      asked.once("error", () => resolve(0));
      asked.end();
    });
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

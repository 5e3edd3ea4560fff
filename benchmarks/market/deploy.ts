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
  /** The same program as a process, from its start to its first answer. */
  readonly bareMs: number;
  /** `orrery pod deploy`, from the command's start to the first answer behind the gateway: quote, evidence, deposit on the chain and start. */
  readonly deployMs: number;
  readonly ratio: number;
}

/** Deploys a small pod on a bench, and starts its process by hand, in turn; each is asked until it answers. */
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
    const times = { deploy: [] as number[], bare: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const name = `hello-${round}`;
      const text = `name: ${name}\ncontainers:\n  web:\n    image: ./hello\n    ports: [{ port: 8080, host: ${name}.test }]\n`;
      await writeFile(join(folder, `${name}.yaml`), text);
      for (const way of round % 2 === 0 ? (["deploy", "bare"] as const) : (["bare", "deploy"] as const)) {
        const before = performance.now();
        await (way === "deploy" ? deploy(name) : bare());
        if (round > 0) times[way].push(performance.now() - before); // The first one warms.
      }
      await type("pod", "delete", name);
    }
    const ratio = median(times.deploy.map((one, round) => one / (times.bare[round] ?? 1)));
    return { bareMs: median(times.bare), deployMs: median(times.deploy), ratio };
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

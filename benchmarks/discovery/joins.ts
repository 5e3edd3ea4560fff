// How long two real processes take to join, until the second has its first answer: the time starts when it makes its node.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./join-process.ts", import.meta.url));

/** Joins two processes again and again; gives the times in ms. */
export async function measureJoins(which: "orrery" | "moleculer", times: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let time = 0; time < times; time++) tookMs.push(await joinOnce(which));
  return tookMs.sort((a, b) => a - b);
}

async function joinOnce(which: string): Promise<number> {
  const server = start(which, "server", "");
  try {
    const place = await server.line();
    const client = start(which, "client", place);
    const tookMs = Number(await client.line());
    client.child.kill("SIGKILL");
    return tookMs;
  } finally {
    server.child.kill("SIGKILL");
  }
}

function start(which: string, role: string, place: string) {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, which, role, place], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

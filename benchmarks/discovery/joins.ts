// How long two real processes take to join, until the second has its first answer: the time starts when it makes its node.
import { fileURLToPath } from "node:url";
import { startLines } from "./line-process.ts";

const PROGRAM = fileURLToPath(new URL("./join-process.ts", import.meta.url));

/** Joins two processes again and again; gives the times in ms. */
export async function measureJoins(which: "orrery" | "moleculer", times: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let time = 0; time < times; time++) tookMs.push(await joinOnce(which));
  return tookMs.sort((a, b) => a - b);
}

async function joinOnce(which: string): Promise<number> {
  const server = startLines(PROGRAM, [which, "server", ""]);
  try {
    const place = await server.line();
    const client = startLines(PROGRAM, [which, "client", place]);
    const tookMs = Number(await client.line());
    client.child.kill("SIGKILL");
    return tookMs;
  } finally {
    server.child.kill("SIGKILL");
  }
}

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { firstLine, type OpenedPlatform } from "../lib/open-platform.ts";
import { median } from "../lib/statistics.ts";
import { ANSWER, QUESTION } from "./greeter.ts";

const CONNECTIONS = 32;

/** What came of it: requests a second of each, and their ratio by rounds. */
export interface GatewayResult {
  readonly bare: number;
  readonly gateway: number;
  readonly ratio: number;
}

/** Asks a handler behind the gateway, in a process of an app, and the same one on the bare library, in turn. */
export async function measureGateway(
  { web }: OpenedPlatform,
  { folder, host, rounds, seconds }: { folder: string; host: string; rounds: number; seconds: number },
): Promise<GatewayResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "bare.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const bare = (await firstLine(child))["web"] ?? "";
  const script = join(folder, "post.lua");
  const header = `wrk.headers["content-type"] = "application/json"`;
  writeFileSync(script, `wrk.method = "POST"\nwrk.body = '${QUESTION}'\n${header}\n`);
  const rate = async (url: string) => {
    const words = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-s", script, "-H", `Host: ${host}`];
    const { stdout } = await promisify(execFile)("wrk", [...words, `${url}/greeter/greet`]);
    assert.doesNotMatch(stdout, /Non-2xx|Socket errors/, stdout);
    const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
    return Number(requests) / Number(took);
  };
  for (const url of [bare, web]) assert.deepEqual(await ask(url, host), ANSWER);
  const rates = { [bare]: [] as number[], [web]: [] as number[] };
  for (let round = 0; round <= rounds; round++)
    for (const url of round % 2 === 0 ? [bare, web] : [web, bare]) {
      const one = await rate(url);
      if (round > 0) rates[url]?.push(one); // The first one warms.
    }
  child.kill("SIGTERM");
  if (child.exitCode === null) await once(child, "close");
  const [bares, gateways] = [rates[bare] ?? [], rates[web] ?? []];
  const ratio = median(gateways.map((one, round) => one / (bares[round] ?? 1)));
  return { bare: median(bares), gateway: median(gateways), ratio };
}

/** Asks once, by the name of a host. */
export function ask(url: string, host: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { host, "content-type": "application/json" };
    request(`${url}/greeter/greet`, { method: "POST", headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${answer.statusCode}: ${text}`));
      });
    })
      .on("error", reject)
      .end(QUESTION);
  });
}

// npm run bench:web: measures static files beside the bare library and nginx, and writes the table of docs/reference/web.md. `-- --quick` measures little, and prints.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { WEB_PAGE, writePage } from "../lib/document.ts";
import { cpuMicrosOf, describeMachine } from "../lib/machine.ts";
import { median } from "../lib/statistics.ts";
import { type BenchFile, FILES } from "./files.ts";
import { openSubjects, type WebSubject } from "./servers.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 7;
const seconds = isQuick ? 1 : 2;
const CONNECTIONS = 32;

const folder = mkdtempSync(join(tmpdir(), "orrery-bench-web-"));
chmodSync(folder, 0o755);
const { subjects, host, close } = await openSubjects(folder);
const [ours] = subjects;

/** What a server answers is what it is to answer. */
async function assertServes({ name, url }: WebSubject, file: BenchFile): Promise<void> {
  const body = await new Promise<Buffer>((resolve, reject) => {
    get(`${url}${file.name}`, { headers: { host } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece)).on("end", () => resolve(Buffer.concat(pieces)));
    }).on("error", reject);
  });
  assert.ok(body.equals(file.bytes), `${name} serves ${file.name}`);
}

/** What one round tells of a server. */
interface Round {
  /** Requests a second, as wrk counts them. */
  readonly rate: number;
  /** CPU time of the server for one request, in µs. */
  readonly cpuMicros: number;
}

async function load({ name, url, pid }: WebSubject, file: BenchFile): Promise<Round> {
  const before = cpuMicrosOf(pid);
  const words = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-H", `Host: ${host}`, `${url}${file.name}`];
  const { stdout } = await promisify(execFile)("wrk", words);
  assert.doesNotMatch(stdout, /Non-2xx|Socket errors/, `${name}: ${stdout}`);
  const [, requests, took] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
  return { rate: Number(requests) / Number(took), cpuMicros: (cpuMicrosOf(pid) - before) / Number(requests) };
}

const rows: string[] = [];
for (const file of FILES) {
  for (const subject of subjects) await assertServes(subject, file);
  const rates = new Map<WebSubject, Round[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed();
    for (const subject of order) {
      const one = await load(subject, file);
      if (round > 0) rates.get(subject)?.push(one); // The first one warms.
    }
  }
  const own = (ours && rates.get(ours)) ?? [];
  for (const [subject, of] of rates) {
    const rate = median(own.map((one, round) => one.rate / (of[round]?.rate ?? 1)));
    const cpu = median(own.map((one, round) => (of[round]?.cpuMicros ?? 1) / one.cpuMicros));
    const shown = [file.label, subject.name, median(of.map((one) => one.rate)).toFixed(0)];
    const cost = median(of.map((one) => one.cpuMicros)).toFixed(0);
    const ratios = subject === ours ? ["", ""] : [rate.toFixed(2), cpu.toFixed(2)];
    rows.push(`| ${[...shown, ratios[0], `${cost} µs`, ratios[1]].join(" | ")} |`);
  }
}
await close();
rmSync(folder, { recursive: true, force: true });

const text = [
  "| file | server | requests a second | `orrery up` to it | CPU time of a request | its to that of `orrery up` |",
  "| --- | --- | ---: | ---: | ---: | ---: |",
  ...rows,
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, WEB_PAGE);

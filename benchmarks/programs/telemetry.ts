// node --conditions=source benchmarks/programs/telemetry.ts [--rounds=20]: what telemetry costs a call in CPU time, client and server of
// each kind in a process of its own. The kinds take turns, of each process its best rounds count, and of three processes the middle: what else the
// machine does makes rounds slower, and how a process compiles makes all of its rounds differ.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { median, quantile } from "../lib/statistics.ts";

const CARRIERS = ["tcp", "memory"] as const;
const KINDS = [
  { kind: "idle", title: "telemetry, nothing traced or counted" },
  { kind: "traced", title: "1 % traced" },
  { kind: "counted", title: "all counted" },
  { kind: "followed", title: "1 % traced, all counted" },
] as const;
const WARM_ROUNDS = 6;
const ROUNDS_DEFAULT = 20;
const RUNS = 3;
/** Which of the rounds of a process counts: other work on the machine only ever makes them slower. */
const BEST = 0.1;

type Carrier = (typeof CARRIERS)[number];

/** A process that makes calls when it is asked to. */
class Side {
  readonly #child: ChildProcess;

  constructor(kind: string, carrier: Carrier) {
    this.#child = fork(join(import.meta.dirname, "telemetry-side.ts"), [kind, carrier]);
  }

  async microsPerCall(): Promise<number> {
    this.#child.send("go");
    const [micros] = await once(this.#child, "message");
    return Number(micros);
  }

  stop(): void {
    this.#child.disconnect();
  }
}

interface Row {
  readonly title: string;
  readonly micros: number;
  readonly ratio: number;
}

/** CPU time of a call of each kind, first without telemetry: the best rounds of one process each. */
async function measureOnce(carrier: Carrier, rounds: number): Promise<readonly number[]> {
  const sides = ["none", ...KINDS.map(({ kind }) => kind)].map((kind) => new Side(kind, carrier));
  const micros: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds + WARM_ROUNDS; round++)
    for (const [index, side] of sides.entries()) {
      const own = await side.microsPerCall();
      if (round >= WARM_ROUNDS) micros[index]?.push(own);
    }
  for (const side of sides) side.stop();
  return micros.map((own) => quantile(own, BEST));
}

/** The share of throughput that each kind keeps: the middle of all processes. */
async function measure(carrier: Carrier, rounds: number): Promise<readonly Row[]> {
  const runs: (readonly number[])[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measureOnce(carrier, rounds));
  const [plain = Number.NaN, ...own] = ["none", ...KINDS].map((_, index) => median(runs.map((run) => run[index] ?? 0)));
  return KINDS.map(({ title }, index) => ({ title, micros: plain, ratio: plain / (own[index] ?? 0) }));
}

const words = process.argv.slice(2);
const rounds = Number(words.find((word) => word.startsWith("--rounds="))?.slice(9) ?? ROUNDS_DEFAULT);
for (const carrier of CARRIERS) {
  const rows = await measure(carrier, rounds);
  console.log(`${carrier}: ${rows[0]?.micros.toFixed(2)} µs of CPU a call without telemetry, both sides`);
  for (const { title, ratio } of rows) console.log(`  ${title.padEnd(40)} ${ratio.toFixed(3)}`);
}

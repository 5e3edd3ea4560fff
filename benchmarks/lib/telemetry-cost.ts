// What telemetry costs a call in CPU time, client and server of each kind in a process of its own. The kinds take turns, of each process its best
// rounds count, and of three processes the middle: what else the machine does makes rounds slower, and how a process compiles makes all of its
// rounds differ.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { median, quantile } from "./statistics.ts";

/** What calls are measured over. */
export const TELEMETRY_CARRIERS = ["tcp", "memory"] as const;

/** What a node is followed by. */
export const TELEMETRY_KINDS = [
  { kind: "idle", title: "telemetry, nothing traced or counted" },
  { kind: "traced", title: "1 % traced" },
  { kind: "counted", title: "all counted" },
  { kind: "followed", title: "1 % traced, all counted" },
] as const;

const PROGRAM = join(import.meta.dirname, "..", "programs", "telemetry-side.ts");
const WARM_ROUNDS = 6;
/** Which of the rounds of a process counts: other work on the machine only ever makes them slower. */
const BEST = 0.1;

type Carrier = (typeof TELEMETRY_CARRIERS)[number];

/** What telemetry costs over one carrier. */
export interface TelemetryCost {
  readonly carrier: Carrier;
  /** CPU time of a call without telemetry, both sides, in µs. */
  readonly plainMicros: number;
  /** How many calls of each of `TELEMETRY_KINDS` the same CPU time is enough for, as a share of those without telemetry. */
  readonly shares: readonly number[];
}

/** Measures so many rounds of each kind, in so many processes one after another. */
export async function measureTelemetry(carrier: Carrier, rounds: number, processes = 3): Promise<TelemetryCost> {
  const runs: (readonly number[])[] = [];
  for (let run = 0; run < processes; run++) runs.push(await measureOnce(carrier, rounds));
  const [plainMicros = Number.NaN, ...own] = ["none", ...TELEMETRY_KINDS].map((_, index) =>
    median(runs.map((run) => run[index] ?? 0)),
  );
  return { carrier, plainMicros, shares: own.map((micros) => plainMicros / micros) };
}

/** CPU time of a call of each kind, first without telemetry: the best rounds of one process each. */
async function measureOnce(carrier: Carrier, rounds: number): Promise<readonly number[]> {
  const sides = ["none", ...TELEMETRY_KINDS.map(({ kind }) => kind)].map((kind) => new Side(kind, carrier));
  const micros: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds + WARM_ROUNDS; round++)
    for (const [index, side] of sides.entries()) {
      const own = await side.microsPerCall();
      if (round >= WARM_ROUNDS) micros[index]?.push(own);
    }
  for (const side of sides) side.stop();
  return micros.map((own) => quantile(own, BEST));
}

/** A process that makes calls when it is asked to. */
class Side {
  readonly #child: ChildProcess;

  constructor(kind: string, carrier: Carrier) {
    this.#child = fork(PROGRAM, [kind, carrier]);
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

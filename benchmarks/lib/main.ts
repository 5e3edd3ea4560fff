import { writeFileSync } from "node:fs";
import { endWorkers } from "./channel.ts";

/** What a benchmark's command does with its words. */
export interface BenchmarkProgram<Options> {
  readonly usage: string;
  /** @throws Error naming what is wrong. */
  readonly parse: (words: readonly string[]) => Options | "help";
  readonly run: (options: Options) => Promise<void>;
}

/** Runs a benchmark as a command: exit code 0 done, 1 failed, 2 wrong usage; its processes end with it, also by a signal. */
export async function runMain<Options>(program: BenchmarkProgram<Options>, words: readonly string[]): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void endWorkers().then(() => process.exit(130));
    });
  }
  process.exitCode = await main(program, words);
}

async function main<Options>(program: BenchmarkProgram<Options>, words: readonly string[]): Promise<number> {
  const options = read(program, words);
  if (options === undefined) return 2;
  if (options === "help") {
    process.stdout.write(`${program.usage}\n`);
    return 0;
  }
  try {
    await program.run(options);
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await endWorkers();
  }
}

function read<Options>({ parse }: BenchmarkProgram<Options>, words: readonly string[]): Options | "help" | undefined {
  try {
    return parse(words);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Prints a report, and keeps the raw numbers where that is asked for. */
export function printReport(text: string, results: unknown, json: string | undefined): void {
  process.stdout.write(`${text}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
}

/** Tells progress and remarks. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

import type { CommandResult } from "./command.ts";

/** One named piece of work of a script. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<CommandResult> | CommandResult;
}

/**
 * Runs steps, a few at a time, and prints one line for each as it ends, with the output of those that fail.
 * Gives the names of the failed steps, in the order of `steps`.
 */
export async function runSteps(steps: readonly Step[], atOnce = 3): Promise<string[]> {
  const waiting = [...steps];
  const failed = new Set<Step>();
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const { code, seconds, output } = await timed(step);
      process.stdout.write(`${code === 0 ? "ok    " : "failed"} ${step.name.padEnd(12)} ${seconds} s\n`);
      if (code === 0) continue;
      failed.add(step);
      process.stdout.write(`${output.trimEnd()}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return steps.filter((step) => failed.has(step)).map((step) => step.name);
}

async function timed(step: Step): Promise<CommandResult & { seconds: string }> {
  const start = performance.now();
  const result = await Promise.resolve()
    .then(step.run)
    .catch((error: unknown) => ({ code: 1, output: error instanceof Error ? error.message : String(error) }));
  return { ...result, seconds: ((performance.now() - start) / 1000).toFixed(1) };
}

// One program that is measured, in a process of its own: does what the driver asks.
import { answerDriver } from "../lib/channel.ts";
import { startProfile, stopProfile } from "../lib/profile.ts";
import type { Program, ProgramFactory, ProgramOptions } from "./program.ts";

let program: Program | undefined;

answerDriver({
  async load({ file, ...options }: { file: string } & ProgramOptions) {
    const module = (await import(new URL(`./programs/${file}`, import.meta.url).href)) as { program: ProgramFactory };
    const startMs = performance.now();
    program = await module.program(options);
    return performance.now() - startMs;
  },
  async run({ windowMs }: { windowMs: number }) {
    const startMs = performance.now();
    const cpuBefore = process.cpuUsage();
    const counts = await program?.run(windowMs);
    const { user, system } = process.cpuUsage(cpuBefore);
    return { counts, elapsedMs: performance.now() - startMs, cpuMicros: user + system };
  },
  startProfile,
  stopProfile,
});

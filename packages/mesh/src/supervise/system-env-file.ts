import { existsSync } from "node:fs";
import type { NodeProgram } from "./node-program.ts";
import type { ControlledProcess, ProcessControl, ProcessRecord, ProcessWatch } from "./process-control.ts";

/**
 * Makes a control that starts nothing whose file of variables is gone: it would run without what it needs, and print what nobody masks. It is
 * told as what something is missing for. What runs already, runs on.
 */
export function withEnvFile(control: ProcessControl): ProcessControl {
  return {
    ...control,
    spawn: (record, watch) => {
      const missing = missingEnvFile(record.program as unknown as NodeProgram);
      return missing === undefined ? control.spawn(record, watch) : new RefusedProcess(record, watch, missing);
    },
  };
}

/** Says that the file of variables of a program is gone; undefined where it is there, or where there is to be none. */
export function missingEnvFile({ envFile }: Pick<NodeProgram, "envFile">): string | undefined {
  if (envFile === undefined || existsSync(envFile)) return undefined;
  return `the file of its secrets "${envFile}" is gone: have it written again`;
}

/** What was not started. I1: its end is told once, never within the call that made it, and not when it was released before. */
export class RefusedProcess implements ControlledProcess {
  readonly record: ProcessRecord;
  #isReleased = false;

  constructor(record: ProcessRecord, watch: ProcessWatch, why: string) {
    this.record = record;
    queueMicrotask(() => {
      if (this.#isReleased) return; // I1
      watch.failed(why);
      watch.exit({ code: null, signal: "", unmet: true });
    });
  }

  ping(): void {}

  drain(): void {}

  signal(): void {}

  measure(): undefined {}

  release(): void {
    this.#isReleased = true;
  }
}

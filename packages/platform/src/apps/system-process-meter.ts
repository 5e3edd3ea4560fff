import { existsSync, readFileSync } from "node:fs";
import { processorTimeOf } from "@orrery/mesh/supervise";
import type { Meter } from "@orrery/registry";
import { replaceFile } from "./system-replace-file.ts";

/**
 * Counts the time of the processors that the processes of one app use. I1: of each it is kept on disk how much was counted, before it counts: a
 * platform that goes on after another counts nothing twice, and what was used meanwhile once. What a process used after it was looked at last,
 * when it ends, is lost.
 */
export interface ProcessMeter {
  /** Counts what was used since. */
  collect(): void;
  /** Counts no more. */
  end(): void;
}

/** Options of `meterProcesses`. */
export interface ProcessMeterOptions {
  /** For whom it counts. */
  readonly app: string;
  /** What was counted, by process. */
  readonly file: string;
  readonly meter: Meter;
  /** Processes that run now. */
  readonly pids: () => readonly number[];
}

/** Counts whenever the meter collects. */
export function meterProcesses({ app, file, meter, pids }: ProcessMeterOptions): ProcessMeter {
  let counted = readCounted(file);
  const collect = () => {
    const read = pids().flatMap((pid) => {
      const time = processorTimeOf(pid);
      return time === undefined ? [] : [[`${pid}/${time.started}`, time.cpuUs] as const];
    });
    const cpuUs = read.reduce((sum, [process, us]) => sum + Math.max(0, us - (counted[process] ?? 0)), 0);
    if (cpuUs === 0) return;
    const next = Object.fromEntries(read);
    replaceFile(file, JSON.stringify(next)); // I1
    counted = next;
    meter.count(app, { cpuUs });
  };
  return { collect, end: meter.onCollect(collect) };
}

/** A file that cannot be read was being written when the machine died, and with it all processes that it could tell of. */
function readCounted(file: string): Readonly<Record<string, number>> {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, number>>) : {};
  } catch {
    return {};
  }
}

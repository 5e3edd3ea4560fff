import { Session } from "node:inspector/promises";

/** What one function used of the CPU while profiled. */
export interface ProfiledFunction {
  /** Name and place: `send zmq-link.ts:84`. */
  readonly name: string;
  readonly selfMicros: number;
}

const SAMPLE_MICROS = 100;

const NOT_WORK = /^\(idle\)|^post node:inspector/;

const session = new Session();

/** Begins to sample this process. */
export async function startProfile(): Promise<void> {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROS });
  await session.post("Profiler.start");
}

/** Ends sampling; gives the functions by their own time, the most expensive first, without the waiting and the profiler. */
export async function stopProfile(): Promise<ProfiledFunction[]> {
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const selfMicros = new Map<string, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const name = names.get(id) ?? "";
    selfMicros.set(name, (selfMicros.get(name) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  }
  const functions = [...selfMicros]
    .filter(([name]) => !NOT_WORK.test(name))
    .map(([name, micros]) => ({ name, selfMicros: micros }));
  return functions.toSorted((left, right) => right.selfMicros - left.selfMicros);
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const file = url.split("/").slice(-3).join("/");
  return `${functionName === "" ? "(anonymous)" : functionName} ${file === "" ? "" : `${file}:${lineNumber + 1}`}`.trim();
}

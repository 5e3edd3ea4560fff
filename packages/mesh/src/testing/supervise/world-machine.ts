import type { Random } from "@orrery/core";
import { createWorld, type World } from "@orrery/sim";
import { createMemoryStore, ModelMachine, type ModelProcess } from "./model-processes.ts";
import type { SuiteDeed, SuiteMachine, SuiteProgram } from "./supervision-suite.ts";

const PROGRAMS: Record<SuiteProgram, object> = {
  serve: {},
  "exit-0": { exitCode: 0 },
  "exit-3": { exitCode: 3 },
  "never-ready": { startMs: 1e9 },
};

/** Makes a machine of modelled processes under the clock of a world. */
export async function createWorldMachine(seed = 1): Promise<SuiteMachine> {
  const world = createWorld({ seed });
  const host = world.node("host");
  await world.start();
  const machine = new ModelMachine(host.clock);
  const find = (pid: number) => machine.processes.find(({ record }) => record.pid === pid);
  return {
    clock: host.clock,
    random: randomOf(world),
    store: createMemoryStore(),
    rules: { memoryBytesMax: 64 * 1024 * 1024 },
    control: () => machine.control(),
    program: (kind) => JSON.parse(JSON.stringify(PROGRAMS[kind])),
    act: async (pid, deed) => befall(find(pid), deed),
    until: (isTrue) => world.until(isTrue),
    pass: (forMs) => world.run({ forMs }),
    isAlive: (pid) => find(pid)?.alive ?? false,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Chance of a world for what needs a source of it. */
export function randomOf(world: World): Random {
  const draw = world.draw("supervisor");
  return {
    next: () => draw.integer(1_000_000) / 1_000_000,
    integer: (bound) => draw.integer(bound),
    bytes: (count) => Uint8Array.from({ length: count }, () => draw.integer(256)),
  };
}

/** Lets something befall a modelled process. */
export function befall(process: ModelProcess | undefined, deed: SuiteDeed): void {
  if (process === undefined) return;
  switch (deed) {
    case "kill":
      process.end({ code: null, signal: "SIGKILL" });
      return;
    case "freeze":
      process.isFrozen = true;
      return;
    case "spin":
      process.isSpinning = true;
      return;
    case "hog":
      process.memoryBytes = 100 * 1024 * 1024;
      return;
    case "debug":
      process.isDebugged = true;
  }
}

import { randomBytes } from "node:crypto";
import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import type { CageSpec, Isolation } from "../supervise/isolation.ts";
import type { Machine } from "./machine.ts";
import { startCommand } from "./system-command.ts";

/** The cage of a program, and what makes cages. */
export interface CagedMachineOptions {
  readonly cage: CageSpec;
  readonly isolation: Isolation | undefined;
}

const ID_BYTES = 8;

/**
 * A machine as a program in a cage sees it: files outside of what it may read are not there, no port is its own and no place answers, and its
 * commands run in the cage.
 */
export function cagedMachine(machine: Machine, { cage, isolation }: CagedMachineOptions): Machine {
  if (isolation?.kind !== "cage") return machine;
  const isSeen = async (path: string) => {
    const real = await realpath(path).catch(() => path);
    return [...cage.readable, ...cage.writable].some((one) => real === one || real.startsWith(one + sep));
  };
  return {
    ...machine,
    look: async (path) => ((await isSeen(path)) ? await machine.look(path) : undefined),
    read: async (path, bytesMax) => {
      if (await isSeen(path)) return await machine.read(path, bytesMax);
      throw new Error(`Cannot read "${path}": there is no such file`);
    },
    listen: async () => "",
    reach: async () => "is not reachable from a cage, which has no network but that of its app",
    run: async ({ words, cwd, variables, timeoutMs }) => {
      const caged = { cage, id: randomBytes(ID_BYTES).toString("hex") };
      const [program = "", ...args] = words;
      const command = program === "node" ? process.execPath : program;
      const start = isolation.enclose({ command, args, cwd, env: { ...machine.variables, ...variables } }, caged);
      const order = { words: [start.command, ...start.args], cwd, timeoutMs, variables: start.env };
      const started = startCommand(order);
      const end = await started.end;
      started.kill(); // Nothing that it left runs on.
      const why = isolation.ended({ code: end.code ?? null, signal: "" }, caged);
      return why === undefined ? end : { ...end, trouble: `it was ${why}` };
    },
  };
}

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "@orrery/core";
import type { Isolation } from "../supervise/isolation.ts";
import type { NodeProgram } from "../supervise/node-program.ts";
import type { Variables } from "../supervise/start-variables.ts";
import { secretsOf, variablesOf } from "../supervise/system-start-variables.ts";
import type { ComponentFolder } from "./check-environment.ts";
import type { LifeWorks } from "./life-works.ts";
import { REACH_AGAIN_MS } from "./limits.ts";
import { folderOf, MANIFEST_FILE, readManifest } from "./read-manifest.ts";
import { runOnce } from "./system-once.ts";

/** Options of the real works. */
export interface LifeWorksOptions {
  /** Folder for what outlives a supervisor, which only the user may enter. */
  readonly folder: string;
  /** Where lines for people go. */
  readonly tell: (text: string, program: JsonValue) => void;
  /** What encloses programs that name a cage. Default: nothing. */
  readonly isolation?: Isolation | undefined;
}

/** Makes what the lives of supervised processes need of this machine. What reads manifests is loaded when there is one. */
export function createLifeWorks({ folder, tell, isolation }: LifeWorksOptions): LifeWorks {
  const parts = async () => {
    const [environment, { createSystemMachine }] = await Promise.all([
      import("./check-environment.ts"),
      import("./system-machine.ts"),
    ]);
    return { ...environment, createSystemMachine };
  };
  const machineOf = async (program: JsonValue) => {
    const { createSystemMachine } = await parts();
    const machine = createSystemMachine(variablesIn(program), secretsIn(program));
    const { cage } = program as unknown as NodeProgram;
    if (cage === undefined) return machine;
    const { cagedMachine } = await import("./system-caged-machine.ts");
    return cagedMachine(machine, { cage, isolation });
  };
  const unreachable: LifeWorks["unreachable"] = async (folders, program) => {
    if (!folders.some(({ manifest }) => manifest.reach.some(({ isRequired }) => !isRequired))) return [];
    const [{ checkReachable }, machine] = await Promise.all([parts(), machineOf(program)]);
    return (await Promise.all(folders.map((one) => checkReachable(one, machine)))).flat();
  };
  return {
    has: (program) => foldersOf(program).some((one) => existsSync(join(one, MANIFEST_FILE))),
    read: async (program) => {
      const found = await Promise.all(foldersOf(program).map((one) => readManifest(one, one)));
      return found.filter((one): one is ComponentFolder => one !== undefined);
    },
    check: async (one, program) => {
      const [{ checkEnvironment }, machine] = await Promise.all([parts(), machineOf(program)]);
      return await checkEnvironment(one, machine);
    },
    unreachable,
    reached: async (folders, { program, signal }) => {
      while (!signal.aborted && (await unreachable(folders, program)).length > 0)
        await sleep(REACH_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    },
    run: ({ id, program }, step) =>
      runOnce(
        {
          ...{ folder, life: id, isolation, cage: (program as unknown as NodeProgram).cage },
          ...{ variables: variablesIn(program), secrets: secretsIn(program) },
          tell: (text) => tell(text, program),
        },
        step,
      ),
    hasBegun: (life, { name }) => existsSync(join(folder, `${life}.${name}`)),
    forget: (life) => {
      for (const name of readdirSync(folder))
        if (name.startsWith(`${life}.`)) rmSync(join(folder, name), { recursive: true, force: true });
    },
    newLife: () => randomBytes(12).toString("hex"),
    tell: ({ child, program }, text) => tell(`${child}: ${text}`, program),
  };
}

/** Variables that a program has, and its commands with it. */
function variablesIn(program: JsonValue): Variables {
  return variablesOf(program as unknown as NodeProgram);
}

function secretsIn(program: JsonValue): readonly string[] {
  return secretsOf(program as unknown as NodeProgram);
}

/** Folders whose manifests speak for a program: that of `environment`, or those of `paths`. */
function foldersOf(program: JsonValue): readonly string[] {
  if (typeof program !== "object" || program === null || Array.isArray(program)) return [];
  const { environment, paths, cwd = "." } = program as { environment?: unknown; paths?: unknown; cwd?: unknown };
  if (typeof environment === "string") return [resolve(String(cwd), environment)];
  const named = Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
  return [...new Set(named.map((path) => folderOf(path, String(cwd))))];
}

import { COMPILED } from "../system-compiled.ts";
import type { NodeProgram } from "./node-program.ts";
import type { Variables } from "./start-variables.ts";

/** Variables of what is started on a program now: those of this process, and its own. */
export function variablesOf({ env = {} }: Pick<NodeProgram, "env"> = {}): Variables {
  return { ...COMPILED, ...process.env, ...env };
}

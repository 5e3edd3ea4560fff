import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { COMPILED } from "../system-compiled.ts";
import type { NodeProgram } from "./node-program.ts";
import type { Variables } from "./start-variables.ts";

/** Variables of the supervisor without which a program does not run, or runs elsewhere. */
const NEEDED = ["PATH", "TMPDIR", "TZ", "LANG", "LC_ALL"];

/** Variables of what is started on a program now: those of this process, unless it has its own alone, of its file, and its own. */
export function variablesOf({
  env = {},
  isEnvOwn = false,
  envFile,
}: Pick<NodeProgram, "env" | "isEnvOwn" | "envFile"> = {}): Variables {
  const own = isEnvOwn ? Object.fromEntries(NEEDED.map((name) => [name, process.env[name]])) : process.env;
  return { ...COMPILED, ...own, ...filed(envFile), ...env };
}

/** Values that are to stand in nothing that a program prints: those of its file of variables. */
export function secretsOf({ envFile }: Pick<NodeProgram, "envFile">): readonly string[] {
  return Object.values(filed(envFile)).filter((value) => value !== undefined);
}

function filed(envFile: string | undefined): NodeJS.Dict<string> {
  return envFile !== undefined && existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
}

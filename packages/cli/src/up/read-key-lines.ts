import { readPrivateFile } from "@orrery/registry";
import { CommandError } from "../command-error.ts";

/** A file of keys, and what is read from it. */
export interface KeyLines<Name extends string, More extends string> {
  readonly path: string;
  /** The flag that names it. */
  readonly flag: string;
  /** Lines that it must have. */
  readonly needed: readonly Name[];
  /** Lines that it may have. */
  readonly more?: readonly More[];
}

/**
 * Reads lines `NAME = value` of a file that nobody else may read; of two of a name the first counts. Keys never stand among a program's
 * arguments, where everybody on the machine reads them.
 * @throws CommandError where others may read it, it cannot be read, or a line is missing; without a word of what it holds
 */
export function readKeyLines<Name extends string, More extends string = never>({
  path,
  flag,
  needed,
  more = [],
}: KeyLines<Name, More>): Readonly<Record<Name, string>> & Readonly<Partial<Record<More, string>>> {
  const failing = `Cannot use "${path}" for ${flag}`;
  const known: readonly string[] = [...needed, ...more];
  const said: Record<string, string> = {};
  for (const line of readText(path, failing, needed).split("\n")) {
    const [, name = "", value = ""] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (known.includes(name)) said[name] ??= value;
  }
  const missing = needed.find((name) => said[name] === undefined);
  if (missing !== undefined) throw new CommandError(`${failing}: it has no line "${missing} = …"`);
  return said as ReturnType<typeof readKeyLines<Name, More>>;
}

function readText(path: string, failing: string, needed: readonly string[]): string {
  try {
    return readPrivateFile(path, failing);
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new CommandError(`${failing}: it cannot be read, name a file with ${needed.join(" and ")}`, { cause });
  }
}

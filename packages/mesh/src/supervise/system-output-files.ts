import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@orrery/core";
import type { NodeProgram } from "./node-program.ts";

/** Where a process prints: two descriptors of files, or as its supervisor does. */
export interface Outputs {
  readonly outputs: readonly [number, number] | readonly ["inherit" | "ignore", "inherit" | "ignore"];
  /** Lets go of the files, once the process has them. */
  close(): void;
}

/** Opens the files in which a child prints. They are only added to, so that whoever reads them may empty them. */
export function openOutputs(
  child: string,
  { outputFolder: folder }: Pick<NodeProgram, "outputFolder">,
  otherwise: "inherit" | "ignore",
): Outputs {
  if (folder === undefined) return { outputs: [otherwise, otherwise], close: () => undefined };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const outputs = [openOne(join(folder, `${child}.out`)), openOne(join(folder, `${child}.err`))] as const;
  return { outputs, close: () => outputs.forEach(closeSync) };
}

function openOne(file: string): number {
  return openSync(file, "a", 0o600);
}

/** The folder in which a program prints, if it has one. */
export function outputOf(program: JsonValue): string | undefined {
  return (program as unknown as NodeProgram | null)?.outputFolder;
}

/** Writes what commands around the life of a program say where that prints, or tells it. */
export function tellIn(folder: string | undefined, line: string, otherwise: (line: string) => void): void {
  if (folder === undefined) otherwise(line);
  else {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    appendFileSync(join(folder, COMMANDS_FILE), `${line}\n`, { mode: 0o600 });
  }
}

/** What commands around the life of programs print, those of all children of a folder. */
const COMMANDS_FILE = "commands.err";

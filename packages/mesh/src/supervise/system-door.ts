import { fileURLToPath } from "node:url";
import type { JsonValue } from "@orrery/core";
import { assertIsolate } from "../isolate.ts";
import type { ChildProcessDoor, ComponentProgram } from "./component-child.ts";
import type { NodeProgram } from "./node-program.ts";

const FROM_SOURCE = import.meta.url.endsWith(".ts");

/** What this process can do. */
export function processDoor(): ChildProcessDoor {
  process.stderr.on("error", () => undefined); // Whoever read it has gone, and may be a supervisor that died.
  return {
    writeLine: (line) => void process.stderr.write(`${line}\n`),
    exit: (code) => process.exit(code),
  };
}

/** What runs where a component is served. */
export function entryProgram(): { readonly file: string; readonly execArgv: readonly string[] } {
  const entry = FROM_SOURCE ? "../supervised-process.ts" : "./supervised-process.js";
  const file = fileURLToPath(new URL(entry, import.meta.url));
  return { file, execArgv: FROM_SOURCE ? ["--conditions=source"] : [] };
}

/** Whether that is all that a program runs, so that what has loaded it already may be taken for it. */
export function isEntry({ file, args = [], execArgv = [] }: NodeProgram): boolean {
  const entry = entryProgram();
  return file === entry.file && args.length === 0 && execArgv.join("\n") === entry.execArgv.join("\n");
}

/** The program of a child that serves one instance of a component. @throws OrreryError `invalid_argument` for another `isolate` than there is. */
export function componentProgram(program: ComponentProgram): Readonly<Record<string, JsonValue>> {
  if (program.isolate !== undefined) assertIsolate(program.isolate);
  const whole: ComponentProgram & NodeProgram = { ...program, ...entryProgram() };
  return whole as unknown as Record<string, JsonValue>;
}

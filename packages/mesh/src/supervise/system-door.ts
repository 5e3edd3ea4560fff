import { fileURLToPath } from "node:url";
import type { JsonValue } from "@orrery/core";
import { assertIsolate } from "../isolate.ts";
import type { ChildProcessDoor, ComponentProgram } from "./component-child.ts";
import type { NodeProgram } from "./system-control.ts";

const FROM_SOURCE = import.meta.url.endsWith(".ts");

/** What this process can do. */
export function processDoor(): ChildProcessDoor {
  process.stderr.on("error", () => undefined); // Whoever read it has gone, and may be a supervisor that died.
  return {
    writeLine: (line) => void process.stderr.write(`${line}\n`),
    exit: (code) => process.exit(code),
  };
}

/** The program of a child that serves one instance of a component. @throws OrreryError `invalid_argument` for another `isolate` than there is. */
export function componentProgram(program: ComponentProgram): Readonly<Record<string, JsonValue>> {
  if (program.isolate !== undefined) assertIsolate(program.isolate);
  const entry = FROM_SOURCE ? "../supervised-process.ts" : "./supervised-process.js";
  const file = fileURLToPath(new URL(entry, import.meta.url));
  const whole: ComponentProgram & NodeProgram = {
    ...program,
    file,
    execArgv: FROM_SOURCE ? ["--conditions=source"] : [],
  };
  return whole as unknown as Record<string, JsonValue>;
}

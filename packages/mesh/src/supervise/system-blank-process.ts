import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { JsonValue } from "@orrery/core";
import type { Blank } from "./blanks.ts";
import { BLANK_LINE, type BlankOrder, type ChildOrder, ORDER_VARIABLE } from "./child-lines.ts";
import type { NodeProgram } from "./node-program.ts";
import { startedOf } from "./proc-files.ts";
import type { ControlledProcess, ExitStatus, ProcessRecord, ProcessWatch } from "./process-control.ts";
import { hasSameStart, type Variables } from "./start-variables.ts";
import { entryProgram, isEntry } from "./system-door.ts";
import { MachineProcess } from "./system-machine-process.ts";
import { variablesOf } from "./system-start-variables.ts";

/** Options of a blank process. */
export interface BlankProcessOptions {
  /** Folder of the sockets of children. */
  readonly folder: string;
  readonly output: "inherit" | "ignore";
}

/** Bytes of the secret of a supervisor and one process; its socket is named by it. */
export const TOKEN_BYTES = 16;

/** A secret of a supervisor and one process. */
export function makeProcessToken(): string {
  return randomBytes(TOKEN_BYTES).toString("hex");
}

/** Starts a process that loads what serves components, and waits. */
export function startBlankProcess({ folder, output }: BlankProcessOptions): Blank {
  const token = makeProcessToken();
  const path = join(folder, `${token}.s`);
  const { file, execArgv } = entryProgram();
  const variables = variablesOf();
  const order: ChildOrder = { socket: path, token, blank: true };
  const child = spawn(process.execPath, [...execArgv, file], {
    detached: true, // As a child: it is to become one.
    stdio: ["ignore", output, output, "pipe"],
    env: { ...variables, [ORDER_VARIABLE]: JSON.stringify(order) },
  });
  return new BlankProcess({ child, token, path, variables });
}

interface BlankParts {
  readonly child: ChildProcess;
  readonly token: string;
  readonly path: string;
  readonly variables: Variables;
}

/** A process of this machine that waits. I1: it ends when the line to it does: with its supervisor, however that ends. */
class BlankProcess implements Blank {
  readonly #parts: BlankParts;
  readonly #pid: number;
  readonly #started: string;
  readonly #line: Socket;
  readonly #ended = new AbortController();

  constructor(parts: BlankParts) {
    const { child } = parts;
    this.#parts = parts;
    this.#pid = child.pid ?? 0;
    this.#started = this.#pid === 0 ? "" : startedOf(this.#pid);
    this.#line = child.stdio[BLANK_LINE] as Socket; // I1
    this.#line.on("error", () => undefined); // Told by its end.
    child.once("error", () => this.#end());
    child.once("exit", () => this.#end());
    child.unref();
    this.#line.unref();
    this.#line.resume();
  }

  suits({ program }: ProcessRecord): boolean {
    const wanted = program as unknown as NodeProgram;
    if (
      wanted.isEnvOwn === true ||
      wanted.outputFolder !== undefined ||
      !isEntry(wanted) ||
      !hasSameStart(this.#parts.variables, variablesOf(wanted))
    )
      return false;
    return this.#started !== "" && startedOf(this.#pid) === this.#started;
  }

  become(record: ProcessRecord, watch: ProcessWatch, onTaken: () => void): ControlledProcess {
    const { child, token, path } = this.#parts;
    const program = record.program as unknown as NodeProgram;
    const order: BlankOrder = {
      program: record.program as JsonValue,
      variables: variablesOf(program),
      cwd: program.cwd ?? process.cwd(),
    };
    const line = this.#line;
    line.once("data", onTaken);
    queueMicrotask(() => line.write(`${JSON.stringify(order)}\n`));
    const taken = { ...record, token, pid: this.#pid, started: this.#started };
    const exit = (status: ExitStatus) => {
      if (line.closed) watch.exit(status);
      else line.once("close", () => watch.exit(status)); // What it said last may still be on its way.
    };
    return new MachineProcess(taken, { ...watch, exit }, { path, child });
  }

  onEnd(listener: () => void): void {
    this.#ended.signal.addEventListener("abort", listener);
  }

  end(): void {
    this.#line.destroy(); // I1
  }

  #end(): void {
    rmSync(this.#parts.path, { force: true });
    this.#ended.abort();
  }
}

import type { Clock, Random } from "@orrery/core";
import { createExternalCalls, type ExternalCalls } from "./external-calls.ts";
import { type CaptureMode, createOwner, type Owner, runAs } from "./owner.ts";
import { installCapture } from "./system-capture.ts";

/** How a world holds the globals and modules that its code uses. */
export interface CaptureOptions {
  /** What becomes of real input and output. Default: `strict`. */
  readonly mode?: CaptureMode;
  /** Lines that `record` took in an earlier run: nothing is done for real, and what is not as it was then is named. Default: none. */
  readonly replay?: readonly string[];
  /** Takes each line of the record of external calls, as it is written. Default: nobody. */
  readonly record?: (line: string) => void;
  /** Takes what the mode `warn` says. Default: a warning of the process. */
  readonly warn?: (text: string) => void;
}

/** One life of a node, as its globals show it. */
export interface CapturedLife {
  readonly name: string;
  readonly clock: Clock;
  /** Lots of its own, so that what a library draws shifts nothing that the node draws. */
  readonly random: Random;
}

/** The capture of one world. Owns: a hold on the process's capture, and the owner of the present life of each node. */
export interface WorldCapture extends Disposable {
  /** Calls that are made for real, or replayed. */
  readonly externals: ExternalCalls;
  /** Makes a life the one that a node's events belong to. */
  begin(node: number, life: CapturedLife): void;
  /** Runs something as the present life of a node; as nobody's where there is none, as for the world itself. */
  run<T>(node: number, run: () => T): T;
  /** What the world must wait for before its next event; undefined when nothing is done for real. */
  pause(): Promise<void> | undefined;
}

/** Installs the capture for a world; dispose of it to let go. @throws OrreryError `invalid_argument` for lines that are no record */
export function createWorldCapture({ mode = "strict", replay, record, warn }: CaptureOptions = {}): WorldCapture {
  const externals = createExternalCalls({ ...(replay && { replay }), ...(record && { record }) });
  const owners: Owner[] = [];
  const hold = installCapture();
  return {
    externals,
    begin(node, life) {
      owners[node] = createOwner({ ...life, mode, externals, ...(warn && { warn }) });
    },
    run(node, run) {
      const owner = owners[node];
      return owner === undefined ? run() : runAs(owner, run);
    },
    pause: () => (externals.pending === 0 ? undefined : externals.whenQuiet()),
    [Symbol.dispose]: () => hold.uninstall(),
  };
}

import type { JsonValue } from "@orrery/core";
import { serveComponent } from "../component-process.ts";
import type { Isolate } from "../isolate.ts";
import type { DirectoryTable } from "../live-directory.ts";
import type { FromProcess, LogForm, ToProcess } from "../process-messages.ts";
import type { SupervisorLine } from "./system-child.ts";

/** Where a process of a host finds its keys. It names no secret, for others may read what a process was started with. */
export interface KeysPlace {
  /** File of the secret key. */
  readonly file: string;
  /** The public key that belongs to it. */
  readonly publicKey: string;
  /** File that names whose connections are taken; it is read at each of them. */
  readonly allowFile: string;
  /** Changes where a process is to be replaced for its keys. */
  readonly mark: string;
}

/** Where a process finds which of its log lines are to be written, from one moment to the next. */
export interface LogLevelPlace {
  /** Address of what logs, which its lines carry. */
  readonly address: string;
  /** A file in a folder of its own, of JSON: `debug`, `info`, `warn`, `error` or `off`, by names. It is read whenever it changes. */
  readonly file: string;
  /** Its name there; who has none is at `info`. At `debug` each of its messages makes a line, too. */
  readonly name: string;
}

/** What a supervised process serves: one instance of one component, or, with `seedsFile`, all that its paths hold, as they say. */
export interface ComponentProgram {
  /** Whether it has a process of its own, or a worker thread of the supervisor's. Default: process. */
  readonly isolate?: Isolate;
  /** Files and folders that hold the component. */
  readonly paths: readonly string[];
  /** Folder from which paths are named. */
  readonly cwd: string;
  /** Its name; with `seedsFile`, as `matchName` understands it, and by default every one. */
  readonly component?: string;
  /** Name of its node. */
  readonly node: string;
  /** Address to open; `ipc://FOLDER/*` is a socket with a name of its own in a folder, out of which it connects to nobody. Default: any port of 127.0.0.1. */
  readonly listen?: string;
  readonly agent?: string;
  readonly log?: LogForm;
  /** Where other components are. Default: nowhere. */
  readonly directory?: DirectoryTable;
  /**
   * File of addresses at which to look for the network, one a line, read at its start: the process then finds components by gossip, and others
   * find it. Goes without `directory`. Default: no gossip.
   */
  readonly seedsFile?: string;
  /** With `seedsFile`: whether it tells the supervisor how its queues stand, as it changes. Default: false. */
  readonly tellsQueues?: boolean;
  /** With `seedsFile`: agents that may look at its node and change it. Default: it serves no operators. */
  readonly operators?: readonly string[];
  /** With `seedsFile`: what of its log lines is written. Default: all of them, and nothing of messages. */
  readonly logLevel?: LogLevelPlace;
  /** With `seedsFile`: where its keys are, for connections that are encrypted. Default: none, and whoever reaches it is let in. */
  readonly keys?: KeysPlace;
  /** Folder for messages that are kept, which those that serve the same may share. Default: none, and kept methods are refused. */
  readonly journalFolder?: string;
}

/** What the process itself can do. */
export interface ChildProcessDoor {
  writeLine(line: string): void;
  exit(code: number): void;
}

/** Serves a component in this process for as long as the supervisor's line does not say that it is to drain. */
export async function serveSupervised(line: SupervisorLine, door: ChildProcessDoor): Promise<void> {
  const program = line.program as JsonValue as unknown as ComponentProgram;
  if (program.seedsFile !== undefined) {
    const { serveHosted } = await import("../host/hosted-child.ts");
    return await serveHosted(line, { ...program, seedsFile: program.seedsFile }, door);
  }
  let obey: (order: ToProcess) => void = () => undefined;
  let address = "";
  let told = Promise.resolve();
  const answer = (message: FromProcess) => {
    switch (message.kind) {
      case "loaded":
        return obey(serveOrder(program));
      case "bound":
        address = message.address;
        return obey({ kind: "start", table: program.directory ?? {} });
      case "ready":
        return line.ready(address);
      case "failed":
        told = line.failed(message.text);
        return;
      case "pong": // The line answers by itself.
    }
  };
  serveComponent({
    send: (message) => answer(message as FromProcess),
    onMessage: (listener) => {
      obey = listener;
    },
    onClose: () => undefined, // It goes on without a supervisor; the next one finds it.
    writeLine: door.writeLine,
    exit: (code) => void told.then(() => door.exit(code)),
  });
  line.onDrain((timeoutMs) => obey({ kind: "stop", timeoutMs }));
  obey({ kind: "load", paths: program.paths, cwd: program.cwd });
}

function serveOrder({
  component = "",
  node,
  listen = "tcp://127.0.0.1:0",
  agent = "anonymous",
  log = "text",
  journalFolder: journal = "",
}: ComponentProgram): ToProcess {
  return { kind: "serve", component, node, listen, agent, log, capture: "", journal };
}

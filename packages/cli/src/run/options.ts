import { resolve } from "node:path";
import type { Isolate } from "@orrery/mesh";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import { parsePort } from "../parse-port.ts";
import type { Terminal } from "../terminal.ts";
import type { WantedPlatform } from "./expand-apps.ts";
import { parseInstanceCounts } from "./parse-instances.ts";

/** What `orrery run` was told, complete. */
export interface RunOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Undefined where everything runs in this process, in one thread. */
  readonly isolate: Isolate | undefined;
  readonly instances: ReadonlyMap<string, number>;
  /** Port of the HTTP door, 0 for any; undefined for none. */
  readonly httpPort: number | undefined;
  /** Port for pages and routes of apps, 0 for any; undefined for the usual one, or any where that is taken. */
  readonly webPort: number | undefined;
  /** Files of apps, whose routes are served. */
  readonly apps: readonly string[];
  /** What apps find of a platform; undefined where they need nothing of it. */
  readonly platform: WantedPlatform | undefined;
  /** Address to open; undefined for none. */
  readonly listen: string | undefined;
  /** Absolute path. */
  readonly directory: string | undefined;
  readonly agent: string | undefined;
  readonly log: "text" | "json";
  /** Absolute path. */
  readonly capture: string | undefined;
  readonly output: "text" | "json";
}

const LISTEN = "tcp://127.0.0.1:0";

/** Reads the flags of `orrery run`. @throws CommandError for what does not fit, or not together. */
export function readRunOptions(input: CommandInput, terminal: Terminal): RunOptions {
  assertNoClock(input);
  const isolate = isolateOf(input.text("isolate"));
  const listen = input.text("listen");
  const http = input.text("http");
  const web = input.text("web-port");
  if (input.has("no-listen")) {
    const other = [listen && "--listen", http && "--http", web && "--web-port", isolate && `--isolate=${isolate}`].find(
      (flag) => typeof flag === "string",
    );
    if (other !== undefined)
      throw usageError(`Cannot run with --no-listen and ${other}: without sockets there is none of that`);
  }
  const place = (flag: string) => {
    const path = input.text(flag);
    return path === undefined ? undefined : resolve(terminal.cwd, path);
  };
  return {
    paths: input.words,
    cwd: terminal.cwd,
    isolate,
    instances: parseInstanceCounts(input.texts("instances")),
    httpPort: http === undefined ? undefined : parsePort(http, "http"),
    webPort: web === undefined ? undefined : parsePort(web, "web-port"),
    apps: [],
    platform: undefined,
    listen: input.has("no-listen") ? undefined : (listen ?? LISTEN),
    directory: place("directory"),
    agent: input.text("agent"),
    log: input.text("log") === "json" ? "json" : "text",
    capture: place("capture"),
    output: input.text("output") === "json" ? "json" : "text",
  };
}

function isolateOf(word: string | undefined): Isolate | undefined {
  return word === "process" || word === "thread" ? word : undefined; // The flag takes no other word but "none".
}

const CLOCK_FLAGS = ["processes", "seed", "for", "latency", "stall"];

function assertNoClock(input: CommandInput): void {
  const lone =
    CLOCK_FLAGS.find((flag) => input.text(flag) !== undefined) ??
    (input.texts("place").length > 0 ? "place" : input.has("paused") ? "paused" : undefined);
  if (lone !== undefined) throw usageError(`Cannot run with --${lone} alone: it is about one clock, add --clock`);
}

import type { JsonValue } from "@orrery/core";
import {
  type CageLimits,
  type CageSpec,
  type ChildStatus,
  componentProgram,
  type PlacedKeys,
  type SuperviseSpec,
} from "@orrery/mesh/supervise";
import { RELAYS_VARIABLE } from "../foreign/system-relay-path.ts";
import type { Attachments } from "./app-attachment.ts";
import type { AppFile } from "./app-file.ts";
import type { AppRelease } from "./app-release.ts";
import type { AppInstance } from "./app-runtime.ts";
import { APP_DRAIN_MS, APP_START_MS } from "./limits.ts";
import { componentOf } from "./logs/log-line.ts";
import type { LevelPlaces } from "./system-app-levels.ts";

/** Where the processes of an app find what is not in its release. */
export interface ProcessPlaces {
  /** File of addresses at which they find one another and the platform. */
  readonly seedsFile: string;
  /** File with the values of secrets; undefined where there are none. */
  readonly envFile: string | undefined;
  /** Folder of messages that are kept. */
  readonly journalFolder: string;
  /** Folder of what they print. */
  readonly outputFolder: string;
  /** How many processes a component is to have. */
  readonly sizeOf: (component: string, file: AppFile) => number;
  /** Folder of the sockets by which they meet, of the app alone. */
  readonly sockets: string;
  /** What each may use. */
  readonly limits: CageLimits;
  /** What they may read beside the code of the release, where they run in a cage; undefined where they do not. */
  readonly readable: readonly string[] | undefined;
  /** The key by which they are known, and whom they let in. */
  readonly keys: PlacedKeys;
  /** From which level on their lines are wanted. */
  readonly levels: LevelPlaces;
}

const MIB = 1024 * 1024;
/** What Node holds beside the objects of a program, and the least that these need, in bytes. */
const NODE_BYTES = 64 * MIB;
const HEAP_BYTES_MIN = 32 * MIB;
/** Share of the memory of a process that is for its youngest objects, and the most of it that helps, in bytes. */
const YOUNG_SHARE = 1 / 32;
const YOUNG_BYTES_MAX = 16 * MIB;

/** Options of Node by which it collects what it does not need before its limit ends it. */
export function memoryOptions(memoryBytes: number): readonly string[] {
  const heap = Math.max(HEAP_BYTES_MIN, memoryBytes - NODE_BYTES);
  const young = Math.min(YOUNG_BYTES_MAX, memoryBytes * YOUNG_SHARE);
  return [
    `--max-old-space-size=${Math.floor(heap / MIB)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(young / MIB))}`,
  ];
}

/** What is to be kept up for a release to run: a process for each instance, in the name of the app, without the platform's variables. */
export function appSpec(
  { id, app, file, folder, whole = folder }: AppRelease,
  { seedsFile, envFile, journalFolder, outputFolder, sizeOf, sockets, limits, readable, keys, levels }: ProcessPlaces,
): SuperviseSpec {
  const cageOf = (journal: string): CageSpec => ({
    ...{ owner: app, sockets, limits, writable: [journal] },
    readable: [
      whole,
      seedsFile,
      keys.folder,
      levels.folder,
      ...(envFile === undefined ? [] : [envFile]),
      ...(readable ?? []),
    ],
  });
  const children = file.components.flatMap(({ name, path, instances, foreign }) =>
    Array.from({ length: sizeOf(name, file) }, (_, slot) => {
      const child = `${name}-${slot}`;
      const journal = `${journalFolder}/${name}`;
      const served = componentProgram({
        paths: [path],
        cwd: folder,
        component: name,
        node: `${app.replaceAll(":", ".")}.${child}`,
        agent: app,
        ...(readable !== undefined && { listen: `ipc://${sockets}/*` }),
        seedsFile,
        keys: keys.place,
        log: "json",
        logLevel: levels.of(name),
        operators: [app],
        ...(typeof instances === "object" && { tellsQueues: true }),
        journalFolder: journal,
      });
      const program: Readonly<Record<string, JsonValue>> = {
        ...served,
        execArgv: [...(served["execArgv"] as string[]), ...memoryOptions(limits.memoryBytes)],
        ...(readable !== undefined && { cage: cageOf(journal) as unknown as JsonValue }),
        release: id, // So that another release is another program, although it may have the same code.
        isEnvOwn: true,
        outputFolder,
        env:
          readable === undefined || foreign?.url === undefined ? file.env : { ...file.env, [RELAYS_VARIABLE]: sockets },
        ...(envFile === undefined ? {} : { envFile }),
      };
      return { name: child, program, restart: "always" as const };
    }),
  );
  const rules = { startMs: APP_START_MS, drainMs: APP_DRAIN_MS, memoryBytesMax: limits.memoryBytes };
  return { groups: children.length === 0 ? [] : [{ name: "app", rules, children }] };
}

/** Whether each component has a process that takes work, of the app or of somebody who stands in for it. */
export function isUp(
  { file }: AppRelease,
  children: readonly ChildStatus[],
  others: Pick<Attachments, "hasFor">,
): boolean {
  const ready = new Set(children.filter(({ state }) => state === "ready").map(({ name }) => componentOf(name)));
  return file.components.every(({ name }) => ready.has(name) || others.hasFor(name));
}

/** Addresses at which each component takes work, one of each. */
export function placesOf(children: readonly ChildStatus[]): ReadonlyMap<string, string> {
  const ready = children.filter(({ state, address }) => state === "ready" && address !== "");
  return new Map(ready.map(({ name, address }) => [componentOf(name), address]));
}

/** Why an app does not come up by itself any more; undefined where it may. */
export function whyDown(children: readonly ChildStatus[]): string | undefined {
  const lost = children.find(({ state }) => state === "given-up");
  if (lost === undefined) return undefined;
  const last = lost.exits.at(-1)?.text ?? "";
  return `"${lost.name}" was given up: ${last === "" ? lost.cause : last}; set restart of the app to another value to try again`;
}

/** What runs of each component. */
export function instancesOf(children: readonly ChildStatus[]): readonly AppInstance[] {
  return children.map(({ name, state, restarts, exits }) => {
    const end = exits.findLast(({ reason }) => !ORDERLY.has(reason));
    const lastEnd = end && { atMs: end.atMs, text: end.text };
    return { name, component: componentOf(name), state, restarts, lastEnd };
  });
}

/** Why processes end that nothing is wrong with. */
const ORDERLY: ReadonlySet<string> = new Set(["asked", "group"]);

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { homeOf } from "../system-app-home.ts";
import type { LogStream } from "./log-line.ts";
import { type AppLog, openAppLog } from "./system-app-log.ts";
import { createOutputTaker, type OutputTaker } from "./system-output-taker.ts";

/** A line that the platform, or a mechtron, has to say about an app. */
export interface AppNote {
  readonly stream: LogStream;
  readonly text: string;
  /** Default: the app itself. */
  readonly instance?: string;
}

/** The logs of all apps. */
export interface AppLogs {
  /** The log of an app, with all that its processes have printed so far. */
  of(app: string): AppLog;
  /** Folder in which the processes of an app print. */
  outputFolder(app: string): string;
  note(app: string, note: AppNote): void;
  /** Whether there is a log of an app already. */
  has(app: string): boolean;
  /** Forgets all that an app said. */
  drop(app: string): void;
  close(): void;
}

/** Makes the logs of apps in a folder, of which this is the only user. What an app has said is kept until the app is gone. */
export function createAppLogs({ folder, clock }: { readonly folder: string; readonly clock: Clock }): AppLogs {
  const open = new Map<string, { readonly log: AppLog; readonly taker: OutputTaker }>();
  const placeOf = (app: string) => join(folder, homeOf(app));
  const outputFolder = (app: string) => join(placeOf(app), "out");
  const begin = (app: string) => {
    const there = open.get(app);
    if (there !== undefined) return there;
    const log = openAppLog(placeOf(app));
    const taker = createOutputTaker({
      folder: outputFolder(app),
      placesFile: join(placeOf(app), "places.json"),
      ...{ log, clock },
    });
    const made = { log, taker };
    open.set(app, made);
    return made;
  };
  return {
    of: (app) => {
      const { log, taker } = begin(app);
      taker.take();
      return log;
    },
    outputFolder: (app) => {
      begin(app);
      return outputFolder(app);
    },
    note: (app, { stream, text, instance = "" }) => {
      const lines = text.split("\n").map((line) => ({ atMs: clock.now(), stream, instance, text: line }));
      const { log, taker } = begin(app);
      taker.take(); // What was said before comes before.
      log.add(lines);
    },
    has: (app) => open.has(app),
    drop: (app) => {
      open.get(app)?.taker.close();
      open.delete(app);
      rmSync(placeOf(app), { recursive: true, force: true });
    },
    close: () => {
      for (const { taker } of open.values()) {
        taker.take();
        taker.close();
      }
    },
  };
}

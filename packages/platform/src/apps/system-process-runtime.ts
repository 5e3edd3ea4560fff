import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Clock, type Component, createLog, type LogSink, type Random } from "@orrery/core";
import { type CageLimits, createSystemControl, type Isolation } from "@orrery/mesh/supervise";
import { type Meter, parentText, spaceOf } from "@orrery/registry";
import { parseUpstreams } from "../bind/upstream-list.ts";
import { noIsolation } from "../isolation/no-isolation.ts";
import type { AppRelease } from "./app-release.ts";
import { type AppRuntime, type AppStand, NO_STAND, type ServingApp, servingOf } from "./app-runtime.ts";
import { APP_LIMITS } from "./limits.ts";
import type { LogRules } from "./logs/log-rules.ts";
import { LOG_THRESHOLD_DEFAULT } from "./logs/log-threshold.ts";
import type { AppLogs } from "./logs/system-app-logs.ts";
import { homeOf } from "./system-app-home.ts";
import { RESTING, readRecord } from "./system-app-record.ts";
import { ProcessApp } from "./system-process-app.ts";

/** Options of the runtime of processes. */
export interface ProcessRuntimeOptions {
  /** Folder of all that is kept of apps, of which this is the only user. */
  readonly folder: string;
  /** What of the platform the processes of an app may call. It must act in the name of the app, whatever a message says. */
  readonly components: (app: string) => readonly Component[];
  /** What they print, and what is to say about them. */
  readonly logs: AppLogs;
  /** From which level on the lines of an address are kept. Default: from `info`. */
  readonly levelOf?: LogRules["of"] | undefined;
  /** Counts what their processes use of the processors. Default: nobody does. */
  readonly meter?: Meter | undefined;
  /** What keeps processes from one another. Default: nothing. */
  readonly isolation?: Isolation | undefined;
  /** Servers, `HOST:PORT`, that foreign programs may be. Default: any. */
  readonly upstreams?: readonly string[] | undefined;
  /** What each process of an app may use, looked up when the app begins here. Default: `APP_LIMITS`, also for undefined. */
  readonly limits?: ((app: string) => Promise<CageLimits | undefined>) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogSink;
}

/**
 * Runs apps as processes of this machine, which go on when this one is killed and are found again by the next runtime over the same folder.
 * Linux only.
 */
export async function createProcessRuntime(options: ProcessRuntimeOptions): Promise<ProcessRuntimeApps> {
  const runtime = new ProcessRuntime(options);
  await runtime.open();
  return runtime;
}

/** What runs apps as processes, of which each tells of itself. */
export interface ProcessRuntimeApps extends AppRuntime {
  /** What an app's processes tell of themselves; undefined where none run. */
  inspect(app: string): Pick<ProcessApp, "inspect" | "spans" | "attach"> | undefined;
  /** Has the levels of a Space's apps obeyed that `levelOf` gives now. */
  level(space: string): void;
}

/** Owns: the processes of all apps. I1: of an app there is one `ProcessApp` at a time; one that goes is gone before the next begins. */
class ProcessRuntime implements ProcessRuntimeApps {
  readonly #options: ProcessRuntimeOptions;
  readonly #control: ReturnType<typeof createSystemControl>;
  readonly #isolation: Isolation;
  readonly #sockets: string;
  readonly #open = new Map<string, ProcessApp>();
  readonly #opening = new Map<string, Promise<void>>();
  readonly #dropping = new Map<string, Promise<void>>();
  /** Apps of which no process runs, and something is left. */
  readonly #resting = new Set<string>();
  /** By space, until an app of it stands another way. */
  readonly #serving = new Map<string, readonly ServingApp[]>();
  #listener: (app: string) => void = () => undefined;
  #isOver = false;

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#isolation = options.isolation ?? noIsolation("nobody asked for any");
    this.#sockets = socketsOf(options.folder);
    this.#control = createSystemControl({ folder: this.#sockets, isolation: this.#isolation });
  }

  /** Finds what an earlier one left. */
  async open(): Promise<void> {
    const { folder } = this.#options;
    const homes = readdirSync(folder).map((name) => join(folder, name));
    for (const home of homes) {
      const resting = readRecord(home, RESTING);
      if (resting !== undefined) this.#resting.add(resting.app);
    }
    const apps = homes.flatMap((home) => readRecord(home)?.app ?? []);
    await Promise.all(apps.map((app) => this.#begin(app)));
  }

  apps(): readonly string[] {
    return [...new Set([...this.#open.keys(), ...this.#resting])];
  }

  stand(app: string): AppStand {
    return this.#open.get(app)?.stand() ?? NO_STAND;
  }

  serving(space: string): readonly ServingApp[] {
    const known = this.#serving.get(space);
    if (known !== undefined) return known;
    const found = servingOf(space, { apps: () => [...this.#open.keys()], stand: (app) => this.stand(app) });
    if (found.length > 0) this.#serving.set(space, found); // Anybody may ask for any space.
    return found;
  }

  inspect(app: string): Pick<ProcessApp, "inspect" | "spans" | "attach"> | undefined {
    return this.#open.get(app);
  }

  level(space: string): void {
    for (const [app, one] of this.#open) if (spaceOf(app) === space) one.level();
  }

  folders(): readonly string[] {
    return [...this.#open.values()].flatMap((one) => one.folders());
  }

  run(release: AppRelease): void {
    if (this.#isOver || this.#dropping.has(release.app)) return;
    const there = this.#open.get(release.app);
    if (there === undefined)
      void this.#begin(release.app).then(() => {
        this.#open.get(release.app)?.run(release);
        this.#changed(release.app);
      });
    else there.run(release);
  }

  rest(app: string): Promise<void> {
    return this.#leave(app, () => this.#rest(app));
  }

  drop(app: string): Promise<void> {
    return this.#leave(app, () => this.#drop(app));
  }

  onChange(listener: (app: string) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#opening.values());
    await Promise.all([...this.#open.values()].map((one) => one.close()));
    await this.#control.settled();
  }

  /** Ends an app after whatever else ends it. I1 */
  #leave(app: string, leave: () => Promise<void>): Promise<void> {
    const before = this.#dropping.get(app) ?? Promise.resolve();
    const leaving = before.then(leave, leave);
    this.#dropping.set(app, leaving);
    return leaving.finally(() => {
      if (this.#dropping.get(app) === leaving) this.#dropping.delete(app);
    });
  }

  async #rest(app: string): Promise<void> {
    await this.#opening.get(app);
    const one = this.#open.get(app);
    if (one === undefined) return;
    await one.rest();
    this.#open.delete(app);
    this.#forget(app);
    this.#resting.add(app);
  }

  async #drop(app: string): Promise<void> {
    await this.#opening.get(app);
    await this.#open.get(app)?.drop();
    this.#open.delete(app);
    this.#forget(app);
    if (this.#resting.delete(app)) rmSync(this.#homeOf(app), { recursive: true, force: true });
  }

  #changed(app: string): void {
    this.#forget(app);
    this.#listener(app);
  }

  #forget(app: string): void {
    this.#serving.delete(parentText(app));
  }

  #homeOf(app: string): string {
    return join(this.#options.folder, homeOf(app));
  }

  #begin(app: string): Promise<void> {
    const opening = this.#opening.get(app) ?? this.#make(app).finally(() => this.#opening.delete(app));
    this.#opening.set(app, opening);
    return opening;
  }

  async #make(app: string): Promise<void> {
    const { components, logs, meter, clock, random, log: sink, limits } = this.#options;
    const { levelOf = () => LOG_THRESHOLD_DEFAULT } = this.#options;
    const home = this.#homeOf(app);
    const sockets = join(this.#sockets, homeOf(app).slice(0, SOCKETS_NAME_LENGTH));
    mkdirSync(sockets, { recursive: true, mode: 0o700 });
    const one = new ProcessApp({
      ...{ app, clock, random, sink, meter, logs, levelOf, control: this.#control },
      ...{ home, sockets, isolation: this.#isolation, limits: (await limits?.(app)) ?? APP_LIMITS },
      components: components(app),
      upstreams: this.#options.upstreams && parseUpstreams(this.#options.upstreams),
      log: createLog({ sink, now: () => clock.now(), fields: { app } }),
      onChange: () => this.#changed(app),
    });
    await one.open();
    this.#open.set(app, one);
    this.#forget(app);
    if (this.#resting.delete(app)) rmSync(join(home, RESTING), { force: true });
  }
}

/** Linux takes no long name of a Unix socket, so a folder that is far from the root has its sockets elsewhere. */
function socketsOf(folder: string): string {
  const near = join(folder, "s");
  if (near.length + `/${"x".repeat(SOCKETS_NAME_LENGTH)}/${"x".repeat(32)}.s`.length <= SOCKET_PATH_MAX) return near;
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  return join(tmpdir(), `orrery-${userInfo().uid}`, `a-${name}`);
}

const SOCKET_PATH_MAX = 107;
/** Letters of the name of an app's folder of sockets, of which there is little room for any. */
const SOCKETS_NAME_LENGTH = 12;

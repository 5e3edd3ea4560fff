import { chmodSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, type Component, createLog, type LogSink, OrreryError, type Random } from "@orrery/core";
import type { CageLimits, Isolation } from "@orrery/mesh/supervise";
import { createBroadcastComponent, createFileComponent, createRegistryComponent, type Meter } from "@orrery/registry";
import { createBundleComponent } from "@orrery/registry/bundles";
import type { BackupPart } from "@orrery/registry/upkeep";
import { noIsolation } from "../isolation/no-isolation.ts";
import { createCallChains } from "../mechtrons/call-chains.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import { type Mechtrons, openMechtrons } from "../mechtrons/system-mechtrons.ts";
import { noteKills } from "../quotas/note-kills.ts";
import type { Quotas } from "../quotas/quotas.ts";
import type { BlobSource } from "../web/blob-source.ts";
import type { SpaceApps } from "../web/space-apps.ts";
import { createAppDriver } from "./app-driver.ts";
import { createAppMechtrons } from "./app-mechtrons.ts";
import { createAppResources } from "./app-resources.ts";
import type { AppStand } from "./app-runtime.ts";
import { createAppWeb } from "./app-web.ts";
import { asApp, type PlatformParts } from "./as-app.ts";
import { createInstanceQuota } from "./instance-quota.ts";
import { openLogLevels } from "./logs/log-levels.ts";
import { mechtronLines } from "./logs/mechtron-lines.ts";
import { createRequestLines } from "./logs/request-lines.ts";
import { type AppLogs, createAppLogs } from "./logs/system-app-logs.ts";
import { createMessageComponent } from "./message-component.ts";
import { createAppCode } from "./system-app-code.ts";
import { createAppReleases } from "./system-app-releases.ts";
import { createProcessRuntime, type ProcessRuntimeApps } from "./system-process-runtime.ts";
import { createTypeChecks } from "./system-type-check.ts";

/** Options of `openApps`. */
export interface AppsOptions extends PlatformParts {
  /** Where the bytes of bundles come from. */
  readonly blobs: BlobSource;
  /** Folder of all that is kept of apps, of which this is the only user. */
  readonly folder: string;
  /** In whose name apps are driven, an operator. Default: `operator`. */
  readonly agent?: string;
  /** Counts what apps use. Default: nobody does. */
  readonly meter?: Meter;
  /** Servers that routes of apps may pass requests on to. Default: any. */
  readonly upstreams?: readonly string[];
  /** Services beside the platform's own that an app may call, which act in its name. Default: none. */
  readonly services?: (app: string) => readonly Component[];
  /** What each process of a Space's apps may use. Default: as `createProcessRuntime`. */
  readonly limits?: (space: string) => Promise<CageLimits | undefined>;
  /** What keeps the processes of apps from one another and from the machine. Default: nothing. */
  readonly isolation?: Isolation;
  /** Holds apps to the plans of their Spaces, and remembers what that refused. Default: nothing does. */
  readonly quotas?: Pick<Quotas, "refusals" | "noted">;
  /** Says how long to wait. */
  readonly clock: Clock;
  /** Names what is made. */
  readonly random: Random;
  /** Where log lines go. */
  readonly log: LogSink;
}

/** Apps that run. */
export interface Apps extends AsyncDisposable {
  /** For the web server: what they answer to. */
  readonly web: SpaceApps;
  /** What a backup has of them beside the registry. */
  readonly part: BackupPart;
  /** What each printed, and what is to say about it. */
  readonly logs: AppLogs;
  /** Addresses of those of which something is there. */
  apps(): readonly string[];
  /** What the processes of an app tell of themselves; undefined where none run. */
  inspect(app: string): ReturnType<ProcessRuntimeApps["inspect"]>;
  /** How each stands. */
  stand(app: string): AppStand;
  /** Ends their processes, with what they accepted; the next `openApps` over the folder starts them again. */
  close(): Promise<void>;
}

/**
 * Runs the apps of a registry that has `APP_KIND` and `MECHTRON_KIND`: components as processes of this machine, mechtrons in a cage. What an earlier one left running is found again.
 * @throws OrreryError `data_loss` where what was kept of an app cannot be read
 */
export async function openApps(options: AppsOptions): Promise<Apps> {
  const { registry, bundles, blobs, folder, agent = "operator", upstreams, clock, random, log: sink } = options;
  const { isolation = noIsolation("nobody asked for any") } = options;
  const code = join(folder, "code");
  linkPackages(code);
  const chains = createCallChains();
  let made: Mechtrons | undefined;
  const ask: MechtronHost["ask"] = async (address, ...message) => {
    if (made === undefined) throw new OrreryError("unavailable", `Cannot reach "${address}": mechtrons are starting`);
    return await made.host.ask(address, ...message);
  };
  const { refusals, noted = (component: Component) => component } = options.quotas ?? {};
  const logs = noteKills(createAppLogs({ folder: join(folder, "logs"), clock }), refusals);
  const log = createLog({ sink, now: () => clock.now(), fields: {} });
  let begun: ProcessRuntimeApps | undefined;
  const levels = await openLogLevels({ registry, clock, log, agent, apply: (space) => begun?.level(space) });
  const runtime = await createProcessRuntime({
    ...{ clock, random, log: sink, logs, levelOf: levels.of, meter: options.meter, isolation, upstreams },
    folder: join(folder, "run"),
    limits: async (app) => await options.limits?.(app.split(":")[0] ?? ""),
    components: (app) => [
      ...componentsAs(app, options).map(noted),
      createMessageComponent({
        ...{ app, registry, broadcasts: options.broadcasts, ask, chains, agent },
        callerOf: (one) => runtime.stand(one).caller,
      }),
    ],
  });
  begun = runtime;
  const checks = createTypeChecks({ folder: join(folder, "checks"), isolation });
  const releases = createAppReleases({
    ...{ registry, bundles, blobs, random, agent, checks },
    code: createAppCode({ folder: code, clock, used: () => runtime.folders() }),
    ...(upstreams && { upstreams }),
  });
  const hosted = await openMechtrons({
    ...{ registry, files: options.files, broadcasts: options.broadcasts, blobs, agent, clock, random },
    meter: options.meter,
    folder,
    callerOf: (app) => runtime.stand(app).caller,
    chains,
    levelOf: levels.of,
    log: mechtronLines(logs, { sink, levelOf: levels.of }),
  });
  made = hosted;
  const mechtrons = createAppMechtrons({ registry, agent });
  const resources = createAppResources({ registry, agent });
  const held = { quota: createInstanceQuota({ registry, agent, runtime }), onRefused: refusals?.noteError };
  const driven = { registry, releases, runtime, resources, mechtrons, logs, clock, log, agent };
  const driver = createAppDriver({ ...driven, ...held });
  await driver.start();
  const close = async () => {
    checks.close();
    await levels[Symbol.asyncDispose]();
    await driver.stop();
    await hosted.close();
    await runtime.close();
    logs.close();
  };
  return {
    web: createAppWeb(runtime, hosted.host, createRequestLines({ logs, levels, clock })),
    ...{ part: hosted.part, logs },
    apps: () => runtime.apps(),
    inspect: (app) => runtime.inspect(app),
    stand: (app) => runtime.stand(app),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What an app may call of the platform, which acts in its name. */
function componentsAs(app: string, options: AppsOptions): readonly Component[] {
  const own = asApp(options, app);
  return [
    createRegistryComponent(own.registry),
    createFileComponent(own.files),
    createBundleComponent(own.bundles, own.registry, options),
    createBroadcastComponent(own.broadcasts),
    ...(options.services?.(app) ?? []),
  ];
}

/** What the code of apps may import although its bundle has it not: what speaks with this platform, in its own version. */
const LENT = ["@orrery/core", "@orrery/registry", "@orrery/platform"];

function linkPackages(code: string): void {
  const scope = join(code, "node_modules", "@orrery");
  mkdirSync(scope, { recursive: true });
  for (const folder of [dirname(scope), scope]) chmodSync(folder, 0o755); // For apps, which are other users where they may be.
  for (const name of LENT) {
    const link = join(scope, name.slice("@orrery/".length));
    if (!existsSync(link)) symlinkSync(packageFolder(name), link);
  }
}

function packageFolder(name: string): string {
  const file = fileURLToPath(import.meta.resolve(name));
  for (let folder = dirname(file); ; folder = dirname(folder))
    if (existsSync(join(folder, "package.json"))) return folder;
}

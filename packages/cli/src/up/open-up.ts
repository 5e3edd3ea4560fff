import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Clock,
  type Component,
  createLog,
  createSystemClock,
  createSystemRandom,
  type Directory,
  type Log,
  type LogSink,
  type Node,
  OrreryError,
  type Random,
} from "@orrery/core";
import { createHttpDoor, createJsonCaller, DOOR_PAGES, type HttpDoorOptions } from "@orrery/http";
import { createMeshNode } from "@orrery/mesh";
import type { Isolation } from "@orrery/mesh/supervise";
import { createTelemetry, type Metrics } from "@orrery/mesh/telemetry";
import {
  ADMINISTRATORS,
  type Apps,
  createBindCheck,
  createDnsTexts,
  createDoorMeter,
  createMetricsPage,
  createWebServer,
  heldInStores,
  type IsolationWish,
  METRICS_PATH,
  type MetricsPageOptions,
  type OidcOptions,
  type OpenedAccounts,
  openAccounts,
  openApps,
  openDomains,
  openIsolation,
  openSpaceServices,
  SPACE_SCHEMAS,
  SPACE_SERVICES,
  type SpaceServices,
  type WebServer,
  type WebServerOptions,
} from "@orrery/platform";
import { AccountsService, AppsService, CallsService } from "@orrery/platform/service";
import { AdminService, MembersService, SignupService } from "@orrery/platform/services";
import {
  type Broadcasts,
  createBroadcastComponent,
  createBroadcasts,
  createFileComponent,
  createFiles,
  createLedger,
  createRegistry,
  createRegistryComponent,
  createUsageComponent,
  type Files,
  type Kind,
  type KindFile,
  type Ledger,
  type Registry,
} from "@orrery/registry";
import { BundleService, type Bundles, createBundleComponent, createBundles } from "@orrery/registry/bundles";
import { BroadcastService, FileService, RegistryService, UsageService } from "@orrery/registry/service";
import { type BackupPart, createUpkeepComponent, type KeyRing, openKeyRing } from "@orrery/registry/upkeep";
import { UP_STOP_MS } from "./limits.ts";
import { messageComponents } from "./message-components.ts";
import type { BillingWish } from "./open-billing.ts";
import { openBlobs } from "./open-blobs.ts";
import { type OpenedDatabase, openDatabase } from "./open-database.ts";
import { openDesk } from "./open-desk.ts";
import { openEventEngine } from "./open-event-engine.ts";
import { type KeptKindNames, openKinds } from "./open-kinds.ts";
import { openTls, type TlsWish } from "./open-tls.ts";
import { writeReadyFile } from "./ready-file.ts";
import { takeFolder } from "./take-folder.ts";

/** What `orrery up` was told, complete. */
export interface UpOptions {
  /** Folder of all that is kept, made where it is missing. */
  readonly data: string;
  /** `embedded`, `pglite`, or the URL of a PostgreSQL. */
  readonly database: string;
  /** `directory`, or the URL of a bucket that speaks S3. Default: `directory`. */
  readonly blobs?: string;
  /** File of the bucket's keys. Default: what the environment says. */
  readonly blobKeys?: string | undefined;
  /** `embedded`, or the URL of a NATS. Default: `embedded`, in the database. */
  readonly events?: string;
  /** Port of this host alone; 0 for any. */
  readonly port: number;
  /** Port of HTTP, of this host alone; 0 for any. */
  readonly httpPort: number;
  /** Where spaces are served by their hosts; port 0 for any. */
  readonly web: { readonly host: string; readonly port: number };
  /** How visitors come by TLS. Default: they do not. */
  readonly tls?: TlsWish | undefined;
  /** Server of the DNS. Default: those of the machine. */
  readonly dns?: string | undefined;
  /** Servers, `HOST:PORT`, that binds may pass requests on to. */
  readonly upstreams: readonly string[];
  /** How apps are kept from one another and from the machine. Default: in cages where they can be had. */
  readonly isolation?: IsolationWish;
  /** Kinds beside those that every platform has. Default: none. */
  readonly kinds?: readonly Kind[];
  /** A file of kinds, which is kept from then on. Default: the one that is kept. */
  readonly kindFile?: KindFile;
  /** Plans, payments and mail. Default: one plan, paid by hand; letters stay in the folder. */
  readonly billing?: BillingWish;
  /** An issuer at which visitors of a space may log in. Default: none. */
  readonly oidc?: OidcOptions | undefined;
  readonly log: LogSink;
  /** Told how far it has come. */
  readonly onProgress: (step: string) => void;
}

/** A platform in this process. */
export interface Up {
  /** Where commands and nodes reach it. */
  readonly address: string;
  readonly http: string;
  /** Where spaces are served by their hosts. */
  readonly web: string;
  /** The same by TLS; undefined where it is not taken. */
  readonly tls?: string;
  readonly database: Pick<OpenedDatabase, "name" | "isFound" | "pid">;
  /** Where bytes are: `directory`, or a bucket. */
  readonly blobs: string;
  /** How apps run. */
  readonly isolation: Pick<Isolation, "kind" | "inForce" | "lacks">;
  readonly revision: number;
  /** Names of the kinds that came with a file, and what that was called. */
  readonly kinds: KeptKindNames;
  /** The first administrator, where this start made it. */
  readonly administrator?: NonNullable<OpenedAccounts["administrator"]>;
  /** Where its components are. */
  readonly directory: Directory;
  /** Paths of the HTTP port that belong to no service, such as `/status`. */
  readonly pages: readonly string[];
  /** Finishes what was accepted, and closes everything. */
  close(): Promise<void>;
}

/** Who may do everything here: whoever is on this machine, for nobody else reaches it. */
const OPERATORS = ["operator"];
/** The same, and whoever administers. */
const ALL_OPERATORS = [...OPERATORS, ADMINISTRATORS];
/** What the binds of spaces may call. */
const SERVICES = [RegistryService, BundleService, BroadcastService, ...SPACE_SERVICES];
/** What may be called by HTTP. */
const DOOR_SERVICES = [
  ...SERVICES,
  FileService,
  UsageService,
  AdminService,
  AccountsService,
  AppsService,
  CallsService,
  SignupService,
  MembersService,
];
/** Of these, the pieces are counted by what takes and gives them, however they come. */
const PIECES = [
  ...["AppendUpload", "ReadFile"].map((method) => `${FileService.typeName}.${method}`),
  ...["Append", "Fetch"].map((method) => `${BundleService.typeName}.${method}`),
];

/**
 * Opens all parts over one folder; the last opened is the first to be closed.
 * @throws OrreryError `failed_precondition` where another one runs over the folder, `unavailable` where a port is taken
 */
export async function openUp(options: UpOptions): Promise<Up> {
  const folder = resolve(options.data);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await using parts = new AsyncDisposableStack();
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const { log, upstreams, onProgress } = options;
  const isolation = isolationOf(options, folder);
  parts.use(await takeFolder(folder, { shown: options.data, clock, onProgress }));
  const { store: blobs, name: bytes } = parts.use(await openBlobs(folder, { blobs: "directory", ...options }));
  const secrets = openKeyRing(join(folder, "secrets.key"));
  const database = parts.adopt(await openDatabase(folder, options), (one) => one.close());
  const { kinds, ...kept } = await openKinds(database, options);
  const standing = { database, secrets, clock, random, operators: ALL_OPERATORS, isShared: database.isShared };
  const rules = { checks: { bind: createBindCheck(blobs, { upstreams }) }, held: heldInStores(database) };
  const registry = parts.use(await createRegistry({ ...standing, ...rules, ownersKnown: true, kinds }));
  const driving = { registry, clock, log: createLog({ sink: log, now: () => clock.now(), fields: {} }) };
  const accounts = await openAccounts({ ...driving, folder, random, oidc: options.oidc });
  const meter = parts.use(createLedger({ database, registry, clock, random }));
  const bundles = createBundles({ registry, blobs, random });
  const files = parts.use(createFiles({ registry, blobs, clock, random, meter }));
  const broadcasts = parts.use(await createBroadcasts(driving));
  const engine = parts.use(await openEventEngine(options.events ?? "embedded"));
  const services = parts.use(await openSpaceServices({ ...standing, ...driving, engine }));
  const desk = parts.use(await openDesk(options.billing, { ...standing, ...driving, ...accounts, folder }));
  const others = { registry, blobs, keys: secrets, schemas: SPACE_SCHEMAS, resealers: [services.config] };
  let apps: Apps | undefined;
  let web = "";
  const asked = [
    ...componentsOf({ registry, files, bundles, broadcasts, services, meter }),
    accounts.component,
    ...desk.components,
    createUpkeepComponent({ ...standing, ...others, folder: join(folder, "spool"), parts: [partOf(() => apps)] }),
    ...messageComponents({ ...desk.held, registry, meter, agent: "operator", apps: () => apps, web: () => web }),
  ];
  const { node, metrics } = await startNode(asked.map(desk.audited), options);
  parts.defer(() => node.stop({ timeoutMs: UP_STOP_MS }));
  const serving = { node, metrics, registry, meter, log, ...accounts, pages: desk.pages, apps: () => apps };
  const http = await openDoor(serving, { parts, port: options.httpPort });
  const caller = createJsonCaller({ node, services: SERVICES });
  const platform = { ...desk.held, registry, files, bundles, broadcasts, blobs, upstreams, meter, clock, random, log };
  const inside = { isolation, services: services.components, folder: join(folder, "apps") };
  apps = parts.use(await openApps({ ...platform, ...inside }));
  const visiting = { ...options, ...driving, folder, keys: secrets, random, parts };
  const { server, ...visited } = await openWeb({ ...platform, ...accounts, caller, apps: apps.web }, visiting);
  web = visited.web;
  const { address } = parts.use(writeReadyFile(folder, { addresses: node.addresses, http, web }));
  const open = parts.move();
  return {
    address,
    http,
    ...visited,
    database,
    isolation,
    blobs: bytes,
    revision: registry.revision(),
    kinds: kept,
    ...(accounts.administrator !== undefined && { administrator: accounts.administrator }),
    directory: directoryOf(node),
    pages: [...DOOR_PAGES, ...Object.keys(desk.pages), METRICS_PATH],
    close: async () => {
      await server.close({ timeoutMs: UP_STOP_MS }); // Its visitors are answered from the registry to the last.
      await apps?.close();
      await broadcasts[Symbol.asyncDispose]();
      await services[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose](); // Watches end by themselves then, and nothing waits for them.
      await open.disposeAsync();
    },
  };
}

/** Where visitors come in, and with what. */
interface Visited extends Pick<UpOptions, "web" | "tls" | "dns"> {
  readonly folder: string;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  readonly parts: AsyncDisposableStack;
}

/** Opens the ports of visitors. */
async function openWeb(
  shown: WebServerOptions,
  { web, tls, dns, parts, ...rest }: Visited,
): Promise<Pick<Up, "web" | "tls"> & { readonly server: WebServer }> {
  const domains = parts.use(await openDomains({ ...rest, agent: "operator", texts: createDnsTexts(dns) }));
  const certified = tls && (await openTls(tls, { ...rest, domains }, parts));
  const server = parts.use(createWebServer({ ...shown, domains, ...(certified && { tls: certified }) }));
  const address = await server.listen(web);
  if (tls === undefined) return { server, web: address };
  return { server, web: address, tls: await server.listenTls({ host: web.host, port: tls.port }) };
}

function isolationOf({ isolation: wish = "auto", billing }: UpOptions, data: string): Isolation {
  return openIsolation({ wish, data, hasStrangers: billing?.signup === "open" });
}

/** What is behind the HTTP door. */
interface DoorParts extends Required<Pick<HttpDoorOptions, "node" | "log" | "pages">> {
  readonly authenticate: MetricsPageOptions["authenticate"];
  readonly metrics: Metrics;
  readonly apps: () => Apps | undefined;
  readonly registry: Registry;
  readonly meter: Ledger;
}

/** Opens the HTTP door; gives its address. */
async function openDoor(
  { node, log, authenticate, pages, metrics, registry, meter, apps }: DoorParts,
  { parts, port }: { readonly parts: AsyncDisposableStack; readonly port: number },
): Promise<string> {
  const watch = createDoorMeter({ registry, meter, agent: "operator", counted: PIECES });
  const page = createMetricsPage({ registry, authenticate, agent: "operator", own: () => metrics.text(), apps });
  const all = { ...pages, [METRICS_PATH]: page };
  const door = createHttpDoor({ node, log, authenticate, services: DOOR_SERVICES, watch, pages: all });
  const http = await door.listen({ port });
  parts.defer(() => door.close({ timeoutMs: UP_STOP_MS }));
  return http;
}

/** What a backup has of apps. There is none before they are open: it would lack what they keep. */
function partOf(apps: () => Apps | undefined): BackupPart {
  return {
    name: "mechtrons",
    hold: async () => {
      const part = apps()?.part;
      if (part !== undefined) return await part.hold();
      throw new OrreryError("unavailable", "Cannot back up: apps are being started, try again");
    },
  };
}

/** What resources and Spaces are asked by. */
interface Serving {
  readonly registry: Registry;
  readonly files: Files;
  readonly bundles: Bundles;
  readonly broadcasts: Broadcasts;
  readonly services: SpaceServices;
  readonly meter: Ledger;
}

function componentsOf({ registry, files, bundles, broadcasts, services, meter }: Serving): readonly Component[] {
  return [
    createRegistryComponent(registry),
    createFileComponent(files),
    createBundleComponent(bundles, registry, { meter }),
    createBroadcastComponent(broadcasts),
    createUsageComponent({ registry, ledger: meter }),
    ...services.components(),
  ];
}

/** Starts the node of commands, which is for this machine alone. */
async function startNode(
  components: readonly Component[],
  { port, log }: UpOptions,
): Promise<{ readonly node: Node; readonly metrics: Metrics }> {
  const listen = [`tcp://127.0.0.1:${port}`];
  const telemetry = createTelemetry({ ratio: 0 });
  const operate = { operators: OPERATORS };
  const node = await createMeshNode({ name: "up", components, listen, operate, log, telemetry });
  await node.start();
  return { node, metrics: telemetry.metrics };
}

function directoryOf(node: Node): Directory {
  const names = node.components().map(({ name }) => name);
  return { resolve: (name) => (names.includes(name) ? node.addresses : []), components: () => names };
}

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import {
  type Clock,
  createSystemClock,
  createSystemRandom,
  isOrreryError,
  type JsonValue,
  type LogSink,
  type Node,
  OrreryError,
} from "@orrery/core";
import { addressWithKey } from "@orrery/zmq";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import type { ElasticEvent } from "../elastic/elastic.ts";
import type { DirectoryTable } from "../live-directory.ts";
import { createMeshNode, makeGossipDirectory } from "../mesh-node.ts";
import { createStateFile } from "../supervise/state-file.ts";
import type { SuperviseEvent, Supervisor } from "../supervise/supervise.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { createSystemControl, SOCKET_PATH_MAX, type SystemControl } from "../supervise/system-control.ts";
import { componentProgram } from "../supervise/system-door.ts";
import { lockFolder } from "../supervise/system-lock.ts";
import { blanksOf, type HostConfig, type HostedProcess, operatorsOf } from "./host-config.ts";
import { createHostCore, type HostCore, type HostNews, type HostStatus } from "./host-core.ts";
import { createHostElasticity, type HostElasticity } from "./host-elastic.ts";
import { createHostService } from "./host-service.ts";
import { FOLDER_LOOK_MS } from "./limits.ts";
import { folderStamp } from "./scan-folder.ts";
import { hostKeyFile, plainHostname, readHostFile, recordFile, replace, userFolder } from "./system-host-files.ts";
import { type HostKeys, openHostKeys } from "./system-host-keys.ts";
import { hashName } from "./system-names.ts";
import { createReleaseFolder, type ReleaseFolder } from "./system-releases.ts";
import { tellSeldom } from "./tell-seldom.ts";

/** Options of a host. */
export interface HostOptions {
  /** Folder with a file or folder for each component, and perhaps a `host.yaml`. */
  readonly folder: string;
  /** Told of every process. Default: nobody. */
  readonly onEvent?: (event: SuperviseEvent) => void;
  /** Told of every change of versions. Default: nobody. */
  readonly onNews?: (news: HostNews) => void;
  /** Told of every change of how many processes run, with the reason. Default: nobody. */
  readonly onSize?: (event: ElasticEvent) => void;
  /** Told of connections that were refused, here or there, with the reason: the same one once a minute. Default: nobody. */
  readonly onRefused?: (text: string) => void;
  /** Where the lines of the host's own node go. Default: nowhere. */
  readonly log?: LogSink;
}

/** A host that runs the components of a folder. */
export interface Host {
  readonly name: string;
  /** Address of its own node: a seed for others. */
  readonly address: string;
  /** File of its secret key, where it encrypts. */
  readonly keys: string | undefined;
  /** What is known of the network. */
  readonly directory: GossipDirectory;
  /** Where components are, those of this host's own node among them. */
  table(): DirectoryTable;
  status(): HostStatus;
  /** Looks at the folder now, whether it changed or not. Done when what is to run runs, or was put back. */
  refresh(): Promise<void>;
  /** Ends every process in order, each with what it accepted. */
  stop(): Promise<void>;
  /** Ends every process at once. */
  kill(): Promise<void>;
  /** Ends this host and lets its processes run on, for the next to take over. Its threads finish what they accepted, and end with it. */
  release(): Promise<void>;
}

/** File that says: somebody is changing this folder, wait. */
export const DEPLOY_LOCK = "deploy.lock";
const KEY_BYTES = 32;

/**
 * Opens a folder as a host and starts its components, or takes over those that an earlier host left running.
 * @throws OrreryError `failed_precondition` when another host runs there, `not_found` without such a folder, `invalid_argument` for a
 * `host.yaml` that cannot be read, with `file:line:column`.
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const folder = resolve(options.folder);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const text = `Cannot supervise "${options.folder}": there is no such folder, make it, with a file or folder for each component`;
    throw new OrreryError("not_found", text);
  }
  const config = readHostFile(folder);
  const home = join(folder, ".orrery", "host");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  try {
    const keys = config.security && (await openHostKeys(config.security, home));
    const host = new SystemHost(folder, { home, lock, config, keys, options });
    await host.open();
    return host;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

interface Opening {
  readonly home: string;
  readonly lock: Disposable;
  readonly config: HostConfig;
  readonly keys: HostKeys | undefined;
  readonly options: HostOptions;
}

/** Owns: the lock of its folder, its supervisor, and its node. I1: while the folder is being changed, nothing of it is taken over. */
class SystemHost implements Host {
  readonly name: string;
  readonly #folder: string;
  readonly #home: string;
  readonly #lock: Disposable;
  readonly #options: HostOptions;
  readonly #clock: Clock = createSystemClock();
  readonly #releases: ReleaseFolder;
  readonly #keys: HostKeys | undefined;
  #config: HostConfig;
  #control: SystemControl | undefined;
  #supervisor: Supervisor | undefined;
  #core: HostCore | undefined;
  #node: Node | undefined;
  #directory: GossipDirectory | undefined;
  #elasticity: HostElasticity | undefined;
  #stamp = "";
  #seen = "";
  #isOver = false;
  #resized: Promise<void> | undefined;

  constructor(folder: string, { home, lock, config, keys, options }: Opening) {
    this.#folder = folder;
    this.#home = home;
    this.#lock = lock;
    this.#options = options;
    this.#keys = keys;
    this.#config = config;
    this.name = config.name === "" ? `${plainHostname()}-${hashName(folder).slice(0, 4)}` : config.name;
    this.#releases = createReleaseFolder(folder, home);
  }

  get address(): string {
    return this.#reached(this.#node?.addresses)[0] ?? "";
  }

  get keys(): string | undefined {
    return this.#keys?.place.file;
  }

  get directory(): GossipDirectory {
    return known(this.#directory);
  }

  table(): DirectoryTable {
    const { directory } = this;
    const own = this.#node?.components().map(({ name }) => [name, this.#reached(this.#node?.addresses)] as const) ?? [];
    const others = directory.components().map((name) => [name, directory.resolve(name)] as const);
    return Object.fromEntries([...own, ...others.filter(([name]) => !own.some(([mine]) => mine === name))]);
  }

  async open(): Promise<void> {
    const { onEvent, onNews, onSize } = this.#options;
    const control = createSystemControl({ folder: this.#sockets(), blanks: blanksOf(this.#config) });
    this.#control = control;
    const supervisor = await createSupervisor({
      control,
      store: createStateFile(join(this.#home, "state.json")),
      clock: this.#clock,
      random: createSystemRandom(),
      ...(onEvent && { onEvent }),
      onTold: (child, news) => this.#elasticity?.hear(child, news),
    });
    this.#supervisor = supervisor;
    const core = createHostCore({
      name: this.name,
      supervisor,
      releases: this.#releases,
      memory: recordFile(join(this.#home, "record.json")),
      clock: this.#clock,
      config: () => this.#config,
      programOf: (process) => this.#programOf(process),
      versionOf: (program) => basename(String((program as { readonly cwd?: unknown } | null)?.cwd)),
      onNews: (news) => {
        onNews?.(news);
        this.#elasticity?.follow();
      },
    });
    this.#core = core;
    this.#elasticity = createHostElasticity({
      ...{ host: this.name, supervisor, sizes: core.sizes, config: () => this.#config },
      ...(onSize && { onSize }),
    });
    try {
      await this.#join(core);
    } catch (error) {
      supervisor.release();
      control.keepBlanks({});
      throw error;
    }
    this.#watch();
    if (!this.#isDeploying()) await this.#take();
  }

  status(): HostStatus {
    return known(this.#core).status();
  }

  async refresh(): Promise<void> {
    if (!this.#isDeploying()) await this.#take(); // I1
  }

  async stop(): Promise<void> {
    this.#leave();
    await this.#supervisor?.stop();
    await this.#close();
  }

  async kill(): Promise<void> {
    this.#leave();
    await this.#supervisor?.kill();
    await this.#close();
  }

  async release(): Promise<void> {
    this.#leave();
    this.#supervisor?.release();
    await this.#close();
  }

  /** Changes nothing any more, and gives back what others lent. */
  #leave(): void {
    this.#isOver = true;
    this.#resized = this.#elasticity?.close();
  }

  async #close(): Promise<void> {
    await this.#control?.settled();
    await this.#resized;
    await this.#node?.stop({ timeoutMs: 0 });
    this.#lock[Symbol.dispose]();
  }

  /** Reads the folder and makes what runs the same. */
  async #take(): Promise<void> {
    this.#stamp = folderStamp(this.#folder, this.#releases.read);
    this.#seen = this.#stamp;
    try {
      this.#config = readHostFile(this.#folder);
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      this.#options.onNews?.({ kind: "refused", changes: [], text: error.message }); // What it said before goes on.
      return;
    }
    this.#control?.keepBlanks(blanksOf(this.#config));
    await known(this.#core).refresh();
    this.#elasticity?.follow();
    // What changed meanwhile, or is known to matter only now, is a change: the next looks find it.
  }

  /** Takes a change over once the folder has been still for a look. */
  #watch(): void {
    this.#clock.timer(FOLDER_LOOK_MS, () => {
      if (this.#isOver) return;
      const now = this.#isDeploying() ? this.#stamp : folderStamp(this.#folder, this.#releases.read);
      const isStill = now === this.#seen;
      this.#seen = now;
      const taken = isStill && now !== this.#stamp ? this.#take() : Promise.resolve();
      void taken.then(() => this.#watch());
    });
  }

  #isDeploying(): boolean {
    return existsSync(join(this.#folder, DEPLOY_LOCK));
  }

  /** Starts this host's own node, at the address it had before, if that is free, and tells its processes. */
  async #join(core: HostCore): Promise<void> {
    const file = join(this.#home, "address");
    const { listen, seeds, advertise } = this.#config;
    const [before = ""] = existsSync(file) ? readFileSync(file, "utf8").split("?") : [];
    const isSame = listen.endsWith(":0") && before.startsWith(listen.slice(0, -1));
    try {
      await this.#start(core, isSame ? before : listen);
    } catch (error) {
      if (!isSame || !isOrreryError(error) || error.code !== "unavailable") throw error;
      await this.#start(core, listen);
    }
    replace(file, this.address);
    const own = this.#reached(advertise ?? [this.address]).map((one) => one.replace("://0.0.0.0:", "://127.0.0.1:"));
    replace(join(this.#home, "seeds"), [...own, ...seeds].join("\n"));
  }

  async #start(core: HostCore, listen: string): Promise<void> {
    const { seeds, advertise, agent } = this.#config;
    const { log, onRefused } = this.#options;
    const secured = this.#keys && { curve: this.#keys.curve };
    const directory = await makeGossipDirectory({
      ...secured,
      seeds,
      viewFile: join(this.#home, "view"),
      ...(advertise === undefined ? {} : { advertise }),
    });
    const service = createHostService({
      name: this.name,
      core,
      releases: this.#releases,
      members: () => directory.members(),
      operators: () => this.#config.operators,
      key: this.#key(),
    });
    const node = await createMeshNode({
      name: this.name,
      components: [service, ...known(this.#elasticity).components],
      agent, // On whose behalf it asks others to lend.
      listen: [listen],
      directory,
      clock: this.#clock,
      ...secured,
      ...(onRefused && { onTrouble: tellSeldom(this.#clock, onRefused) }),
      operate: { operators: operatorsOf(this.#config) },
      ...(log && { log }),
    });
    await node.start();
    this.#node = node;
    this.#directory = directory;
    known(this.#elasticity).attach(node, directory);
  }

  /** Makes the key by which commands of the same user on this machine may ask. */
  #key(): string {
    const key = randomBytes(KEY_BYTES).toString("hex");
    replace(hostKeyFile(this.name), key);
    return key;
  }

  #programOf({ component, version, child, isolate, isSized }: HostedProcess): JsonValue {
    const { cwd, path } = this.#releases.place(version);
    const { listen, agent, log } = this.#config;
    return componentProgram({
      ...(isolate === "thread" && { isolate }), // Said only where it is: what runs as it always did is not started again.
      paths: [path],
      cwd,
      node: `${this.name}.${child}`,
      listen: listen.replace(/:\d+$/, ":0"),
      agent,
      log,
      seedsFile: join(this.#home, "seeds"),
      operators: operatorsOf(this.#config),
      journalFolder: join(this.#home, "journal", component),
      ...(isSized && { tellsQueues: true }),
      ...(this.#keys && { keys: this.#keys.place }),
    });
  }

  /** Addresses as others write them. */
  #reached(addresses: readonly string[] = []): readonly string[] {
    const keyPair = this.#keys?.curve.keyPair;
    if (keyPair === undefined) return addresses;
    return addresses.map((one) => (one.includes("?") ? one : addressWithKey(one, keyPair.publicKey)));
  }

  /** Linux takes no long name of a Unix socket, so a folder that is far from the root has its sockets elsewhere. */
  #sockets(): string {
    const near = join(this.#home, "s");
    return near.length + 35 <= SOCKET_PATH_MAX ? near : join(userFolder(), `s-${hashName(this.#folder).slice(0, 16)}`);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("A host is used before it is open");
  return value;
}

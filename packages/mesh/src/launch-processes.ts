import {
  type ClientNode,
  type Clock,
  type Code,
  createSystemClock,
  createSystemRandom,
  type JsonValue,
  type Node,
  OrreryError,
  type Service,
} from "@orrery/core";
import { contractOf, serviceFromDescription } from "@orrery/core/internal";
import type { App, AppComponent, AppEvent, LaunchOptions } from "./app.ts";
import { chooseInstances } from "./choose-instances.ts";
import { createLives, type Lives } from "./environment/begin-lives.ts";
import { assertIsolate, type Isolate } from "./isolate.ts";
import { JOURNALS_FOLDER } from "./journal/journal-for.ts";
import { assertFits, type KeptProcess, LAUNCH_RULES, type PlacedInstance, stateOf } from "./kept-process.ts";
import { PROCESS_CRASHES_MAX, PROCESS_WINDOW_MS } from "./limits.ts";
import { createLiveDirectory, type DirectoryTable, type LiveDirectory, tableOf } from "./live-directory.ts";
import { twice } from "./load-components.ts";
import { createMeshClient, createMeshNode } from "./mesh-node.ts";
import type { ProcessHost } from "./process-host.ts";
import type { FoundComponent, FromProcess, LogForm, ServeOrder, ToProcess } from "./process-messages.ts";
import { type AttachedControl, createAttachedControl } from "./supervise/attached-control.ts";
import { measuresOf, threadMeasuresOf } from "./supervise/proc-files.ts";
import type { Measures } from "./supervise/process-control.ts";
import type { SuperviseEvent, Supervisor } from "./supervise/supervise.ts";
import { createSupervisor } from "./supervise/supervisor.ts";
import { createSystemProcesses, createSystemThreads } from "./system-process.ts";

/** Options of a launch in processes of their own. */
export interface LaunchProcessesOptions extends LaunchOptions {
  /** Whether each instance has a process of its own, or a worker thread of this one. Default: process. */
  readonly isolate?: Isolate;
  /** Address that each process opens; its port is 0 where more than one runs. */
  readonly listen: string;
  /** How the processes write log lines to their standard error. Default: text. */
  readonly log?: LogForm;
  /** Told when a process crashed, is back, or is given up. Default: nobody. */
  readonly onEvent?: (event: AppEvent) => void;
  /** What starts processes or threads. Default: the machine. */
  readonly host?: ProcessHost;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Runs every instance of every component in an operating-system process of its own; they talk ZeroMQ. Each opens a port that the system
 * chooses and reports it; when all have, each is told where the others are, and starts. A supervisor keeps them up: one that crashes, or answers
 * nothing for 30 s, is started again at its address, up to 5 times in 10 s; the others go on. All end when this process ends. With `isolate:
 * "thread"` it is all the same in worker threads of this process, which share its fate where memory or native code fails. What the `component.yaml` of a folder asks for is checked before
 * anything starts, and again before each restart; its commands run for each process.
 * @throws OrreryError when one cannot be loaded or started, or something is missing; nothing runs then.
 */
export async function launchProcesses(options: LaunchProcessesOptions): Promise<App> {
  const launch = new ProcessLaunch(options);
  await launch.start();
  return launch;
}

interface Probe {
  readonly kept: KeptProcess;
  readonly components: readonly FoundComponent[];
}

class ProcessLaunch implements App {
  readonly directory: LiveDirectory;
  node!: ClientNode;
  readonly #options: LaunchProcessesOptions;
  readonly #control: AttachedControl;
  readonly #kept = new Map<string, KeptProcess>();
  readonly #probes = new Map<KeptProcess, (components: readonly FoundComponent[]) => void>();
  /** From the moment when all have opened their addresses, each starts as soon as it has. */
  #open = false;
  #isUp = false;
  #lives: Lives | undefined;
  #supervisor: Supervisor | undefined;
  #stopping: Promise<void> | undefined;
  /** Serves the components of this process. */
  #own: Node | undefined;
  readonly #whenUp = Promise.withResolvers<void>();

  constructor(options: LaunchProcessesOptions) {
    const { isolate = "process" } = options;
    assertIsolate(isolate);
    this.#options = options;
    this.#control = createAttachedControl({
      host: options.host ?? (isolate === "thread" ? createSystemThreads() : createSystemProcesses()),
      onMessage: (child, message) => this.#hear(this.#keptOf(child), message),
      lifeOf: ({ paths }) => this.#lives?.of(paths[0] ?? ""),
      ...(options.host === undefined ? { measure: isolate === "thread" ? measuresOfThread : measuresOf } : {}),
    });
    this.directory = createLiveDirectory(this.#table());
    this.#whenUp.promise.catch(() => undefined); // It may be refused before anybody waits for it.
  }

  async start(): Promise<void> {
    const { agent, clock = createSystemClock() } = this.#options;
    try {
      this.#lives = await createLives(this.#options);
      this.#supervisor = await createSupervisor({
        control: this.#control,
        store: { load: () => Promise.resolve(undefined), save: () => undefined }, // Nothing outlives this process.
        clock,
        random: createSystemRandom(),
        onEvent: (event) => this.#onEvent(this.#keptOf(event.child), event),
      });
      await this.#serveOwn();
      await this.#place();
      this.#openWhenBound();
      await this.#whenUp.promise;
      this.#isUp = true;
      this.node =
        this.#own ?? (await createMeshClient({ directory: this.directory, ...(agent === undefined ? {} : { agent }) }));
    } catch (error) {
      await this.stop({ timeoutMs: 0 });
      throw error;
    }
  }

  addresses(): readonly string[] {
    return this.#placed().flatMap(({ address }) => (address === "" ? [] : [address]));
  }

  components(): readonly AppComponent[] {
    const status = new Map(this.#supervisor?.status().map((one) => [one.name, one]));
    const components = new Map<string, AppComponent & { instances: AppComponent["instances"][number][] }>();
    for (const { child, placed, address } of this.#placed()) {
      const { name, version, file } = placed.found;
      const component = components.get(name) ?? { name, version, file, instances: [] };
      const stand = status.get(child);
      const pid = stand?.pid || (stand?.exits.at(-1)?.pid ?? 0);
      const state = stand === undefined || this.#stopping !== undefined ? "stopped" : stateOf(stand);
      component.instances.push({ slot: placed.slot, address, pid, state, restarts: stand?.restarts ?? 0 });
      components.set(name, component);
    }
    return [...components.values()];
  }

  async services(): Promise<readonly Service[]> {
    const first = this.#placed().filter(({ placed }) => placed.slot === 0);
    return await Promise.all(
      first.map(async ({ placed: { found }, address }) => {
        const { components } = await this.node.describe(address);
        const described = components.find(({ name }) => name === found.name);
        if (described !== undefined) return await serviceFromDescription(described);
        throw new OrreryError("not_found", `Cannot describe "${found.name}": "${address}" does not serve it`);
      }),
    );
  }

  async stop({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.#stopping === undefined && this.#supervisor !== undefined) {
      this.#keep({ ...LAUNCH_RULES, drainMs: timeoutMs });
      this.#stopping = this.#supervisor.stop();
    }
    await this.#stopping;
    await (this.node ?? this.#own)?.stop();
  }

  kill(): void {
    const killed = this.#supervisor?.kill();
    this.#stopping ??= killed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Serves what this process has of its own: the others start when it is there. */
  async #serveOwn(): Promise<void> {
    const { components = [], listen, agent } = this.#options;
    if (components.length === 0) return;
    const place = { listen: [listen.replace(/:\d+$/, ":0")], directory: this.directory };
    this.#own = await createMeshNode({ ...place, name: "here", components, ...(agent === undefined ? {} : { agent }) });
    await this.#own.start();
  }

  /** Lets one process for each path say what is in it; each goes on to serve the first of its components, others get processes. */
  async #place(): Promise<void> {
    const { paths, cwd } = this.#options;
    const probing = paths.map((path) => this.#probe(path));
    this.#keep();
    const failed = this.#whenUp.promise.then((): never => {
      throw new OrreryError("internal", "Cannot be up before anything is placed");
    });
    const probes = await Promise.race([Promise.all(probing), failed]);
    const found = new Map<string, FoundComponent>();
    for (const component of probes.flatMap(({ components }) => components)) {
      const known = found.get(component.name);
      if (known !== undefined) throw twice(component.name, [known.file, component.file], cwd);
      found.set(component.name, component);
    }
    const counts = chooseInstances([...found.values()], this.#options.instances);
    assertFits([...counts.values()], this.#options.listen);
    for (const { kept, components } of probes) {
      for (const [index, component] of components.entries()) {
        for (let slot = 0; slot < (counts.get(component.name) ?? 1); slot++) {
          const isFirst = index === 0 && slot === 0;
          const one = isFirst ? kept : this.#add(component.file);
          one.placed = { found: component, slot };
          if (isFirst) this.#control.tell(one.child, this.#orderOf(one, one.placed));
        }
      }
    }
    this.#keep();
  }

  #probe(path: string): Promise<Probe> {
    const kept = this.#add(path);
    return new Promise((resolve) => {
      this.#probes.set(kept, (components) => resolve({ kept, components }));
    });
  }

  #add(path: string): KeptProcess {
    const child = `process-${this.#kept.size}`;
    const program = { paths: [path], cwd: this.#options.cwd };
    const kept: KeptProcess = { child, program, isBound: false, wasReady: false, address: "" };
    this.#kept.set(child, kept);
    return kept;
  }

  /** Has the supervisor keep up all that is known. */
  #keep(rules = LAUNCH_RULES): void {
    const children = [...this.#kept.values()].map(({ child, program }) => ({
      name: child,
      program: program as unknown as JsonValue,
      restart: "always" as const,
    }));
    this.#supervisor?.apply({ groups: [{ name: "processes", rules, children }] });
  }

  #keptOf(child: string): KeptProcess {
    const kept = this.#kept.get(child);
    if (kept === undefined) throw new OrreryError("internal", `Cannot find child "${child}": it was never started`);
    return kept;
  }

  #placed(): readonly (KeptProcess & { readonly placed: PlacedInstance })[] {
    return [...this.#kept.values()].filter(
      (one): one is KeptProcess & { placed: PlacedInstance } => one.placed !== undefined,
    );
  }

  /** What a process is to serve: a later one takes the address of the one before, so that callers find it by themselves. */
  #orderOf({ address }: KeptProcess, { found, slot }: PlacedInstance): ServeOrder {
    const { cwd, listen, agent = "anonymous", log = "text", capture = "" } = this.#options;
    const node = `${found.name}-${slot}`;
    const journal = `${cwd}/${JOURNALS_FOLDER}/${node}`;
    return { kind: "serve", component: found.name, node, listen: address || listen, agent, log, capture, journal };
  }

  #hear(kept: KeptProcess, message: FromProcess): void {
    if (this.#stopping !== undefined) return;
    switch (message.kind) {
      case "loaded":
        if (kept.placed !== undefined) this.#control.tell(kept.child, this.#orderOf(kept, kept.placed));
        else this.#probes.get(kept)?.(message.components);
        return;
      case "bound":
        kept.address = message.address;
        kept.isBound = true;
        if (this.#open) this.#letStart(kept);
        else this.#openWhenBound();
        return;
      case "failed":
        kept.failed = message;
        return;
      case "ready":
      case "pong":
    }
  }

  #onEvent(kept: KeptProcess, event: SuperviseEvent): void {
    if (this.#stopping !== undefined) return;
    if (event.kind === "ready") this.#onReady(kept, event.pid);
    if (event.kind === "ended") this.#onEnd(kept, event);
    if (event.kind === "given-up") this.#giveUp(kept, event);
  }

  #onReady(kept: KeptProcess, pid: number): void {
    kept.wasReady = true;
    if (this.#isUp) this.#report(kept, { kind: "restarted", pid, text: `it runs again, at ${kept.address}` });
    else if (this.#supervisor?.status().every(({ state }) => state === "ready")) this.#whenUp.resolve();
  }

  #onEnd(kept: KeptProcess, event: SuperviseEvent): void {
    const { failed, wasReady } = kept;
    kept.isBound = false; // I1
    delete kept.failed;
    kept.crashed = event;
    if (failed !== undefined && !failed.retry && !wasReady) this.#refuse(failed.code, failed.text);
    // Told when it is clear that it was not the last.
    queueMicrotask(() => {
      if (kept.crashed === event && this.#isUp) this.#report(kept, { ...event, kind: "crashed" });
    });
  }

  #giveUp(kept: KeptProcess, { pid }: SuperviseEvent): void {
    const last = kept.crashed?.text ?? "";
    delete kept.crashed;
    const text = `it ended ${PROCESS_CRASHES_MAX} times in ${PROCESS_WINDOW_MS / 1000} s, the last time because ${last}`;
    if (this.#isUp) {
      kept.address = "";
      this.#spread();
      this.#report(kept, { kind: "failed", pid, text });
    } else this.#refuse("internal", text);
  }

  #refuse(code: string, text: string): void {
    this.#whenUp.reject(new OrreryError(code as Code, text));
  }

  #openWhenBound(): void {
    const placed = this.#placed();
    if (this.#open || placed.length === 0 || placed.some(({ address }) => address === "")) return;
    this.#open = true;
    this.directory.replace(this.#table());
    for (const { child, isBound } of placed) if (isBound) this.#control.tell(child, this.#startOrder());
  }

  #letStart({ child }: KeptProcess): void {
    this.#spread();
    this.#control.tell(child, this.#startOrder());
  }

  #startOrder(): ToProcess {
    return { kind: "start", table: this.directory.table() };
  }

  /** Tells everybody where everybody is, when that has changed. */
  #spread(): void {
    const before = JSON.stringify(this.directory.table());
    this.directory.replace(this.#table());
    const table = this.directory.table();
    if (JSON.stringify(table) === before) return;
    for (const { child } of this.#placed()) this.#control.tell(child, { kind: "directory", table });
  }

  #report({ placed }: KeptProcess, { kind, pid, text }: Pick<AppEvent, "kind" | "pid" | "text">): void {
    if (placed === undefined) return;
    this.#options.onEvent?.({ kind, component: placed.found.name, slot: placed.slot, pid, text });
  }

  #table(): DirectoryTable {
    const { directory, components = [] } = this.#options;
    const own: Record<string, string[]> = {};
    for (const { placed, address } of this.#placed()) {
      if (address !== "") own[placed.found.name] = [...(own[placed.found.name] ?? []), address];
    }
    const here = this.#own?.addresses.filter((address) => address.startsWith("tcp:")) ?? [];
    for (const { service } of components) own[contractOf(service).name] = [...here];
    return { ...(directory === undefined ? {} : tableOf(directory)), ...own };
  }
}

function measuresOfThread(thread: number): Measures {
  return { ...threadMeasuresOf(thread), memoryBytes: undefined }; // Nobody bounds the memory of what is launched.
}

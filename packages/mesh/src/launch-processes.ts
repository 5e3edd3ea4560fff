import { type ClientNode, type Clock, type Code, createSystemClock, OrreryError, type Service } from "@orrery/core";
import { serviceFromDescription } from "@orrery/core/internal";
import type { App, AppComponent, AppEvent, LaunchOptions } from "./app.ts";
import { chooseInstances } from "./choose-instances.ts";
import { createLives, type Lives } from "./environment/begin-lives.ts";
import { JOURNALS_FOLDER } from "./journal/journal-for.ts";
import { PROCESS_STOP_GRACE_MS, PROCESSES_MAX } from "./limits.ts";
import { createLiveDirectory, type DirectoryTable, type LiveDirectory, tableOf } from "./live-directory.ts";
import { twice } from "./load-components.ts";
import { createMeshClient } from "./mesh-node.ts";
import type { ProcessHost } from "./process-host.ts";
import type { FoundComponent, LogForm, ServeOrder } from "./process-messages.ts";
import { ProcessSeat, type SeatEvent } from "./process-seat.ts";
import { createSystemProcesses } from "./system-process.ts";

/** Options of a launch in processes of their own. */
export interface LaunchProcessesOptions extends LaunchOptions {
  /** Address that each process opens; its port is 0 where more than one runs. */
  readonly listen: string;
  /** How the processes write log lines to their standard error. Default: text. */
  readonly log?: LogForm;
  /** Told when a process crashed, is back, or is given up. Default: nobody. */
  readonly onEvent?: (event: AppEvent) => void;
  /** What starts processes. Default: the machine. */
  readonly host?: ProcessHost;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Runs every instance of every component in an operating-system process of its own; they talk ZeroMQ. Each opens a port that the system
 * chooses and reports it; when all have, each is told where the others are, and starts. One that crashes is started again at its address,
 * up to 5 times in 10 s; the others go on. All end when this process ends. What the `component.yaml` of a folder asks for is checked before
 * anything starts, and again before each restart; its commands run for each process.
 * @throws OrreryError when one cannot be loaded or started, or something is missing; nothing runs then.
 */
export async function launchProcesses(options: LaunchProcessesOptions): Promise<App> {
  const launch = new ProcessLaunch(options);
  await launch.start();
  return launch;
}

interface Placed {
  readonly found: FoundComponent;
  readonly slot: number;
  readonly seat: ProcessSeat;
}

class ProcessLaunch implements App {
  readonly directory: LiveDirectory;
  node!: ClientNode;
  readonly #options: LaunchProcessesOptions;
  readonly #clock: Clock;
  readonly #host: ProcessHost;
  readonly #placed: Placed[] = [];
  readonly #probes = new Map<ProcessSeat, (event: SeatEvent) => void>();
  /** From the moment when all have opened their addresses, each starts as soon as it has. */
  #open = false;
  #isUp = false;
  #lives: Lives | undefined;
  #whenUp: { resolve(): void; reject(error: OrreryError): void } | undefined;

  constructor(options: LaunchProcessesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? createSystemClock();
    this.#host = options.host ?? createSystemProcesses();
    this.directory = createLiveDirectory(this.#table());
  }

  async start(): Promise<void> {
    const { agent } = this.#options;
    try {
      const up = new Promise<void>((resolve, reject) => {
        this.#whenUp = { resolve, reject };
      });
      up.catch(() => undefined); // It may be refused before anybody waits for it.
      this.#lives = await createLives(this.#options);
      await this.#place();
      this.#openWhenBound();
      await up;
      this.#isUp = true;
      this.node = await createMeshClient({ directory: this.directory, ...(agent === undefined ? {} : { agent }) });
    } catch (error) {
      await this.stop({ timeoutMs: 0 });
      throw error;
    }
  }

  addresses(): readonly string[] {
    return this.#placed.map(({ seat }) => seat.address).filter((address) => address !== "");
  }

  components(): readonly AppComponent[] {
    const components = new Map<string, AppComponent & { instances: AppComponent["instances"][number][] }>();
    for (const { found, slot, seat } of this.#placed) {
      const { name, version, file } = found;
      const component = components.get(name) ?? { name, version, file, instances: [] };
      const state =
        seat.state === "loading" || seat.state === "loaded" || seat.state === "bound" ? "starting" : seat.state;
      component.instances.push({ slot, address: seat.address, pid: seat.pid, state, restarts: seat.restarts });
      components.set(name, component);
    }
    return [...components.values()];
  }

  async services(): Promise<readonly Service[]> {
    const first = this.#placed.filter(({ slot }) => slot === 0);
    return await Promise.all(
      first.map(async ({ found, seat }) => {
        const { components } = await this.node.describe(seat.address);
        const described = components.find(({ name }) => name === found.name);
        if (described !== undefined) return await serviceFromDescription(described);
        throw new OrreryError("not_found", `Cannot describe "${found.name}": "${seat.address}" does not serve it`);
      }),
    );
  }

  async stop({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    const seats = [...this.#probes.keys(), ...this.#placed.map(({ seat }) => seat)];
    await Promise.all(seats.map((seat) => seat.stop(timeoutMs, PROCESS_STOP_GRACE_MS)));
    await this.node?.stop();
  }

  kill(): void {
    for (const { seat } of this.#placed) seat.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Lets one process for each path say what is in it; each goes on to serve the first of its components, others get processes. */
  async #place(): Promise<void> {
    const { paths, cwd } = this.#options;
    const loads = await Promise.all(paths.map((path) => this.#probe(path)));
    const found = new Map<string, FoundComponent>();
    for (const component of loads.flatMap(({ components }) => components)) {
      const known = found.get(component.name);
      if (known !== undefined) throw twice(component.name, [known.file, component.file], cwd);
      found.set(component.name, component);
    }
    const counts = chooseInstances([...found.values()], this.#options.instances);
    assertFits([...counts.values()], this.#options.listen);
    for (const { seat, components } of loads) {
      for (const [index, component] of components.entries()) {
        for (let slot = 0; slot < (counts.get(component.name) ?? 1); slot++) {
          const isFirst = index === 0 && slot === 0;
          this.#seat(component, slot, isFirst ? seat : undefined);
        }
      }
    }
  }

  #probe(path: string): Promise<{ seat: ProcessSeat; components: readonly FoundComponent[] }> {
    const seat = this.#makeSeat([path]);
    const probed = new Promise<{ seat: ProcessSeat; components: readonly FoundComponent[] }>((resolve, reject) => {
      this.#probes.set(seat, (event) => {
        if (event.kind === "loaded") resolve({ seat, components: event.components });
        if (event.kind === "failed") reject(new OrreryError(event.code as Code, event.text));
      });
    });
    seat.start();
    return probed;
  }

  #seat(found: FoundComponent, slot: number, loaded: ProcessSeat | undefined): void {
    const { cwd, listen, agent = "anonymous", log = "text", capture = "" } = this.#options;
    const node = `${found.name}-${slot}`;
    const journal = `${cwd}/${JOURNALS_FOLDER}/${node}`;
    const order: ServeOrder = { kind: "serve", component: found.name, node, listen, agent, log, capture, journal };
    const seat = loaded ?? this.#makeSeat([found.file]);
    this.#placed.push({ found, slot, seat });
    this.#probes.delete(seat);
    if (loaded === undefined) seat.start(order);
    else loaded.serve(order);
  }

  #makeSeat(paths: readonly string[]): ProcessSeat {
    const { cwd } = this.#options;
    const onEvent = (seat: ProcessSeat, event: SeatEvent) => this.#onSeat(seat, event);
    const life = this.#lives?.of(paths[0] ?? "");
    return new ProcessSeat({
      host: this.#host,
      clock: this.#clock,
      paths,
      cwd,
      onEvent,
      ...(life === undefined ? {} : { life }),
    });
  }

  #onSeat(seat: ProcessSeat, event: SeatEvent): void {
    this.#probes.get(seat)?.(event);
    const placed = this.#placed.find((one) => one.seat === seat);
    if (placed === undefined) return;
    switch (event.kind) {
      case "bound":
        if (this.#open) this.#letStart(seat);
        else this.#openWhenBound();
        return;
      case "ready":
        if (this.#isUp) this.#report(placed, "restarted", `it runs again, at ${seat.address}`);
        else if (this.#placed.every((one) => one.seat.state === "ready")) this.#whenUp?.resolve();
        return;
      case "crashed":
        if (this.#isUp) this.#report(placed, "crashed", event.text);
        return;
      case "failed":
        if (!this.#isUp) this.#whenUp?.reject(new OrreryError(event.code as Code, event.text));
        else this.#giveUp(placed, event.text);
        return;
      case "loaded":
    }
  }

  #openWhenBound(): void {
    if (this.#open || this.#placed.some(({ seat }) => seat.address === "")) return;
    this.#open = true;
    this.directory.replace(this.#table());
    for (const { seat } of this.#placed) seat.tell({ kind: "start", table: this.directory.table() });
  }

  #letStart(seat: ProcessSeat): void {
    this.#spread();
    seat.tell({ kind: "start", table: this.directory.table() });
  }

  /** Tells everybody where everybody is, when that has changed. */
  #spread(): void {
    const before = JSON.stringify(this.directory.table());
    this.directory.replace(this.#table());
    const table = this.directory.table();
    if (JSON.stringify(table) === before) return;
    for (const { seat } of this.#placed) seat.tell({ kind: "directory", table });
  }

  #giveUp(placed: Placed, text: string): void {
    placed.seat.address = "";
    this.#spread();
    this.#report(placed, "failed", text);
  }

  #report({ found, slot, seat }: Placed, kind: AppEvent["kind"], text: string): void {
    this.#options.onEvent?.({ kind, component: found.name, slot, pid: seat.pid, text });
  }

  #table(): DirectoryTable {
    const { directory } = this.#options;
    const own: Record<string, string[]> = {};
    for (const { found, seat } of this.#placed) {
      if (seat.address !== "") own[found.name] = [...(own[found.name] ?? []), seat.address];
    }
    return { ...(directory === undefined ? {} : tableOf(directory)), ...own };
  }
}

function assertFits(counts: readonly number[], listen: string): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > PROCESSES_MAX) {
    const text = `Cannot start ${total} processes: the limit is ${PROCESSES_MAX}, run fewer instances`;
    throw new OrreryError("resource_exhausted", text);
  }
  if (total > 1 && !listen.endsWith(":0")) {
    const text = `Cannot open "${listen}" in ${total} processes: write port 0, so that each gets one of its own`;
    throw new OrreryError("invalid_argument", text);
  }
}

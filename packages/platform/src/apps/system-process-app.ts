import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isOrreryError, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { createBodies } from "@orrery/mesh/internal";
import {
  createStateFile,
  createSupervisor,
  openTurningKeys,
  type PlacedKeys,
  type RollOutResult,
  rollOut,
  type StateStore,
  type SuperviseSpec,
  type SuperviseState,
  type Supervisor,
  type TurningKeys,
} from "@orrery/mesh/supervise";
import { createTelemetry, type Span, type SpanFilter } from "@orrery/mesh/telemetry";
import type { Meter } from "@orrery/registry";
import { createRelays, type Relays } from "../foreign/system-relays.ts";
import { type Attached, Attachments, type StandIn } from "./app-attachment.ts";
import { type Inspected, inspectAll } from "./app-inspection.ts";
import type { AppRelease } from "./app-release.ts";
import type { AppStand } from "./app-runtime.ts";
import { type AppSizer, createAppSizer } from "./app-sizer.ts";
import { eventText } from "./event-text.ts";
import { createKeyTurner, type KeyTurner } from "./key-turner.ts";
import { type LearnedServices, learnServices } from "./learn-services.ts";
import { APP_LOOK_MS, APP_START_MS, APP_STEADY_MS } from "./limits.ts";
import type { ProcessAppOptions } from "./process-app-options.ts";
import { appSpec, instancesOf, isUp, whyDown } from "./process-app-spec.ts";
import { type LevelPlaces, writeLevels } from "./system-app-levels.ts";
import { type AppMeeting, openMeeting, SEEDS } from "./system-app-meeting.ts";
import { type AppRecord, isSameRun, lentTo, RECORD, RESTING, readRecord, writeRecord } from "./system-app-record.ts";
import { envFile, envFilesOf, writeSecrets } from "./system-app-secrets.ts";
import { meterProcesses, type ProcessMeter } from "./system-process-meter.ts";

/**
 * The processes of one app, and the node by which they and the platform meet. I1: what is on record is what takes calls; a change that was under
 * way when this process died is put back. I2: one change is under way at a time. I3: the address of the meeting point outlives a restart.
 * I4: the secrets of a release lie here from before its first process begins until after its last one is cleaned up after.
 * I5: whoever meets here has a key of the app, of which another takes the place each day.
 */
export class ProcessApp {
  readonly #options: ProcessAppOptions;
  #record: AppRecord | undefined;
  #next: AppRelease | undefined;
  /** What the change that is under way brings, although another may be next by now. */
  #coming: AppRelease | undefined;
  /** All flows that begin here are traced: a process follows those alone. */
  readonly #telemetry = createTelemetry({ ratio: 1 });
  #failed: AppStand["failed"];
  /** What failed, which is not tried again. */
  #refused: AppRelease | undefined;
  #sizer: AppSizer | undefined;
  readonly #attachments = new Attachments();
  #learned: LearnedServices | undefined;
  /** Whose services the caller knows. */
  #called = "";
  #supervisor: Supervisor | undefined;
  #keys: TurningKeys | undefined;
  #turner: KeyTurner | undefined;
  #meeting: AppMeeting | undefined;
  /** Names of files that what is kept up names. */
  #envFiles: ReadonlySet<string> = new Set();
  #meter: ProcessMeter | undefined;
  readonly #relays: Relays | undefined;
  readonly #bodies = createBodies();
  #work: Promise<void> = Promise.resolve();
  #isTurning = false;
  readonly #end = new AbortController();

  constructor(options: ProcessAppOptions) {
    this.#options = options;
    const { app, isolation, sockets: folder, upstreams, log } = options;
    const lend = (path: string) => isolation.lend(path, app);
    if (isolation.kind === "cage") this.#relays = createRelays({ folder, upstreams, lend, log });
  }

  /** Goes on where an earlier one was. */
  async open(): Promise<void> {
    const { app, home, control, clock, random, isolation } = this.#options;
    mkdirSync(home, { recursive: true, mode: 0o700 });
    this.#record = readRecord(home);
    const lend = (file: string) => isolation.lend(file, app);
    this.#keys = openTurningKeys({ folder: join(home, "keys"), nowMs: clock.now(), lend });
    this.#meeting = await openMeeting({ ...this.#options, keys: this.#keys, telemetry: this.#telemetry }); // I5
    const supervisor = await createSupervisor({
      control,
      store: this.#store(),
      clock,
      random,
      onEvent: (event) => {
        if (event.kind === "stopping") this.#meter?.collect(); // Soon nobody can tell what it used.
        this.#note(eventText(event), event.child);
        this.#changed();
      },
      onTold: (child, news) => this.#sizer?.hear(child, news),
    });
    this.#supervisor = supervisor;
    this.#sizer = createAppSizer({
      ...{ clock, supervisor, log: this.#options.log },
      file: () => this.#record?.release.file,
      isChanging: () => this.#isChanging(),
      apply: () => this.#resize(),
    });
    this.#turner = createKeyTurner({
      clock,
      drawnMs: () => known(this.#keys).drawnMs,
      isReady: () => this.stand().isReady && !this.#isChanging(),
      turn: () => this.#turn(),
    });
    this.#meter = this.#options.meter && this.#count(this.#options.meter);
    this.#record &&= { ...this.#record, spec: this.#specOf(this.#record.release) }; // Limits and isolation of now.
    supervisor.apply(this.#record?.spec ?? { groups: [] }); // I1
    this.#sizer.follow();
    this.#changed();
  }

  stand(): AppStand {
    const release = this.#record?.release;
    const children = this.#supervisor?.status() ?? [];
    const isReady = release !== undefined && this.#called === release.id && isUp(release, children, this.#attachments);
    const why = release === undefined || isReady ? undefined : whyDown(children);
    const lost = release === undefined || why === undefined ? undefined : { release: release.id, why };
    const failed = this.#failed ?? lost;
    return {
      ...{ release, isReady, failed, next: this.#next?.id },
      caller: this.#learned?.caller,
      callee: this.#learned?.callee,
      services: this.#learned?.services ?? [],
      instances: instancesOf(children),
    };
  }

  /** Asks each of its processes for itself. */
  inspect<T>(ask: Parameters<typeof inspectAll<T>>[1]): Promise<readonly Inspected<T>[]> {
    return inspectAll(
      { app: this.#options.app, curve: known(this.#keys).curve, children: this.#supervisor?.status() ?? [] },
      ask,
    );
  }

  /** Lets a process of somebody else stand in for components; calls go to it alone once it is found, until it is let go. */
  attach(standIn: StandIn): Attached {
    if (this.#options.isolation.kind === "cage")
      throw new OrreryError(
        "failed_precondition",
        `Cannot stand in for a component of "${this.#options.app}": apps run in cages here, which nobody joins, start orrery up with --isolation none`,
      );
    const { seeds, directory } = known(this.#meeting);
    return this.#attachments.begin(standIn, {
      ...{ app: this.#options.app, file: this.#record?.release.file, services: this.#learned?.services ?? [] },
      ...{ seeds, keys: known(this.#keys) },
      placesOf: (name) => directory.resolve(name),
      own: () => (this.#supervisor?.status() ?? []).map(({ address }) => address),
      onChange: (text) => {
        this.#note(text);
        this.#resize();
      },
    });
  }

  /** The newest messages that it was sent from here. */
  spans(filter: SpanFilter): readonly Span[] {
    return this.#telemetry.spans(filter);
  }

  /** Folders of what runs and of what is to. */
  folders(): readonly string[] {
    return [this.#record?.release, this.#coming, this.#next].flatMap((release) => release?.folder ?? []);
  }

  /** Has its processes write lines from the levels on that are wanted now; a release that is about to come has components of its own. */
  level(coming?: AppRelease): LevelPlaces {
    const { app, home, isolation, levelOf } = this.#options;
    const releases = [this.#record?.release, this.#coming, this.#next, coming];
    const components = releases.flatMap((release) => release?.file.components ?? []).map(({ name }) => name);
    return writeLevels({ app, home, components, levelOf, lend: (file) => isolation.lend(file, app) });
  }

  run(release: AppRelease): void {
    if (this.#isOver) return;
    if (isSameRun(this.#record?.release, release)) {
      if (this.#next === undefined) this.#failed = undefined;
      return;
    }
    if (isSameRun(this.#next, release) || isSameRun(this.#refused, release)) return;
    const isFree = this.#next === undefined;
    this.#next = release;
    if (isFree) this.#work = this.#work.then(() => this.#change()); // I2
  }

  /** Ends, and is not found again by the next runtime as one that runs. */
  async rest(): Promise<void> {
    await this.close();
    const { home } = this.#options;
    if (existsSync(join(home, RECORD))) renameSync(join(home, RECORD), join(home, RESTING));
  }

  async drop(): Promise<void> {
    await this.close();
    for (const folder of [this.#options.home, this.#options.sockets]) rmSync(folder, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#sizer?.close();
    this.#turner?.close();
    const stopped = this.#supervisor?.stop();
    await Promise.all([stopped, this.#work]);
    this.#meter?.end();
    this.#relays?.close();
    await this.#meeting?.node.stop({ timeoutMs: 0 });
  }

  /** Has the next release take the place of what runs, or says why not. */
  async #change(): Promise<void> {
    const { home, log, app } = this.#options;
    for (let next = this.#next; next !== undefined && !this.#isOver; next = this.#next) {
      const supervisor = known(this.#supervisor);
      this.#coming = next;
      writeSecrets(home, next);
      const spec = this.#specOf(next);
      let failed: AppStand["failed"];
      if (this.stand().isReady) {
        const result = await this.#rollTo(spec);
        if (result.kind === "reverted" && this.#isOver) return;
        if (result.kind === "reverted") failed = { release: next.id, why: result.text };
        else await this.#take({ app, release: next, spec });
      } else {
        const record = { app, release: next, spec };
        writeRecord(home, record);
        this.#record = record; // Nothing is lost where nothing takes calls.
        supervisor.apply(spec);
      }
      this.#failed = failed;
      this.#refused = failed && next;
      this.#note(failed === undefined ? `runs ${next.source}` : `put ${next.source} back: ${failed.why}`);
      if (failed !== undefined) log.warn("a release of an app was put back", { app, why: failed.why });
      if (this.#next === next) this.#next = undefined;
      this.#sizer?.follow();
      this.#coming = undefined;
      this.#sweep();
      this.#changed();
    }
  }

  /** Has what was rolled out stand in the place of what ran, once it can be called: until then that is what the app is. */
  async #take(record: AppRecord): Promise<void> {
    writeRecord(this.#options.home, record);
    await this.#learn(record.release, () => this.#coming === record.release);
    this.#record = record;
  }

  #rollTo(to: SuperviseSpec): Promise<RollOutResult> {
    const [{ clock }, { signal }] = [this.#options, this.#end];
    const target = known(this.#supervisor);
    return rollOut({ target, to, clock, signal, steadyMs: APP_STEADY_MS, stepMs: APP_START_MS });
  }

  /** Has its processes replaced, one by one, by such with the next key; false where that was put back. I5 */
  #turn(): Promise<boolean> {
    const turned = this.#work.then(async () => {
      const [record, keys] = [this.#record, known(this.#keys)];
      if (record === undefined || !this.stand().isReady || this.#isOver) return false;
      this.#isTurning = true;
      const result = await this.#rollTo(this.#specOf(record.release, keys.next()));
      if (result.kind === "reverted" && this.#isOver) return false;
      if (result.kind === "reverted") throw new Error(result.text);
      keys.turn(this.#options.clock.now());
      this.#note("has its next key");
      return true;
    });
    const done = turned.catch((error: unknown) => {
      this.#note(`keeps its key: ${messageOf(error)}`);
      this.#options.log.warn("an app did not get its next key", { why: messageOf(error) });
      return false;
    });
    this.#work = done.then(() => {
      this.#isTurning = false;
      this.#resize(); // For what changed meanwhile, and so that what runs is on record.
    }); // I2
    return done;
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** Whether another release, size or key is about to come. */
  #isChanging(): boolean {
    return this.#next !== undefined || this.#isTurning || this.#isOver;
  }

  #specOf(release: AppRelease, keys: PlacedKeys = known(this.#keys).now()): SuperviseSpec {
    const { app, home, logs, sockets, isolation, limits } = this.#options;
    const secrets = join(home, envFile(release));
    const hasSecrets = existsSync(secrets);
    if (hasSecrets) isolation.lend(secrets, app);
    this.#relays?.add(placesOf(release));
    return appSpec(release, {
      ...{ seedsFile: join(home, SEEDS), sockets, limits, keys, levels: this.level(release) },
      envFile: hasSecrets ? secrets : undefined,
      journalFolder: join(home, "journal"),
      outputFolder: logs.outputFolder(app),
      readable: isolation.kind === "cage" ? lentTo(release) : undefined,
      sizeOf: (name, file) => (this.#attachments.hasFor(name) ? 0 : known(this.#sizer).sizeOf(name, file)),
    });
  }

  /** Has so many processes run as the sizes say. */
  #resize(): void {
    const record = this.#record;
    if (record === undefined || this.#isChanging()) return;
    const spec = this.#specOf(record.release);
    this.#record = { ...record, spec };
    writeRecord(this.#options.home, this.#record);
    this.#supervisor?.apply(spec);
    this.#changed();
  }

  /** Says in the log of the app what became of it. */
  #note(text: string, instance = ""): void {
    if (text !== "") this.#options.logs.note(this.#options.app, { stream: "platform", text, instance });
  }

  #count(meter: Meter): ProcessMeter {
    const { app, home, isolation } = this.#options;
    const isCaged = isolation.kind === "cage";
    const pids = () =>
      (this.#supervisor?.status() ?? []).flatMap(({ pid }) => (pid === 0 ? [] : [isCaged ? this.#bodies(pid) : pid]));
    return meterProcesses({ app, file: join(home, "used.json"), meter, pids });
  }

  /** What the supervisor keeps, with an eye on whose secrets it may need. */
  #store(): StateStore {
    const store = createStateFile(join(this.#options.home, "state.json"));
    const save = (state: SuperviseState) => {
      store.save(state);
      this.#envFiles = envFilesOf(state);
      this.#sweep();
    };
    return { load: () => store.load(), save };
  }

  /** Takes away the secrets of releases of which no process runs, is to run, or is cleaned up after. I4 */
  #sweep(): void {
    const { home } = this.#options;
    const releases = [this.#record?.release, this.#coming].flatMap((release) => release ?? []);
    this.#relays?.keep(releases.flatMap(placesOf));
    const kept = releases.map(envFile);
    for (const name of readdirSync(home))
      if (name.startsWith("env-") && !kept.includes(name) && !this.#envFiles.has(name)) rmSync(join(home, name));
  }

  /** Learns whom to call when all are up, and tells. */
  #changed(): void {
    const release = this.#record?.release;
    if (release !== undefined && this.#called !== release.id && !this.#isOver) {
      const children = this.#supervisor?.status() ?? [];
      if (isUp(release, children, this.#attachments))
        void this.#learn(release, () => this.#record?.release === release).then(() => this.#options.onChange());
    }
    this.#turner?.look();
    this.#options.onChange();
  }

  async #learn(release: AppRelease, isWanted: () => boolean): Promise<void> {
    const { clock } = this.#options;
    for (const endMs = clock.monotonic() + APP_START_MS; clock.monotonic() < endMs; await clock.sleep(APP_LOOK_MS)) {
      if (this.#isOver || !isWanted() || this.#called === release.id) return;
      try {
        const learned = await learnServices(known(this.#meeting), known(this.#supervisor).status());
        if (learned === undefined) continue;
        this.#learned = learned;
        this.#called = release.id;
        return;
      } catch (error) {
        if (!isOrreryError(error)) throw error; // Else it has just ended; another comes.
      }
    }
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("An app is used before it is open");
  return value;
}

/** Where the foreign programs of a release run that are not started with it. */
function placesOf({ file }: AppRelease): readonly string[] {
  return file.components.flatMap(({ foreign }) => foreign?.url ?? []);
}

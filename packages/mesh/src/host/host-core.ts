import { type Clock, type JsonValue, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { judgeCanary, type VersionCalls } from "../supervise/judge-canary.ts";
import { type RollOutResult, rollOut } from "../supervise/roll-out.ts";
import type { ChildStatus, Supervisor } from "../supervise/supervise.ts";
import { callsOf, type PlaceCalls } from "./call-counts.ts";
import { type HostConfig, type HostedProcess, hostSpec, type RollSettings } from "./host-config.ts";
import { componentOf, createHostSizes, type HostSizes } from "./host-sizes.ts";
import {
  type Applied,
  assertCount,
  assertRelease,
  type Change,
  changesOf,
  type Release,
  type ReleaseStore,
  type Versions,
  wantedVersions,
} from "./release.ts";

/** How a plan stands. */
export interface PlanState {
  /** Empty for none. */
  readonly id: string;
  readonly state: "none" | "rolling" | "done" | "reverted";
  /** Why it was put back; else empty. */
  readonly text: string;
}

/** What a host remembers over restarts. */
export interface HostRecord {
  readonly running: Readonly<Record<string, string>>;
  readonly applied: Readonly<Record<string, Applied>>;
  readonly plan: PlanState;
}

/** Where a host keeps its record. */
export interface HostMemory {
  load(): HostRecord | undefined;
  save(record: HostRecord): void;
}

/** Options of a host. */
export interface HostCoreOptions {
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly releases: ReleaseStore;
  readonly memory: HostMemory;
  readonly clock: Clock;
  readonly config: () => HostConfig;
  readonly programOf: (process: HostedProcess) => JsonValue;
  /** Version that a program runs. */
  readonly versionOf: (program: JsonValue) => string;
  /** Told what is done, and with what end. Default: nobody. */
  readonly onNews?: (news: HostNews) => void;
}

/** Something that a host did with versions. */
export interface HostNews {
  readonly kind: "rolling" | "rolled" | "put-back" | "refused";
  readonly changes: readonly Change[];
  /** Why, where something went wrong. */
  readonly text: string;
}

/** What to run, by component; those that are not named stay. */
export interface HostPlan {
  /** Name of the plan: the same plan twice is one. */
  readonly id: string;
  readonly components: readonly { readonly name: string; readonly release: Release }[];
  /** Versions that the host has already, as for going back. */
  readonly versions?: Versions;
  /** Whether components that are not named go. Default: false. */
  readonly prune?: boolean;
  /** In the place of what the host's file says of them. */
  readonly stages?: readonly number[];
  readonly failedShareMax?: number;
  readonly callsMin?: number;
}

/** What a host answers to a plan. */
export interface PlanAnswer {
  readonly changes: readonly Change[];
  /** SHA-256 of files to send first; nothing is begun while there are any. */
  readonly missing: readonly string[];
}

/** A component, where a process of it takes work. */
export interface HostPlace {
  readonly address: string;
  readonly component: string;
  readonly version: string;
}

/** How a host stands. */
export interface HostStatus {
  readonly name: string;
  readonly running: Versions;
  readonly plan: PlanState;
  readonly places: readonly HostPlace[];
  /** How calls ended that left this host. */
  readonly calls: readonly PlaceCalls[];
  readonly children: readonly ChildStatus[];
}

/** What runs components of a folder on one host, and changes their versions. */
export interface HostCore {
  /** Makes what runs the same as what the folder and what was applied say. Done when it is; what failed is told and left as it was. */
  refresh(): Promise<void>;
  /** What a plan would change; nothing is begun. @throws OrreryError as `apply`. */
  plan(plan: HostPlan): PlanAnswer;
  /**
   * Begins a plan, which `status` then tells of. @throws OrreryError `invalid_argument` for what cannot run, `failed_precondition` while another
   * plan is under way.
   */
  apply(plan: HostPlan): PlanAnswer;
  status(): HostStatus;
  /** Done when nothing is under way. */
  settled(): Promise<void>;
  /** How many processes of each component run. */
  readonly sizes: HostSizes;
}

const NO_PLAN: PlanState = { id: "", state: "none", text: "" };

/** Makes a host over a supervisor. Call `refresh` once to begin. */
export function createHostCore(options: HostCoreOptions): HostCore {
  return new FolderHost(options);
}

/**
 * Owns: which version of each component runs. I1: one change of versions is under way at a time. I2: what runs is on record before it is said to
 * run; a host that dies within a change finds the versions of before. I3: a version that was put back is not tried again unless somebody says so.
 */
class FolderHost implements HostCore {
  readonly #options: HostCoreOptions;
  readonly #places = new Map<string, HostPlace>();
  readonly #refused = new Set<string>();
  #running: Versions;
  #applied: ReadonlyMap<string, Applied>;
  #folder: Versions = new Map();
  #plan: PlanState;
  #work: Promise<void> = Promise.resolve();
  #isChanging = false;
  readonly #sizes: ReturnType<typeof createHostSizes>;

  constructor(options: HostCoreOptions) {
    this.#options = options;
    const record = options.memory.load();
    this.#running = new Map(Object.entries(record?.running ?? {}));
    this.#applied = new Map(Object.entries(record?.applied ?? {}));
    this.#sizes = createHostSizes({
      host: options.name,
      spec: options.supervisor.spec,
      config: options.config,
      running: () => this.#running,
      isChanging: () => this.#isChanging,
      apply: () => void options.supervisor.apply(this.#spec(this.#running)),
    });
    const plan = record?.plan ?? NO_PLAN;
    // What was under way when the host died is put back by the first refresh.
    this.#plan = plan.state === "rolling" ? { ...plan, state: "reverted", text: "the host was started again" } : plan;
  }

  get sizes(): HostSizes {
    return this.#sizes;
  }

  refresh(): Promise<void> {
    return this.#next(async () => {
      this.#folder = await this.#options.releases.folder();
      const wanted = wantedVersions(this.#folder, this.#applied);
      assertCount(wanted.size);
      await this.#begin(wanted);
      for (const change of changesOf(this.#running, wanted)) {
        const key = `${change.component} ${change.to}`;
        if (change.kind !== "replace" || this.#refused.has(key)) continue;
        const to = new Map(this.#running).set(change.component, change.to);
        const result = await this.#roll(to, [change], this.#options.config().roll);
        if (result.kind === "reverted") this.#refused.add(key); // I3
      }
      this.#sweep();
    });
  }

  plan(plan: HostPlan): PlanAnswer {
    const { releases } = this.#options;
    for (const { name, release } of plan.components) assertRelease(name, release);
    for (const version of plan.versions?.values() ?? [])
      if (version !== "" && !releases.has(version)) {
        const text = `Cannot run version "${version}" on host "${this.#options.name}": it is not here any more, apply it anew`;
        throw new OrreryError("not_found", text);
      }
    const missing = [...new Set(plan.components.flatMap(({ release }) => releases.missing(release)))];
    return { changes: missing.length > 0 ? [] : changesOf(this.#running, this.#target(plan)), missing };
  }

  apply(plan: HostPlan): PlanAnswer {
    const { id, state } = this.#plan;
    const answer = this.plan(plan);
    if (plan.id === id && state === "rolling") return answer;
    if (state === "rolling") {
      const text = `Cannot apply plan "${plan.id}" on host "${this.#options.name}": plan "${id}" is under way, wait for its end`;
      throw new OrreryError("failed_precondition", text);
    }
    if (answer.missing.length > 0) return answer;
    assertCount(this.#target(plan).size);
    if (answer.changes.length === 0) {
      this.#planned({ id: plan.id, state: "done", text: "" });
      return answer;
    }
    this.#planned({ id: plan.id, state: "rolling", text: "" });
    void this.#next(() => this.#carryOut(plan));
    return answer;
  }

  status(): HostStatus {
    const { name, supervisor } = this.#options;
    const children = supervisor.status();
    this.#look(children);
    return {
      name,
      running: this.#running,
      plan: this.#plan,
      places: [...this.#places.values()],
      calls: callsOf(children),
      children,
    };
  }

  settled(): Promise<void> {
    return this.#work;
  }

  async #carryOut(plan: HostPlan): Promise<void> {
    const { roll } = this.#options.config();
    const to = this.#target(plan);
    const changes = changesOf(this.#running, to);
    const result = await this.#roll(to, changes, {
      ...roll,
      stages: plan.stages ?? roll.stages,
      failedShareMax: plan.failedShareMax ?? roll.failedShareMax,
      callsMin: plan.callsMin ?? roll.callsMin,
    });
    if (result.kind === "done") {
      const applied = changes.map(({ component, to: version }): [string, Applied] => {
        return [component, { version, over: this.#folder.get(component) ?? "" }];
      });
      this.#applied = new Map([...this.#applied, ...applied]);
    }
    this.#planned({ id: plan.id, state: result.kind, text: result.kind === "done" ? "" : result.text });
    this.#sweep();
  }

  #sweep(): void {
    this.#options.releases.sweep(new Set([...this.#running.values(), ...this.#folder.values()]));
  }

  /** What runs after a plan. */
  #target({ components, versions = new Map(), prune = false }: HostPlan): Versions {
    const { releases } = this.#options;
    const named = new Map([
      ...versions,
      ...components.map(({ name, release }) => [name, releases.keep(release)] as const),
    ]);
    const target = new Map([...(prune ? [] : this.#running), ...named]);
    return new Map([...target].filter(([, version]) => version !== ""));
  }

  /** Starts what is new, ends what is to go, and lets settings count; versions stay. */
  async #begin(wanted: Versions): Promise<void> {
    const { supervisor } = this.#options;
    const staying = new Map([...this.#running].filter(([name]) => wanted.has(name)));
    const kept = this.#spec(staying);
    if (supervisor.spec.groups.length > 0 && JSON.stringify(kept) !== JSON.stringify(supervisor.spec))
      await this.#rollTo(kept, this.#options.config().roll);
    const changes = changesOf(this.#running, wanted).filter(({ kind }) => kind !== "replace");
    const added = changes.filter(({ kind }) => kind === "add").map(({ component, to }) => [component, to] as const);
    this.#running = new Map([...staying, ...added]);
    supervisor.apply(this.#spec(this.#running));
    this.#remember();
    if (changes.length > 0) this.#tell("rolled", changes);
  }

  async #roll(to: Versions, changes: readonly Change[], roll: RollSettings): Promise<RollOutResult> {
    this.#tell("rolling", changes);
    const result = await this.#rollTo(this.#spec(to), roll, new Set(to.values()));
    if (result.kind === "done") {
      this.#running = to;
      this.#remember(); // I2
      this.#tell("rolled", changes);
    } else this.#tell("put-back", changes, result.text);
    return result;
  }

  #rollTo(to: Supervisor["spec"], roll: RollSettings, fresh: ReadonlySet<string> = new Set()): Promise<RollOutResult> {
    const { supervisor, clock } = this.#options;
    const old = new Set([...this.#running.values()].filter((version) => !fresh.has(version)));
    const isNew = (version: string) => fresh.has(version) && ![...this.#running.values()].includes(version);
    const since = this.#callsBy(isNew, old);
    const judge = () => {
      const now = this.#callsBy(isNew, old);
      const [freshCalls, oldCalls] = [minus(now.fresh, since.fresh), minus(now.old, since.old)];
      return judgeCanary(freshCalls, oldCalls, { failedShareMax: roll.failedShareMax, callsMin: roll.callsMin });
    };
    const { steadyMs, stepMs, stageMs, stages } = roll;
    const staged = stages.length === 0 ? {} : { stages, judge };
    return rollOut({ target: supervisor, to, clock, steadyMs, stepMs, stageMs, ...staged });
  }

  /** How calls from here to versions ended so far. */
  #callsBy(isNew: (version: string) => boolean, old: ReadonlySet<string>): { fresh: VersionCalls; old: VersionCalls } {
    const sums = { fresh: { calls: 0, failures: 0 }, old: { calls: 0, failures: 0 } };
    const children = this.#options.supervisor.status();
    this.#look(children);
    for (const { address, calls, failures } of callsOf(children)) {
      const version = this.#places.get(address)?.version ?? "";
      const sum = isNew(version) ? sums.fresh : old.has(version) ? sums.old : undefined;
      if (sum === undefined) continue;
      sum.calls += calls;
      sum.failures += failures;
    }
    return sums;
  }

  /** Notes which version is where; an address stays known for those who still tell of it. */
  #look(children: readonly ChildStatus[]): void {
    const { supervisor, versionOf } = this.#options;
    const programs = new Map(
      supervisor.spec.groups.flatMap((group) => group.children.map(({ name, program }) => [name, program])),
    );
    for (const { name, address, state } of children) {
      const program = programs.get(name);
      if (address === "" || state !== "ready" || program === undefined || this.#places.has(address)) continue;
      const component = componentOf(name);
      this.#places.set(address, { address, component, version: versionOf(program) });
      if (this.#places.size > PLACES_KEPT_MAX) this.#places.delete(this.#places.keys().next().value ?? "");
    }
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      this.#isChanging = true;
      try {
        await work(); // I1
      } catch (error) {
        this.#tell("refused", [], messageOf(error));
      }
      this.#isChanging = false;
    });
    this.#work = done;
    return done;
  }

  #spec(versions: Versions): Supervisor["spec"] {
    return hostSpec(versions, this.#options.config(), { programOf: this.#options.programOf, sizes: this.#sizes.all });
  }

  #planned(plan: PlanState): void {
    this.#plan = plan;
    this.#remember();
  }

  #remember(): void {
    this.#options.memory.save({
      running: Object.fromEntries(this.#running),
      applied: Object.fromEntries(this.#applied),
      plan: this.#plan,
    });
  }

  #tell(kind: HostNews["kind"], changes: readonly Change[], text = ""): void {
    this.#options.onNews?.({ kind, changes, text });
  }
}

/** Addresses of which the version is remembered. */
const PLACES_KEPT_MAX = 4_096;

function minus(now: VersionCalls, since: VersionCalls): VersionCalls {
  // A caller that was started again counts from 0.
  return { calls: Math.max(0, now.calls - since.calls), failures: Math.max(0, now.failures - since.failures) };
}

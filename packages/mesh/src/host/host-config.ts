import type { JsonValue } from "@orrery/core";
import { isOfLoopback } from "../discovery/tcp-places.ts";
import type { ElasticRules } from "../elastic/rules.ts";
import type { Isolate } from "../isolate.ts";
import type { LogForm } from "../process-messages.ts";
import type { Blanks } from "../supervise/blanks.ts";
import type { ChildSpec, GroupSpec, KeepRules, RestartRule, Strategy, SuperviseSpec } from "../supervise/spec.ts";
import { HOST_PROCESSES_MAX } from "./limits.ts";
import type { Versions } from "./release.ts";

/** From least to most. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** What numbers of processes follow. */
export type HostElastic = Partial<Omit<ElasticRules, "min" | "max">>;

/** What a host runs for others. */
export interface HostLend {
  /** Processes that it runs for others at most. Default: 0. */
  readonly instances: number;
  /** Agents that it lends to, as patterns in which `*` stands for any characters. Default: nobody. */
  readonly to: readonly string[];
}

/** A key that may connect to a host and to its processes. */
export interface AllowedKey {
  /** Public key, 64 letters of hex. */
  readonly key: string;
  /** Agents that it may name on its messages; `*` for all, as hosts need that pass on what others began. */
  readonly agents: readonly string[];
}

/** How what a host says and hears is encrypted, and whom it lets in. */
export interface HostSecurity {
  /** File with the host's secret key, which only its user may read. */
  readonly keys: string;
  /** Keys beside its own. Default: none. */
  readonly allow: readonly AllowedKey[];
}

/** How one component runs on a host. */
export interface HostComponent {
  /** What each instance has for its own. Default: what the host says. */
  readonly isolate?: Isolate;
  /** Processes: so many, or from least to most, as many as are needed. Default: 1. */
  readonly instances?: number | Span;
  /** What the number of processes follows where it is from least to most; what is left out is taken from the host's. */
  readonly elastic?: HostElastic;
  /** Default: `components`. */
  readonly group?: string;
  readonly restart?: RestartRule;
  readonly rules?: Partial<KeepRules>;
}

/** Components that go down together. */
export interface HostGroup {
  readonly strategy?: Strategy;
  readonly rules?: Partial<KeepRules>;
}

/** How versions replace one another. */
export interface RollSettings {
  /** How long a process must be ready before the next is touched, in ms. Default: 1,000. */
  readonly steadyMs: number;
  /** How long one step may take, in ms. Default: 60,000. */
  readonly stepMs: number;
  /** Shares of a component's processes, from 0 to 1, at which a new version is judged by its calls. Default: none. */
  readonly stages: readonly number[];
  /** How long a stage waits for enough calls, in ms. Default: 600,000. */
  readonly stageMs: number;
  /** Share of failed calls, from 0 to 1, that is always allowed. Default: 0.01. */
  readonly failedShareMax: number;
  /** Calls that are needed for a judgement. Default: 100. */
  readonly callsMin: number;
}

/** What a `host.yaml` says, complete. */
export interface HostConfig {
  /** Empty for a name of the machine's choice. */
  readonly name: string;
  readonly listen: string;
  /** Default: what was opened. */
  readonly advertise: readonly string[] | undefined;
  readonly seeds: readonly string[];
  readonly agent: string;
  readonly log: LogForm;
  /** Agents that may ask this host over the network to run other code. */
  readonly operators: readonly string[];
  /** What each instance has for its own: a process, or a worker thread of the host's. */
  readonly isolate: Isolate;
  readonly components: Readonly<Record<string, HostComponent>>;
  readonly groups: Readonly<Record<string, HostGroup>>;
  readonly rules: Partial<KeepRules>;
  readonly roll: RollSettings;
  /** Processes of all components at which no more are added by need. Default: 256. */
  readonly processesMax: number;
  /**
   * Processes, and threads where there are some, that are kept ready for the next child. Default: 1 of each kind of which a range, or what is lent,
   * may need more; else 0.
   */
  readonly blanks: number | undefined;
  /** What numbers of processes follow that are from least to most. */
  readonly elastic: HostElastic;
  readonly lend: HostLend;
  /** Other networks whose hosts are asked to lend through gateways, in the order given, where the scope is `any`. */
  readonly networks: readonly string[];
  /** Default: nothing is encrypted, and whoever reaches the host is let in. */
  readonly security: HostSecurity | undefined;
}

/** A host of which nobody has said anything. */
export const HOST_DEFAULTS: HostConfig = {
  name: "",
  listen: "tcp://127.0.0.1:0",
  advertise: undefined,
  seeds: [],
  agent: "anonymous",
  log: "text",
  operators: [],
  isolate: "process",
  components: {},
  groups: {},
  rules: {},
  roll: { steadyMs: 1_000, stepMs: 60_000, stages: [], stageMs: 600_000, failedShareMax: 0.01, callsMin: 100 },
  processesMax: HOST_PROCESSES_MAX,
  blanks: undefined,
  elastic: { scope: "host" },
  lend: { instances: 0, to: [] },
  networks: [],
  security: undefined,
};

/** Whether a text is a public key as hosts write it. */
export function isPublicKey(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text);
}

/** Least and most processes of a component on this host's own account. */
export function spanOf({ components }: HostConfig, component: string): Span {
  const { instances = 1 } = components[component] ?? {};
  return typeof instances === "number" ? { min: instances, max: instances } : instances;
}

/** How many blanks a host keeps, by what its components have for their own. */
export function blanksOf({ blanks, isolate, components, lend }: HostConfig): Blanks {
  const said = Object.values(components);
  const growing = said.filter(({ instances = 1 }) => typeof instances !== "number" && instances.min < instances.max);
  const isForAll = blanks !== undefined || lend.instances > 0;
  const kinds = [...(isForAll ? [isolate] : []), ...(isForAll ? said : growing).map((one) => one.isolate ?? isolate)];
  return Object.fromEntries(kinds.map((kind) => [kind, blanks ?? 1]));
}

/** What a process of a component runs. */
export interface HostedProcess {
  readonly component: string;
  readonly version: string;
  /** Name of the child. */
  readonly child: string;
  readonly isolate: Isolate;
  /** Whether it is to tell how its queues stand, for how many run follows that. */
  readonly isSized: boolean;
}

/** How many processes of a component are to run: on the host's own account, and for others. */
export interface HostSize {
  readonly own: number;
  readonly lent: number;
}

/** How many processes are to run, within what the host's file says; those of a component of which nothing is known, the least. */
export function sizeWithin({ min, max }: Span, { own, lent }: Partial<HostSize> = {}): HostSize {
  return { own: Math.min(max, Math.max(min, own ?? min)), lent: lent ?? 0 };
}

const GROUP = "components";

/** Options of what is to be kept up. */
export interface HostSpecOptions {
  readonly programOf: (process: HostedProcess) => JsonValue;
  /** By component. Default: the least of each. */
  readonly sizes?: ReadonlyMap<string, HostSize>;
}

/** Says what is to be kept up for versions to run as a host's file says. Components stand in a group as the file names them, then by name. */
export function hostSpec(
  versions: Versions,
  config: HostConfig,
  { programOf, sizes = new Map() }: HostSpecOptions,
): SuperviseSpec {
  const said = Object.keys(config.components);
  const place = (name: string) => (said.includes(name) ? said.indexOf(name) : said.length);
  const names = [...versions.keys()].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const groups = new Map<string, ChildSpec[]>();
  for (const component of names) {
    const { group = GROUP, isolate = config.isolate, restart, rules } = config.components[component] ?? {};
    const children = groups.get(group) ?? [];
    groups.set(group, children);
    const version = versions.get(component) ?? "";
    const span = spanOf(config, component);
    const { own, lent } = sizeWithin(span, sizes.get(component));
    for (let slot = 0; slot < own + lent; slot++) {
      const name = `${component}-${slot}`;
      const program = programOf({ component, version, child: name, isolate, isSized: span.min < span.max });
      children.push({ name, program, ...(restart && { restart }), ...(rules && { rules }) });
    }
  }
  return { groups: [...groups].map(([name, children]) => groupSpec(name, children, config)) };
}

function groupSpec(name: string, children: readonly ChildSpec[], { groups, rules }: HostConfig): GroupSpec {
  const { strategy, rules: own } = groups[name] ?? {};
  return { name, children, rules: { ...rules, ...own }, ...(strategy && { strategy }) };
}

/** Who may operate the nodes of a host: those whom its file names, and where nobody else can reach them, whoever is on this machine. */
export function operatorsOf({ operators, listen }: HostConfig): readonly string[] {
  return isOfLoopback(listen) ? [...operators, "operator"] : operators;
}

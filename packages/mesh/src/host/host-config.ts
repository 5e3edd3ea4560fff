import type { JsonValue } from "@orrery/core";
import type { LogForm } from "../process-messages.ts";
import type { ChildSpec, GroupSpec, KeepRules, RestartRule, Strategy, SuperviseSpec } from "../supervise/spec.ts";
import type { Versions } from "./release.ts";

/** How one component runs on a host. */
export interface HostComponent {
  /** Processes. Default: 1. */
  readonly instances?: number;
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
  readonly components: Readonly<Record<string, HostComponent>>;
  readonly groups: Readonly<Record<string, HostGroup>>;
  readonly rules: Partial<KeepRules>;
  readonly roll: RollSettings;
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
  components: {},
  groups: {},
  rules: {},
  roll: { steadyMs: 1_000, stepMs: 60_000, stages: [], stageMs: 600_000, failedShareMax: 0.01, callsMin: 100 },
};

/** What a process of a component runs. */
export interface HostedProcess {
  readonly component: string;
  readonly version: string;
  /** Name of the child. */
  readonly child: string;
}

const GROUP = "components";

/** Says what is to be kept up for versions to run as a host's file says. Components stand in a group as the file names them, then by name. */
export function hostSpec(
  versions: Versions,
  config: HostConfig,
  programOf: (process: HostedProcess) => JsonValue,
): SuperviseSpec {
  const said = Object.keys(config.components);
  const place = (name: string) => (said.includes(name) ? said.indexOf(name) : said.length);
  const names = [...versions.keys()].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const groups = new Map<string, ChildSpec[]>();
  for (const component of names) {
    const { group = GROUP, instances = 1, restart, rules } = config.components[component] ?? {};
    const children = groups.get(group) ?? [];
    groups.set(group, children);
    const version = versions.get(component) ?? "";
    for (let slot = 0; slot < instances; slot++) {
      const name = `${component}-${slot}`;
      const program = programOf({ component, version, child: name });
      children.push({ name, program, ...(restart && { restart }), ...(rules && { rules }) });
    }
  }
  return { groups: [...groups].map(([name, children]) => groupSpec(name, children, config)) };
}

function groupSpec(name: string, children: readonly ChildSpec[], { groups, rules }: HostConfig): GroupSpec {
  const { strategy, rules: own } = groups[name] ?? {};
  return { name, children, rules: { ...rules, ...own }, ...(strategy && { strategy }) };
}

import { dirname, resolve } from "node:path";
import { ELASTIC_BOUNDS, SCOPES } from "../elastic/rules.ts";
import type { Misfit } from "../environment/judge-manifest.ts";
import { readDocument } from "../environment/read-document.ts";
import { type FieldShape, listOf, parseSpan, record, type Shape, TEXT, type TextShape } from "../environment/shape.ts";
import { parseDuration } from "../environment/units.ts";
import { ISOLATES } from "../isolate.ts";
import { KEEP_DEFAULTS, type KeepRules } from "../supervise/spec.ts";
import {
  type AllowedKey,
  HOST_DEFAULTS,
  type HostComponent,
  type HostConfig,
  type HostElastic,
  type HostGroup,
  type HostLend,
  isPublicKey,
  type RollSettings,
} from "./host-config.ts";
import { HOST_COMPONENTS_MAX, HOST_FILE_BYTES_MAX, HOSTS_MAX } from "./limits.ts";
import { COMPONENT_NAME } from "./release.ts";

const ADDRESS: TextShape = {
  kind: "text",
  what: "an address",
  pattern: /^[a-z][a-z0-9+]*:\/\/\S+$/,
  example: "tcp://10.0.0.7:7101",
};
/** Its version tells hosts apart, so it has no other letters. */
const HOST: TextShape = { kind: "text", what: "a name", pattern: /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, example: "alpha" };
const NAME: TextShape = { kind: "text", what: "a name", pattern: COMPONENT_NAME, example: "adder" };
const AGENT: TextShape = { kind: "text", what: "an agent", pattern: /^\S{1,256}$/, example: "ops" };
const DURATION: TextShape = { kind: "text", what: "a time", pattern: /^\d+(\.\d+)?(ms|s|m|h)$/, example: "30s" };
const SHARE: Shape = { kind: "number", min: 0, max: 1 };
const KEY: TextShape = {
  kind: "text",
  what: "a public key of 64 letters of hex",
  pattern: /^[0-9a-fA-F]{64}$/,
  example: "5f1a…, as orrery keys show prints it",
};
const MANY = 256;
const WHOLE: readonly string[] = ["checks", "slopeChecks", "step", "spares"];

const RULES = record(
  Object.fromEntries(
    Object.keys(KEEP_DEFAULTS).map((rule) => [
      rule,
      {
        shape: { kind: "number", min: 0, max: Number.MAX_SAFE_INTEGER } as const,
        about: "See the guide of supervision.",
      },
    ]),
  ),
);

/** Rules of elasticity that are no ends of a range. */
const ELASTIC = record({
  ...Object.fromEntries(
    Object.entries(ELASTIC_BOUNDS).flatMap(([rule, [min, max]]): [string, FieldShape][] => {
      const kind = WHOLE.includes(rule) ? "integer" : "number";
      return rule === "min" || rule === "max"
        ? []
        : [[rule, { shape: { kind, min, max }, about: "See the guide of elasticity." }]];
    }),
  ),
  scope: { shape: { kind: "choice", of: SCOPES.slice(1) }, about: "How far away processes may be. Default: host." },
});

const LEND = record({
  instances: {
    shape: { kind: "integer", min: 0, max: MANY },
    about: "Processes that it runs for others at most. Default: 0.",
  },
  to: { shape: listOf(AGENT, 64), about: "Agents that it lends to. Default: nobody." },
});

const BLANKS_MAX = 16;

const ISOLATE: Shape = { kind: "choice", of: ISOLATES };

const COMPONENT = record({
  isolate: { shape: ISOLATE, about: "What each instance has for its own. Default: what the host says." },
  instances: {
    shape: { kind: "span", min: 0, max: MANY },
    about: "Processes: so many, or from least to most, as many as are needed. Default: 1.",
  },
  elastic: { shape: ELASTIC, about: "What the number of its processes follows." },
  group: { shape: NAME, about: "Group that it belongs to. Default: components." },
  restart: { shape: { kind: "choice", of: ["always", "on-failure", "never"] }, about: "When it is started again." },
  rules: { shape: RULES, about: "Numbers that its processes are kept by." },
});

const GROUP = record({
  strategy: {
    shape: { kind: "choice", of: ["one-for-one", "all-for-one", "rest-for-one"] },
    about: "Who goes down with a process that failed.",
  },
  rules: { shape: RULES, about: "Numbers that its processes are kept by." },
});

const ROLL = record({
  steady: { shape: DURATION, about: "How long a process must be ready before the next is touched. Default: 1s." },
  step: { shape: DURATION, about: "How long one step may take. Default: 1m." },
  stages: {
    shape: listOf(SHARE, 16),
    about: "Shares of the processes at which a new version is judged. Default: none.",
  },
  stage: { shape: DURATION, about: "How long a stage waits for enough calls. Default: 10m." },
  failedShareMax: { shape: SHARE, about: "Share of failed calls that is always allowed. Default: 0.01." },
  callsMin: {
    shape: { kind: "integer", min: 1, max: 1_000_000 },
    about: "Calls needed for a judgement. Default: 100.",
  },
});

const SECURITY = record({
  keys: {
    shape: TEXT,
    about: "File with the host's secret key, of mode 0600, from the folder of this file. `orrery keys new` makes one.",
    isRequired: true,
  },
  allow: {
    shape: listOf(
      record({
        key: { shape: KEY, about: "Public key of a host, or of somebody who types commands.", isRequired: true },
        agents: {
          shape: listOf(AGENT, 64),
          about: "Agents that it may name on its messages; * for all, as other hosts need.",
          isRequired: true,
        },
      }),
      HOSTS_MAX,
    ),
    about: "Whose connections are taken, beside those of the host's own processes. Default: nobody's.",
  },
});

/** What a `host.yaml` may say. */
const HOST_SHAPE = record({
  name: { shape: HOST, about: "Name of the host. Default: that of the machine, with a mark of the folder." },
  listen: {
    shape: ADDRESS,
    about: "Address of the host's own node; its processes take any port of the same interface.",
  },
  advertise: { shape: listOf(ADDRESS, 16, 1), about: "Addresses at which others reach the host's node." },
  seeds: { shape: listOf(ADDRESS, 64), about: "Addresses of nodes of the network, such as those of other hosts." },
  agent: { shape: AGENT, about: "On whose behalf messages begin here. Default: anonymous." },
  log: { shape: { kind: "choice", of: ["text", "json"] }, about: "How log lines are written. Default: text." },
  operators: {
    shape: listOf(AGENT, 64),
    about: "Agents that may apply code and operate nodes over the network. Default: none.",
  },
  isolate: {
    shape: ISOLATE,
    about: "What each instance has for its own: a process, or a thread of the host's process. Default: process.",
  },
  components: {
    shape: { kind: "map", names: NAME, of: COMPONENT, max: HOST_COMPONENTS_MAX },
    about: "How components run, by name.",
  },
  groups: { shape: { kind: "map", names: NAME, of: GROUP, max: 64 }, about: "Groups that components name." },
  rules: { shape: RULES, about: "Numbers that all processes are kept by." },
  roll: { shape: ROLL, about: "How versions replace one another." },
  elastic: { shape: ELASTIC, about: "What numbers of processes follow that are from least to most." },
  processesMax: {
    shape: { kind: "integer", min: 1, max: MANY },
    about: "Processes of all components at which no more are added by need. Default: 256.",
  },
  blanks: {
    shape: { kind: "integer", min: 0, max: BLANKS_MAX },
    about: "Processes and threads kept ready for the next child. Default: 1 where ranges or lending may need more.",
  },
  lend: { shape: LEND, about: "What the host runs for others." },
  networks: { shape: listOf(NAME, 16), about: "Other networks whose hosts are asked to lend." },
  security: { shape: SECURITY, about: "Encrypts all that the host says and hears. Default: nothing is encrypted." },
});

interface SaidRoll {
  readonly steady?: string;
  readonly step?: string;
  readonly stages?: readonly number[];
  readonly stage?: string;
  readonly failedShareMax?: number;
  readonly callsMin?: number;
}

type SaidComponent = Omit<HostComponent, "instances"> & { readonly instances?: number | string };

interface SaidHost extends Partial<Omit<HostConfig, "roll" | "components" | "lend" | "security">> {
  readonly security?: { readonly keys: string; readonly allow?: readonly AllowedKey[] };
  readonly components?: Readonly<Record<string, SaidComponent>>;
  readonly lend?: Partial<HostLend>;
  readonly groups?: Readonly<Record<string, HostGroup>>;
  readonly rules?: Partial<KeepRules>;
  readonly elastic?: HostElastic;
  readonly roll?: SaidRoll;
}

/**
 * Reads the text of a `host.yaml`; what it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column` and what would work
 */
export function parseHostFile(text: string, { file }: { readonly file: string }): HostConfig {
  const said = readDocument<SaidHost>(text, HOST_SHAPE, { file, bytesMax: HOST_FILE_BYTES_MAX, judge: judgeSeeds });
  return complete(said, dirname(file));
}

/** A seed has a key where the host has one, and none where it has not. */
function judgeSeeds({ security, seeds = [] }: SaidHost): readonly Misfit[] {
  const isSecure = security !== undefined;
  return seeds.flatMap((seed, index) => {
    const [, key] = seed.split("?key=");
    if (isSecure ? key !== undefined && isPublicKey(key) : key === undefined) return [];
    const why = isSecure
      ? "it has no key, and this host encrypts: write tcp://host:port?key=HEX, with that host's public key"
      : "it has a key, and this host has none: give it one under security";
    return [{ path: ["seeds", index], text: `Cannot use seed "${seed}": ${why}` }];
  });
}

function complete(
  { roll = {}, components = {}, elastic, lend, security, ...said }: SaidHost,
  folder: string,
): HostConfig {
  return {
    ...HOST_DEFAULTS,
    ...said,
    ...(security && { security: { keys: resolve(folder, security.keys), allow: security.allow ?? [] } }),
    components: Object.fromEntries(Object.entries(components).map(([name, one]) => [name, completeComponent(one)])),
    elastic: { ...HOST_DEFAULTS.elastic, ...elastic },
    lend: { ...HOST_DEFAULTS.lend, ...lend },
    roll: completeRoll(roll),
  };
}

function completeComponent({ instances, ...said }: SaidComponent): HostComponent {
  const span = typeof instances === "string" ? parseSpan(instances) : instances;
  return span === undefined ? said : { ...said, instances: span };
}

function completeRoll({ steady, step, stage, ...plain }: SaidRoll): RollSettings {
  const times = { steadyMs: steady, stepMs: step, stageMs: stage };
  const known = Object.entries(times).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, parseDuration(text)] as const],
  );
  return { ...HOST_DEFAULTS.roll, ...plain, ...Object.fromEntries(known) };
}

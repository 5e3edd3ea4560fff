import { readDocument } from "../environment/read-document.ts";
import { listOf, record, type Shape, type TextShape } from "../environment/shape.ts";
import { parseDuration } from "../environment/units.ts";
import { KEEP_DEFAULTS, type KeepRules } from "../supervise/spec.ts";
import {
  HOST_DEFAULTS,
  type HostComponent,
  type HostConfig,
  type HostGroup,
  type RollSettings,
} from "./host-config.ts";
import { HOST_COMPONENTS_MAX, HOST_FILE_BYTES_MAX } from "./limits.ts";
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
const MANY = 256;

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

const COMPONENT = record({
  instances: { shape: { kind: "integer", min: 0, max: MANY }, about: "Processes. Default: 1." },
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

/** What a `host.yaml` may say. */
export const HOST_SHAPE = record({
  name: { shape: HOST, about: "Name of the host. Default: that of the machine, with a mark of the folder." },
  listen: {
    shape: ADDRESS,
    about: "Address of the host's own node; its processes take any port of the same interface.",
  },
  advertise: { shape: listOf(ADDRESS, 16, 1), about: "Addresses at which others reach the host's node." },
  seeds: { shape: listOf(ADDRESS, 64), about: "Addresses of nodes of the network, such as those of other hosts." },
  agent: { shape: AGENT, about: "On whose behalf messages begin here. Default: anonymous." },
  log: { shape: { kind: "choice", of: ["text", "json"] }, about: "How log lines are written. Default: text." },
  operators: { shape: listOf(AGENT, 64), about: "Agents that may apply code over the network. Default: none." },
  components: {
    shape: { kind: "map", names: NAME, of: COMPONENT, max: HOST_COMPONENTS_MAX },
    about: "How components run, by name.",
  },
  groups: { shape: { kind: "map", names: NAME, of: GROUP, max: 64 }, about: "Groups that components name." },
  rules: { shape: RULES, about: "Numbers that all processes are kept by." },
  roll: { shape: ROLL, about: "How versions replace one another." },
});

interface SaidRoll {
  readonly steady?: string;
  readonly step?: string;
  readonly stages?: readonly number[];
  readonly stage?: string;
  readonly failedShareMax?: number;
  readonly callsMin?: number;
}

interface SaidHost extends Partial<Omit<HostConfig, "roll">> {
  readonly components?: Readonly<Record<string, HostComponent>>;
  readonly groups?: Readonly<Record<string, HostGroup>>;
  readonly rules?: Partial<KeepRules>;
  readonly roll?: SaidRoll;
}

/**
 * Reads the text of a `host.yaml`; what it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column` and what would work
 */
export function parseHostFile(text: string, { file }: { readonly file: string }): HostConfig {
  return complete(readDocument<SaidHost>(text, HOST_SHAPE, { file, bytesMax: HOST_FILE_BYTES_MAX }));
}

function complete({ roll = {}, ...said }: SaidHost): HostConfig {
  return { ...HOST_DEFAULTS, ...said, roll: completeRoll(roll) };
}

function completeRoll({ steady, step, stage, ...plain }: SaidRoll): RollSettings {
  const times = { steadyMs: steady, stepMs: step, stageMs: stage };
  const known = Object.entries(times).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, parseDuration(text)] as const],
  );
  return { ...HOST_DEFAULTS.roll, ...plain, ...Object.fromEntries(known) };
}

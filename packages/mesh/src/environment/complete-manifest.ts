import { COMMAND_MS, REACH_MS } from "./limits.ts";
import type {
  CommandSpec,
  ComponentManifest,
  FileSpec,
  PortSpec,
  ReachSpec,
  VariableSpec,
  VariableType,
  VariableValue,
} from "./manifest-types.ts";
import { parseDuration, parseSize } from "./units.ts";
import { readValue } from "./variable-value.ts";

/** A variable as it is written. */
export interface SaidVariable {
  readonly type?: VariableType;
  readonly about?: string;
  readonly required?: boolean;
  readonly default?: VariableValue;
  readonly secret?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  readonly from?: { readonly file?: string; readonly env?: string };
}

/** A command as it is written: a script, or one of a script and words. */
export type SaidCommand =
  | string
  | { readonly name?: string; readonly script?: string; readonly run?: readonly string[]; readonly within?: string };

/** A manifest as it is written, each part of its right form. */
export interface SaidManifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly engine?: string;
  readonly variables?: Readonly<Record<string, VariableType | SaidVariable>>;
  readonly files?: readonly (string | (Partial<FileSpec> & { readonly path: string }))[];
  readonly ports?: Readonly<Record<string, number | { readonly port: number; readonly host?: string }>>;
  readonly disk?: string;
  readonly memory?: string;
  readonly reach?: readonly (string | { readonly to: string; readonly required?: boolean; readonly within?: string })[];
  readonly checks?: readonly SaidCommand[];
  readonly commands?: {
    readonly beforeStart?: readonly SaidCommand[];
    readonly afterShutdown?: readonly SaidCommand[];
  };
  readonly packages?: boolean;
  readonly instances?: number;
  readonly resources?: { readonly memoryMax?: string };
  readonly limits?: {
    readonly inbox?: { readonly messages?: number; readonly bytes?: string };
    readonly instances?: { readonly min?: number; readonly max?: number };
  };
}

/** Fills in what a manifest leaves out. */
export function completeManifest(said: SaidManifest): ComponentManifest {
  const { name, version, main, engine, instances, limits = {}, commands = {} } = said;
  return {
    name,
    version,
    main,
    engine,
    variables: Object.entries(said.variables ?? {}).map(([variable, of]) => completeVariable(variable, of)),
    files: (said.files ?? []).map(completeFile),
    ports: Object.entries(said.ports ?? {}).map(([port, of]) => completePort(port, of)),
    diskBytes: sizeOf(said.disk),
    memoryBytes: sizeOf(said.memory),
    reach: (said.reach ?? []).map(completeReach),
    checks: (said.checks ?? []).map(completeCommand),
    beforeStart: (commands.beforeStart ?? []).map(completeCommand),
    afterShutdown: (commands.afterShutdown ?? []).map(completeCommand),
    packages: said.packages ?? true,
    instances,
    memoryBytesMax: sizeOf(said.resources?.memoryMax),
    limits: {
      inboxMessagesMax: limits.inbox?.messages,
      inboxBytesMax: sizeOf(limits.inbox?.bytes),
      instancesMin: limits.instances?.min,
      instancesMax: limits.instances?.max,
    },
  };
}

/** Fills in what a variable leaves out. A default that misfits is left as it is, for the parser to refuse. */
export function completeVariable(name: string, of: VariableType | SaidVariable): VariableSpec {
  const said: SaidVariable = typeof of === "string" ? { type: of } : of;
  const spec: VariableSpec = {
    name,
    type: said.type ?? "string",
    about: said.about ?? "",
    isRequired: said.required ?? said.default === undefined,
    default: undefined,
    isSecret: said.secret ?? false,
    min: said.min,
    max: said.max,
    values: said.values ?? [],
    from:
      said.from?.file === undefined
        ? { kind: "env", name: said.from?.env ?? name }
        : { kind: "file", name: said.from.file },
  };
  if (said.default === undefined) return spec;
  const read = readValue(String(said.default), spec);
  return { ...spec, default: read.kind === "fits" ? read.value : said.default };
}

function completeFile(said: string | (Partial<FileSpec> & { readonly path: string })): FileSpec {
  return { is: "file", access: "read", ...(typeof said === "string" ? { path: said } : said) };
}

function completePort(name: string, of: number | { readonly port: number; readonly host?: string }): PortSpec {
  return { name, host: "0.0.0.0", ...(typeof of === "number" ? { port: of } : of) };
}

function completeReach(said: NonNullable<SaidManifest["reach"]>[number]): ReachSpec {
  const { to, required = false, within } = typeof said === "string" ? { to: said } : said;
  return { to, isRequired: required, timeoutMs: timeOf(within, REACH_MS) };
}

function completeCommand(said: SaidCommand): CommandSpec {
  const { name, script, run, within } = typeof said === "string" ? { script: said } : said;
  const words = run ?? scriptWords(script ?? "");
  return { name: name ?? script ?? words.slice(0, 2).join(" "), words, timeoutMs: timeOf(within, COMMAND_MS) };
}

/** What runs a script of the folder. */
function scriptWords(script: string): readonly string[] {
  if (/\.[cm]?[jt]s$/.test(script)) return ["node", script];
  return [script.includes("/") ? script : `./${script}`];
}

function sizeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSize(text);
}

function timeOf(text: string | undefined, otherwiseMs: number): number {
  return text === undefined ? otherwiseMs : (parseDuration(text) ?? otherwiseMs);
}

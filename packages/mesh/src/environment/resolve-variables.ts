import { join, resolve } from "node:path";
import { SECRET_BYTES_MAX } from "./limits.ts";
import type { Machine } from "./machine.ts";
import type { VariableSpec, VariableValue } from "./manifest-types.ts";
import type { EnvironmentProblem } from "./problem.ts";
import { printValue, readValue } from "./variable-value.ts";

/** Variables of a component with their values. */
export interface ResolvedVariables {
  /** By name, as code gets them. */
  readonly settings: Readonly<Record<string, VariableValue>>;
  /** By name, as a process's environment has them. */
  readonly texts: Readonly<Record<string, string>>;
  /** What must not be shown. */
  readonly secrets: readonly string[];
  /** What is missing or wrong, in the order of the manifest. */
  readonly problems: readonly EnvironmentProblem[];
}

/** Looks the variables of a component up. The text of a secret is in no problem. */
export async function resolveVariables(
  variables: readonly VariableSpec[],
  folder: string,
  machine: Machine,
): Promise<ResolvedVariables> {
  const found = await Promise.all(variables.map((spec) => resolveOne(spec, folder, machine)));
  const values = found.flatMap((one, index) => {
    const spec = variables[index];
    return one.kind === "value" && spec !== undefined ? [{ spec, value: one.value }] : [];
  });
  return {
    settings: Object.fromEntries(values.map(({ spec, value }) => [spec.name, value])),
    texts: Object.fromEntries(values.map(({ spec, value }) => [spec.name, printValue(value, spec)])),
    secrets: values.flatMap(({ spec, value }) => (spec.isSecret ? [printValue(value, spec)] : [])),
    problems: found.flatMap((one) => (one.kind === "problem" ? [one.problem] : [])),
  };
}

type Resolved =
  | { readonly kind: "value"; readonly value: VariableValue }
  | { readonly kind: "problem"; readonly problem: EnvironmentProblem }
  | { readonly kind: "none" };

async function resolveOne(spec: VariableSpec, folder: string, machine: Machine): Promise<Resolved> {
  const looked = spec.from.kind === "file" ? await readFrom(spec, folder, machine) : machine.variables[spec.from.name];
  if (typeof looked === "object") return { kind: "problem", problem: looked };
  if (looked === undefined || (looked === "" && spec.type !== "string")) {
    if (spec.default !== undefined) return { kind: "value", value: spec.default };
    return spec.isRequired ? { kind: "problem", problem: missing(spec, folder) } : { kind: "none" };
  }
  const read = readValue(looked, spec);
  if (read.kind === "fits") return { kind: "value", value: read.value };
  const what = spec.isSecret ? "is not what it must be" : `is ${JSON.stringify(looked)}`;
  return { kind: "problem", problem: { kind: "variable", what: spec.name, why: what, fix: `write ${read.wanted}` } };
}

/** The text of a file; undefined when there is none; or why it may not be used. */
async function readFrom(
  spec: VariableSpec,
  folder: string,
  machine: Machine,
): Promise<string | undefined | EnvironmentProblem> {
  const path = resolve(folder, spec.from.name);
  const problem = (why: string, fix: string): EnvironmentProblem => ({ kind: "variable", what: spec.name, why, fix });
  const facts = await machine.look(path);
  if (facts === undefined) return undefined;
  if (facts.is !== "file") return problem(`comes from "${path}", which is no file`, "name a file");
  if (spec.isSecret && !facts.isPrivate)
    return problem(`comes from "${path}", which others may read`, `make it yours alone: chmod 600 "${path}"`);
  if (!facts.isReadable)
    return problem(`comes from "${path}", which cannot be read`, `make it readable: chmod u+r "${path}"`);
  try {
    return (await machine.read(path, SECRET_BYTES_MAX)).replace(/\r?\n$/, "");
  } catch {
    return problem(`comes from "${path}", which cannot be read`, `write a text of up to ${SECRET_BYTES_MAX} bytes`);
  }
}

function missing({ name, about, from }: VariableSpec, folder: string): EnvironmentProblem {
  const why = about === "" ? "is missing" : `(${about}) is missing`;
  const fix =
    from.kind === "file"
      ? `write it to "${join(folder, from.name)}"`
      : `set ${from.name === name ? "it" : from.name} in the environment`;
  return { kind: "variable", what: name, why, fix };
}

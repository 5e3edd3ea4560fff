import { type JsonValue, OrreryError } from "@orrery/core";
import type { ChangedPath, ConfigStep, SetConfig } from "./config.ts";
import { type ConfigLeaf, type ConfigNode, EMPTY_CONFIG, putLeaf, writeConfig } from "./config-node.ts";
import { assertConfigPath, type ConfigPath, parseConfigPath, printConfigPath } from "./config-path.ts";
import { CONFIG_BYTES_MAX, CONFIG_STEPS_MAX } from "./limits.ts";

/** One path, and what is put there. */
export interface PlannedLeaf {
  readonly path: ConfigPath;
  readonly leaf: ConfigLeaf;
}

/**
 * Reads what is to be set: objects become what each of their names is, secrets are closed.
 * @throws OrreryError `invalid_argument`, and as `seal`
 */
export function planSteps(
  { steps }: Pick<SetConfig, "steps">,
  seal: (value: JsonValue, path: ConfigPath) => string,
): readonly PlannedLeaf[] {
  if (steps.length === 0) throw refuse("it has no steps, give a path and a value");
  const leaves = steps.flatMap((step) => leavesOf(step, seal));
  if (leaves.length > CONFIG_STEPS_MAX)
    throw refuse(`it has ${leaves.length} values, up to ${CONFIG_STEPS_MAX} fit, set fewer at once`);
  return leaves;
}

function leavesOf(step: ConfigStep, seal: (value: JsonValue, path: ConfigPath) => string): PlannedLeaf[] {
  const path = parseConfigPath(step.path);
  if ("remove" in step) return [{ path, leaf: { kind: "removed" } }];
  const { value, secret = false } = step;
  if (path.length === 0 && !isObject(value)) throw refuse("everything is an object, name a path for another value");
  const found: PlannedLeaf[] = [];
  const visit = (at: ConfigPath, one: JsonValue) => {
    assertConfigPath(at);
    if (!isObject(one)) {
      found.push({
        path: at,
        leaf: secret ? { kind: "secret", sealed: seal(one, at) } : { kind: "value", value: one },
      });
      return;
    }
    const entries = Object.entries(one);
    if (entries.length === 0) found.push({ path: at, leaf: EMPTY_CONFIG });
    for (const [name, inside] of entries) visit([...at, name], inside);
  };
  visit(path, value);
  return found;
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Does the steps over a document. Gives it as it is to be kept. @throws OrreryError `resource_exhausted` where it is too large */
export function applyLeaves(node: ConfigNode, leaves: readonly PlannedLeaf[]): string {
  let now: ConfigNode | undefined = node;
  for (const { path, leaf } of leaves) now = putLeaf(now, path, leaf);
  const document = JSON.stringify(writeConfig(now ?? EMPTY_CONFIG));
  const bytes = new TextEncoder().encode(document).length;
  if (bytes <= CONFIG_BYTES_MAX) return document;
  throw new OrreryError(
    "resource_exhausted",
    `Cannot set config: the scope would take ${bytes} bytes, up to ${CONFIG_BYTES_MAX} fit, keep large values in files or a store`,
    { details: { bytes, bytesMax: CONFIG_BYTES_MAX } },
  );
}

/** What a set changed, as others are told. */
export function changedPaths(leaves: readonly PlannedLeaf[]): readonly ChangedPath[] {
  return leaves.map(({ path: names, leaf }) => {
    const path = printConfigPath(names);
    if (leaf.kind === "removed") return { path, removed: true };
    if (leaf.kind === "secret") return { path, secret: true };
    return { path, value: leaf.kind === "value" ? leaf.value : {} };
  });
}

function refuse(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot set config: ${why}`);
}

import type { JsonValue } from "@orrery/core";
import { type ConfigPath, printConfigPath } from "./config-path.ts";

/** A part of a scope's config: a value that is no object, one that is secret and closed, or names with what they are. */
export type ConfigNode =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "secret"; readonly sealed: string }
  | { readonly kind: "branch"; readonly names: ReadonlyMap<string, ConfigNode> };

/** What one step puts at one path. A branch is put only where none is. */
export type ConfigLeaf = ConfigNode | { readonly kind: "removed" };

/** Nothing. */
export const EMPTY_CONFIG: ConfigNode = { kind: "branch", names: new Map() };

/** As it is kept: `v`, `s` or `b` says which of the three it is, so that no value is taken for a secret. */
export function writeConfig(node: ConfigNode): JsonValue {
  switch (node.kind) {
    case "value":
      return { v: node.value };
    case "secret":
      return { s: node.sealed };
    case "branch":
      return { b: Object.fromEntries([...node.names].map(([name, one]) => [name, writeConfig(one)])) };
  }
}

/** Reads what `writeConfig` wrote. */
export function readConfig(kept: JsonValue): ConfigNode {
  const { v, s, b } = kept as { readonly v?: JsonValue; readonly s?: string; readonly b?: Record<string, JsonValue> };
  if (s !== undefined) return { kind: "secret", sealed: s };
  if (b === undefined) return { kind: "value", value: v ?? null };
  return { kind: "branch", names: new Map(Object.entries(b).map(([name, one]) => [name, readConfig(one)])) };
}

/** Puts a leaf at a path, and branches on the way there, whatever stands in it; the rest is left as it is. */
export function putLeaf(node: ConfigNode | undefined, path: ConfigPath, leaf: ConfigLeaf): ConfigNode | undefined {
  const [name, ...rest] = path;
  if (name === undefined) {
    if (leaf.kind === "removed") return undefined;
    return leaf.kind === "branch" && node?.kind === "branch" ? node : leaf;
  }
  if (leaf.kind === "removed" && (node?.kind !== "branch" || !node.names.has(name))) return node;
  const names = new Map(node?.kind === "branch" ? node.names : []);
  const put = putLeaf(names.get(name), rest, leaf);
  if (put === undefined) names.delete(name);
  else names.set(name, put);
  return { kind: "branch", names };
}

/** What stands at a path; also in lists, by numbers from 0. */
export function findNode(node: ConfigNode, path: ConfigPath): ConfigNode | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return node;
  if (node.kind === "branch") {
    const next = node.names.get(name);
    return next === undefined ? undefined : findNode(next, rest);
  }
  if (node.kind !== "value" || typeof node.value !== "object" || node.value === null) return undefined;
  if (Array.isArray(node.value) ? !/^(0|[1-9]\d*)$/.test(name) : !Object.hasOwn(node.value, name)) return undefined;
  const inside = (node.value as Record<string, JsonValue>)[name];
  return inside === undefined ? undefined : findNode({ kind: "value", value: inside }, rest);
}

/** As JSON; each secret is what `show` makes of it. */
export function configJson(
  node: ConfigNode,
  at: ConfigPath,
  show: (sealed: string, path: ConfigPath) => JsonValue,
): JsonValue {
  if (node.kind === "value") return node.value;
  if (node.kind === "secret") return show(node.sealed, at);
  return Object.fromEntries([...node.names].map(([name, one]) => [name, configJson(one, [...at, name], show)]));
}

/** Does something to each secret, and gives the whole again. */
export function mapSecrets(
  node: ConfigNode,
  at: ConfigPath,
  change: (sealed: string, path: ConfigPath) => string,
): ConfigNode {
  if (node.kind === "value") return node;
  if (node.kind === "secret") return { kind: "secret", sealed: change(node.sealed, at) };
  const names = new Map([...node.names].map(([name, one]) => [name, mapSecrets(one, [...at, name], change)]));
  return { kind: "branch", names };
}

/** The paths of all secrets, as texts. */
export function secretPaths(node: ConfigNode, at: ConfigPath): readonly string[] {
  const found: string[] = [];
  mapSecrets(node, at, (sealed, path) => {
    found.push(printConfigPath(path));
    return sealed;
  });
  return found;
}

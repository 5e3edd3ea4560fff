import { resolve } from "node:path";
import { type Component, OrreryError } from "@orrery/core";
import { isScenario, type Latency, type World, type WorldOptions } from "@orrery/sim";
import { findComponentFiles } from "../find-component-files.ts";
import { importFile } from "../import-script.ts";
import { loadComponents } from "../load-components.ts";

/**
 * What a world is made of, as data: a file that exports a scenario, or the files and folders of components, each of which becomes a node
 * named as its service, next to a node from which calls from outside come.
 */
export type WorldSource =
  | { readonly kind: "scenario"; readonly file: string; readonly cwd: string }
  | {
      readonly kind: "components";
      readonly paths: readonly string[];
      readonly cwd: string;
      readonly latency: Latency;
      /** Files whose components share a node, by the name of the node. Default: none do. */
      readonly together?: Readonly<Record<string, string>>;
    };

/** A world that can be built. */
export interface LoadedWorld {
  /** What it is, for people. */
  readonly name: string;
  readonly options: WorldOptions;
  readonly setup: (world: World) => void;
  /** Names of its nodes where they are known beforehand. */
  readonly nodes: readonly string[];
}

/** Node from which calls from outside come. */
export const OUTSIDE = "outside";

/** Options of `findWorldSource`. */
export interface FindWorldOptions {
  /** Folder from which paths are named. */
  readonly cwd: string;
  /** How long messages between components take, in ms. */
  readonly latency: Latency;
  /** Nodes by their names, with the file among the paths whose components each has, all of them. Default: each component has a node. */
  readonly together?: Readonly<Record<string, string>>;
}

/** Tells what files and folders are: one file that exports a scenario, or components. @throws OrreryError for what cannot be loaded. */
export async function findWorldSource(
  paths: readonly string[],
  { cwd, latency, together = {} }: FindWorldOptions,
): Promise<WorldSource> {
  const [file = "", ...others] = paths;
  if (others.length === 0) {
    const { isFolder, files } = await findComponentFiles(file, cwd);
    const module = isFolder ? {} : await importFile(files[0] ?? file, cwd);
    if (isScenario(module["default"])) return { kind: "scenario", file, cwd };
  }
  return { kind: "components", paths, cwd, latency, together };
}

/** Loads what a world is made of. @throws OrreryError for files that cannot be loaded, or that export nothing of the kind. */
export async function loadWorld(source: WorldSource): Promise<LoadedWorld> {
  return source.kind === "scenario" ? await loadScenario(source.file, source.cwd) : await loadApplication(source);
}

async function loadScenario(path: string, cwd: string): Promise<LoadedWorld> {
  const { files } = await findComponentFiles(path, cwd);
  const [file = path] = files;
  const { default: scenario } = await importFile(file, cwd);
  if (!isScenario(scenario)) {
    const text = `Cannot run "${path}": its default export is no scenario, write: export default defineScenario(…)`;
    throw new OrreryError("invalid_argument", text);
  }
  const { name, world = {}, setup, run } = scenario;
  if (run !== undefined) {
    const text = `Cannot run scenario "${name}" in several processes: its run drives the world by hand, let each node do its part in the run of its own`;
    throw new OrreryError("failed_precondition", text);
  }
  return { name, options: world, setup: (made) => void setup(made), nodes: [] };
}

async function loadApplication(source: WorldSource & { readonly kind: "components" }): Promise<LoadedWorld> {
  const { paths, cwd, latency, together = {} } = source;
  const loaded = await loadComponents(paths, { cwd });
  const shared = new Map(Object.entries(together).map(([node, file]) => [resolve(cwd, file), node]));
  const byNode = new Map<string, Component[]>();
  for (const { component, name, file } of loaded) {
    const node = shared.get(file) ?? name;
    byNode.set(node, [...(byNode.get(node) ?? []), component]);
  }
  const nodes = [...byNode.keys()];
  const setup = (world: World) => {
    for (const [name, components] of byNode) world.node(name, { components });
    world.node(OUTSIDE);
  };
  return { name: nodes.join(", "), options: { link: { latency } }, setup, nodes };
}

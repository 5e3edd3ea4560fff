import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type Component, createSystemClock, createSystemRandom, OrreryError } from "@orrery/core";
import { loadComponents, matchName } from "@orrery/mesh";
import { parentText } from "@orrery/registry";
import type { OpenState } from "../cage/mechtron-component.ts";
import { createWorldCage } from "../cage/world-cage.ts";
import { LOCAL_OPERATOR } from "../local/local-parts.ts";
import { createLocalPlatform, LOCAL_APP, needsPlatform } from "../local/local-platform.ts";
import { createPassingPlace } from "../local/passing-place.ts";
import { mechtronInFile } from "../mechtrons/mechtron-in-file.ts";
import { readInside } from "../mechtrons/system-mechtron-file.ts";
import { MEMBERS } from "../mechtrons/system-mechtron-states.ts";
import { createFileStore } from "../stateful/file-store.ts";
import { openSoleMember } from "../stateful/sole-member.ts";
import type { StateFiles } from "../stateful/state-files.ts";
import { APP_FILE, type AppFile } from "./app-file.ts";
import { spanOf } from "./app-sizes.ts";
import { parseAppFile } from "./parse-app-file.ts";

/** What nodes are added with: components for each life, made over what of a machine outlives it. */
export interface AppNodeOptions {
  readonly components: (machine: { readonly disk: Omit<StateFiles, "close"> }) => readonly Component[];
  readonly agent: string;
}

/** Where nodes are added: a world of `@orrery/sim` is one. */
export interface AppWorld {
  node(name: string, options: AppNodeOptions): unknown;
}

/** An app that worlds can have. */
export interface WorldApp {
  /** Names of its nodes: `COMPONENT-0` and so on, as its processes under `orrery up` have them, and those of its mechtrons. */
  readonly nodes: readonly string[];
  /** Adds its nodes to a world. */
  placeIn(world: AppWorld): void;
}

/** Options of `loadApp`. */
export interface LoadAppOptions {
  /** Address of the app: its own calls go out in this name. Default: `app.test:app`. */
  readonly app?: string;
  /** Values of its secrets, by their names. Default: the environment, by their variables. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * Loads an app for worlds, from its `orrery.yaml` or the folder that has one: a node for each process that it has under `orrery up`, and one for
 * each mechtron, which runs in this thread by the world's clock and chance. What it finds of a platform, such as its resources, is at a node of its
 * own, `orrery.platform`. Its variables become those of this process. Its routes are not there. Load it before the world begins.
 * @throws OrreryError as `parseAppFile` and `loadComponents`; `not_found` where there is no such file, `failed_precondition` where a secret is
 * missing, or a variable is another one for another app of this process
 * @example
 * const app = await loadApp(`${import.meta.dirname}/app`);
 * export default defineScenario("…", { setup: (world) => app.placeIn(world), faultyNodes: app.nodes });
 */
export async function loadApp(path: string, options: LoadAppOptions = {}): Promise<WorldApp> {
  const file = fileOf(path);
  const folder = dirname(file);
  const { app: agent = LOCAL_APP } = options;
  const app = parseAppFile(readFileSync(file, "utf8"), {
    file: relative(".", file),
    in: parentText(agent),
    app: agent,
  });
  setVariables({ ...app.env, ...secretsOf(app, file, options) }, file);
  const parts = await partsOf(app, folder);
  const mechtrons = await mechtronsOf(app, folder);
  const platforms = needsPlatform(app) ? [PLATFORM] : [];
  const known = [...new Set([...parts.values()].map(({ service }) => service))];
  return {
    nodes: [...parts.keys(), ...platforms, ...mechtrons.keys()],
    placeIn: (world) => {
      for (const [name, component] of parts) world.node(name, { components: () => [component], agent });
      for (const name of platforms) {
        const place = createPassingPlace();
        const options = { app: agent, file: app, services: async () => known };
        const made = ({ disk }: { readonly disk: Omit<StateFiles, "close"> }) =>
          createLocalPlatform({ ...options, place: async ({ clock }) => place(clock, disk) }).components;
        world.node(name, { components: made, agent: LOCAL_OPERATOR });
      }
      for (const [name, make] of mechtrons) world.node(name, { components: ({ disk }) => [make(disk)], agent });
    },
  };
}

/** The node of what an app finds of a platform. */
const PLATFORM = "orrery.platform";

function fileOf(path: string): string {
  const place = resolve(path);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(place, APP_FILE) : place;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
  throw new OrreryError("not_found", `Cannot load "${path}": there is no file "${basename(file)}", write one`);
}

/** The components of an app, each by the names of its nodes. */
async function partsOf(app: AppFile, folder: string): Promise<Map<string, Component>> {
  const parts = new Map<string, Component>();
  const strange = app.components.find(({ foreign }) => foreign !== undefined);
  if (strange !== undefined)
    throw new OrreryError(
      "failed_precondition",
      `Cannot place "${strange.name}" in a world: it is a foreign program, whose time is not the world's, put a component in its place`,
    );
  for (const part of app.components) {
    const { name, path } = part;
    const { min: instances } = spanOf(part); // What waits is no matter of one run.
    const loaded = await loadComponents([path], { cwd: folder });
    const match = matchName(
      name,
      loaded.map((one) => one.name),
    );
    const found = loaded.find((one) => match.kind === "one" && one.name === match.name);
    if (found === undefined) {
      const names = loaded.map((one) => one.name).join(", ");
      throw new OrreryError("not_found", `Cannot load "${name}": "${path}" exports ${names}, name one of these`);
    }
    for (let slot = 0; slot < instances; slot++) parts.set(`${name}-${slot}`, found.component);
  }
  return parts;
}

/** The mechtrons of an app by their names, over the disks that they remember on. */
async function mechtronsOf(
  { mechtrons }: AppFile,
  folder: string,
): Promise<ReadonlyMap<string, (files: Omit<StateFiles, "close">) => Component>> {
  if (mechtrons.length === 0) return new Map();
  const cage = await createWorldCage({ clock: createSystemClock(), random: createSystemRandom() }); // Those of its instances count.
  const artifact = (path: string) => readInside(folder, path);
  return new Map(
    mechtrons.map((one) => {
      const { name, path } = one;
      const code = readInside(folder, path);
      if (code === undefined)
        throw new OrreryError("not_found", `Cannot load mechtron "${name}": there is no "${path}", build it first`);
      const make = (files: Omit<StateFiles, "close">) => {
        const openFiles: OpenState = ({ clock }) =>
          openSoleMember({ name, clock, store: createFileStore({ files, name, members: MEMBERS }) });
        return mechtronInFile(one, { cage, code, artifact, openFiles });
      };
      return [name, make];
    }),
  );
}

function secretsOf(
  { secrets }: AppFile,
  file: string,
  { secrets: values }: LoadAppOptions,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(secrets).map(([variable, name]) => {
      const value = values === undefined ? process.env[variable] : values[name];
      if (value !== undefined) return [variable, value];
      const how = values === undefined ? `set ${variable} in the environment` : `name it in the option secrets`;
      throw new OrreryError("failed_precondition", `Cannot load "${file}": its secret "${name}" is missing, ${how}`);
    }),
  );
}

/** Variables that apps have set here: a process has one of each. */
const SET = new Map<string, string>();

/** What the file says comes before the environment, so that a seed is the same run everywhere. */
function setVariables(variables: Readonly<Record<string, string>>, file: string): void {
  for (const [name, value] of Object.entries(variables)) {
    const other = SET.get(name);
    if (other !== undefined && other !== value)
      throw new OrreryError(
        "failed_precondition",
        `Cannot load "${file}": its variable ${name} is "${value}", and "${other}" for another app of this process; load them in two`,
      );
    SET.set(name, value);
    process.env[name] = value;
  }
}

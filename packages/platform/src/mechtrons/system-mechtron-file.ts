import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import {
  type Component,
  createSystemClock,
  createSystemRandom,
  defineService,
  json,
  OrreryError,
  type Service,
} from "@orrery/core";
import { RESOURCES_SERVICE } from "@orrery/guest/abi";
import { createServiceCalls } from "../cage/context-host.ts";
import {
  createMechtronComponent,
  defineMechtronService,
  type MechtronComponentOptions,
  mechtronComponent,
} from "../cage/mechtron-component.ts";
import type { MechtronLimits } from "../cage/mechtron-limits.ts";
import { createModelCage } from "../cage/model-cage.ts";
import { createCage } from "../cage/system-cage.ts";
import type { PersistRule } from "../stateful/persist-rule.ts";
import { openSoleMember } from "../stateful/sole-member.ts";
import { createForgetfulStore } from "../stateful/state-store.ts";
import { openSoleFiles } from "./system-mechtron-states.ts";

/** A mechtron, as an `orrery.yaml` names it. */
export interface MechtronFileOptions {
  readonly name: string;
  /** Folder of the app's file: what the mechtron reads as artifacts lies there. */
  readonly folder: string;
  /** The file of its code, from that folder. */
  readonly path: string;
  /** What it answers in JSON. */
  readonly methods: readonly string[];
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly limits: MechtronLimits;
  /** What becomes of what it remembers. Default: it forgets with each message. */
  readonly persist?: PersistRule;
  /** Mechtrons of the same app, which it may call. */
  readonly others: readonly { readonly name: string; readonly methods: readonly string[] }[];
  /** Whether it runs in a world, under the world's clock and without threads. */
  readonly isModel: boolean;
}

/**
 * Makes a component of a mechtron: its service has its name and methods; without methods it takes encoded messages. There are no resources.
 * One that remembers has files in `.orrery/state` of the app's folder where it is to, but in a world, where all is forgotten at the end.
 * @throws OrreryError `invalid_argument` for code or limits that cannot be accepted
 */
export async function openMechtronFile(options: MechtronFileOptions): Promise<Component> {
  const { name, folder, path, settings, limits, others, isModel, persist } = options;
  const sources = { clock: createSystemClock(), random: createSystemRandom() };
  const cage = isModel ? await createModelCage(sources) : createCage(sources);
  const services = createServiceCalls(others.filter(({ methods }) => methods.length > 0).map(serviceOf));
  const component: MechtronComponentOptions = {
    ...{ cage, name, limits },
    service: serviceOf(options),
    kind: path.endsWith(".wasm") ? "wasm" : "script",
    code: readFileSync(join(folder, path)),
    ...(settings && { config: settings }),
    artifacts: async (artifact) => readInside(folder, artifact),
    host: (request, context) => {
      if (request.service === RESOURCES_SERVICE) throw noResources(request.method);
      const [mechtron, service] = request.service.split("/");
      return service !== undefined && service === mechtron
        ? services.call({ ...request, service }, context)
        : undefined;
    },
  };
  if (persist === undefined) return createMechtronComponent(component);
  return mechtronComponent(component, async ({ clock }) => {
    if (persist === "None" || isModel) return await openSoleMember({ name, clock, store: createForgetfulStore() });
    return await openSoleFiles({ name, clock, folder: join(folder, STATE_FOLDER, name) });
  });
}

/** Where mechtrons remember that run without a platform, from the folder of their app's file. */
const STATE_FOLDER = ".orrery/state";

function serviceOf({ name, methods }: { readonly name: string; readonly methods: readonly string[] }): Service {
  if (methods.length === 0) return defineMechtronService(name);
  return defineService(name, Object.fromEntries(methods.map((one) => [one, { request: json(), reply: json() }])));
}

function readInside(folder: string, artifact: string): Uint8Array | undefined {
  const file = join(folder, artifact);
  const inside = relative(folder, file);
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function noResources(method: string): OrreryError {
  return new OrreryError(
    "not_found",
    `Cannot call "${RESOURCES_SERVICE}.${method}": there are no resources without a platform, publish the app and run it under orrery up`,
  );
}

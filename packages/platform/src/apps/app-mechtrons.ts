import { isOrreryError } from "@orrery/core";
import type { PropertyValue, Registry, ResourceView, Status } from "@orrery/registry";
import { PERSIST_DEFAULT } from "../stateful/persist-rule.ts";
import type { AppMechtron } from "./app-file.ts";
import type { AppRelease } from "./app-release.ts";

/** What was made, and what it still lacks. */
export interface MadeMechtrons {
  /** What the app's status says as long as not all of them run; undefined when they do. */
  readonly lacks: Status | undefined;
  readonly looked: readonly string[];
}

/** Makes the mechtrons that an app's file names. */
export interface AppMechtrons {
  /** Makes those that are missing, changes those that are another way, and removes those that it made and that are named no more. */
  make(release: AppRelease, owner: string): Promise<MadeMechtrons>;
}

/** Options of `createAppMechtrons`. */
export interface AppMechtronsOptions {
  readonly registry: Pick<Registry, "create" | "change" | "remove" | "list">;
  /** An operator. */
  readonly agent: string;
}

/** What tells a mechtron that an app's file names from one that somebody made beside them. */
const LABEL = { "made-by": "app" };

/** Makes what makes the mechtrons of apps, as resources below each. */
export function createAppMechtrons({ registry, agent }: AppMechtronsOptions): AppMechtrons {
  const by = { agent };
  return {
    make: async ({ app, source, file }, owner) => {
      const there = await childrenOf(app, registry, agent);
      const lacks: Status[] = [];
      for (const wanted of file.mechtrons) {
        const address = `${app}:${wanted.name}`;
        const properties = propertiesOf(wanted, source);
        const found = there.get(address);
        const clash = found === undefined ? undefined : clashOf(wanted, found);
        if (clash !== undefined) {
          lacks.push(clash);
          continue;
        }
        if (found === undefined) {
          const made = { ...said(properties), ...stateOf(wanted) };
          await registry
            .create({ address, kind: "Mechtron", properties: made, labels: LABEL, owner }, by)
            .catch(unlessThere);
        } else if (!isSo(found, properties)) await registry.change({ address, properties, labels: LABEL }, by);
        const lack = lackOf(wanted.name, properties.config, found);
        if (lack !== undefined) lacks.push(lack);
      }
      const named = new Set(file.mechtrons.map(({ name }) => `${app}:${name}`));
      for (const [address, { labels, status }] of there)
        if (!named.has(address) && labels["made-by"] === "app" && status.state !== "Destroying")
          await registry.remove({ address }, by);
      const worst = lacks.find(({ state }) => state === "Panic") ?? lacks.find(({ state }) => state === "Creating");
      return { lacks: worst ?? lacks[0], looked: [...named] };
    },
  };
}

/** Properties that a file says; what it leaves out is taken away. */
type Wanted = Readonly<Record<"settings" | "limits", PropertyValue | undefined>> & { readonly config: string };

function propertiesOf({ path, settings, limits }: AppMechtron, source: string): Wanted {
  const config = `${source.slice(0, source.lastIndexOf("/") + 1)}${path}`;
  return { config, settings, limits: Object.keys(limits).length === 0 ? undefined : { ...limits } };
}

/** What says whether a mechtron remembers. It is said once: what it remembers would be lost, or be somebody else's, if that changed. */
function stateOf({ persist }: AppMechtron): Readonly<Record<string, PropertyValue>> {
  return persist === undefined ? {} : { stateful: true, persist };
}

/** What an app lacks as long as a mechtron is there that remembers in another way than its file says. */
function clashOf({ name, persist }: AppMechtron, { address, properties }: ResourceView): Status | undefined {
  const is = properties["stateful"] === true ? String(properties["persist"] ?? PERSIST_DEFAULT) : undefined;
  if (is === persist) return undefined;
  const say = (rule: string | undefined) => (rule === undefined ? "stateless" : `stateful with persist ${rule}`);
  const why = `it is ${say(is)} and stays so, the file has it ${say(persist)}`;
  const tip = `give the file's another name, or orrery rm ${address}, and what it remembers is gone`;
  return { state: "Panic", reason: `its mechtron "${name}" does not run as the file says: ${why}: ${tip}` };
}

function said(properties: Wanted): Readonly<Record<string, PropertyValue>> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function childrenOf(
  app: string,
  registry: AppMechtronsOptions["registry"],
  agent: string,
): Promise<ReadonlyMap<string, ResourceView>> {
  const { resources } = await registry.list({ selector: `${app}:*<Mechtron>` }, { agent });
  return new Map(resources.map((one) => [one.address, one]));
}

/** Whether a mechtron is as the file says; what the file does not say is its own. */
function isSo({ properties, labels }: ResourceView, wanted: Wanted): boolean {
  const differs = Object.entries(wanted).some(
    ([name, value]) => JSON.stringify(properties[name]) !== JSON.stringify(value),
  );
  return !differs && labels["made-by"] === "app";
}

/** What an app lacks as long as one of its mechtrons does not run as the file says. */
function lackOf(name: string, config: string, found: ResourceView | undefined): Status | undefined {
  const { state = "Creating", reason, details } = found?.status ?? {};
  if (details?.["runs"] === config) return undefined;
  const isOfThis = found?.properties["config"] === config;
  if (isOfThis && reason !== undefined && state === "Panic")
    return { state, reason: `its mechtron "${name}" does not run: ${reason}` };
  if (isOfThis && reason !== undefined && state === "Ready")
    return { state, reason: `its mechtron "${name}": ${reason}` };
  return { state: "Creating", reason: `its mechtron "${name}" is starting` };
}

/** Somebody else was first: it is looked at again when that is told. */
function unlessThere(error: unknown): void {
  if (!isOrreryError(error) || error.code !== "already_exists") throw error;
}

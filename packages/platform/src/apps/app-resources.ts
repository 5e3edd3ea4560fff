import { isOrreryError } from "@orrery/core";
import { hashText } from "@orrery/core/internal";
import { ancestorsOf, nothingThere, parentText, type Registry, type ResourceView } from "@orrery/registry";
import { lastPart, parseAddress } from "@orrery/registry/service";
import type { AppFile, AppResource } from "./app-file.ts";

/** Why an app cannot run yet. */
export type AppLack =
  | { readonly kind: "waits"; readonly why: string; readonly waits: readonly string[] }
  | { readonly kind: "refused"; readonly why: string };

/** What was made, and what it lacks. */
export interface MadeResources {
  /** Undefined where all is there and ready. */
  readonly lacks: AppLack | undefined;
  /** Addresses that decided it. */
  readonly looked: readonly string[];
}

/** An app whose resources are to be there. */
export interface WantsResources {
  /** Its address. */
  readonly app: string;
  readonly file: Pick<AppFile, "resources" | "mechtrons">;
  /** In whose name they are made. */
  readonly owner: string;
}

/** Makes the resources that apps have made, and says what apps may do with them. */
export interface AppResources {
  /** Makes those that are missing; changes none that is there. What was made for the app it may use, as its file says. */
  make(wanted: WantsResources): Promise<MadeResources>;
  /** Takes away what an app may, which is gone. What was made for it stays. */
  forget(app: string): Promise<void>;
}

/** Options of `createAppResources`. */
export interface AppResourcesOptions {
  readonly registry: Pick<Registry, "create" | "change" | "remove" | "get">;
  /** An operator, who takes away what apps may that are gone. */
  readonly agent: string;
}

/** For which app a resource, or a right, was made: what somebody else made is nothing that a file gives rights to. */
const FOR = "made-for";
/** Grants that stand beside a role. */
const GRANTS = "grants";

/** Makes what makes the resources of apps. */
export function createAppResources({ registry, agent }: AppResourcesOptions): AppResources {
  return {
    make: async (wanted) => {
      const looked: string[] = [];
      const inOrder = [...wanted.file.resources].sort((one, other) => depthOf(one) - depthOf(other));
      const made: AppResource[] = [];
      const waits: string[] = [];
      let why = "";
      try {
        for (const one of inOrder) {
          looked.push(one.address);
          const found = await findOrMake(one, wanted, registry);
          if (found.kind !== one.kind) {
            const other = `it needs ${one.address} as ${one.kind}, and there is a ${found.kind}: remove that, or name another address`;
            return { lacks: { kind: "refused", why: other }, looked };
          }
          if (found.labels[FOR] === wanted.app) made.push(one);
          if (found.status.state === "Ready") continue;
          why ||= `it needs ${one.address}, which is ${found.status.state}`;
          waits.push(one.address);
        }
        await grantAll(made, wanted, registry);
      } catch (error) {
        if (!isOrreryError(error) || !REFUSALS.has(error.code)) throw error;
        return { lacks: { kind: "refused", why: `what it needs cannot be made: ${error.message}` }, looked };
      }
      return { lacks: waits.length === 0 ? undefined : { kind: "waits", why, waits }, looked };
    },
    forget: async (app) => {
      const role = await find(roleOf(app), agent, registry);
      if (role?.labels[FOR] !== app) return;
      for (const address of [...grantsOf(role), role.address])
        await registry.remove({ address }, { agent }).catch(nothingThere);
    },
  };
}

/** What trying again does not mend, as long as nothing changes. */
const REFUSALS: ReadonlySet<string> = new Set(
  "invalid_argument not_found failed_precondition permission_denied resource_exhausted".split(" "),
);

type Writes = AppResourcesOptions["registry"];

async function findOrMake(
  { address, kind, properties }: AppResource,
  { app, owner }: WantsResources,
  registry: Writes,
): Promise<ResourceView> {
  const by = { agent: owner };
  const found = await find(address, owner, registry);
  if (found !== undefined) return found;
  const labels = { [FOR]: app };
  await registry.create({ address, kind, properties, labels }, by).catch((error: unknown) => {
    if (!isOrreryError(error) || error.code !== "already_exists") throw error; // Somebody else was first.
  });
  return await registry.get(address, by);
}

/** Lets the app and its mechtrons, and nobody else, do with what was made for it what its file says, and no more. */
async function grantAll(made: readonly AppResource[], wanted: WantsResources, registry: Writes): Promise<void> {
  const { app, owner, file } = wanted;
  const by = { agent: owner };
  const role = roleOf(app);
  const there = await find(role, owner, registry);
  if (made.length === 0 && there?.labels[FOR] !== app) return;
  const members = [app, ...file.mechtrons.map(({ name }) => `${app}:${name}`)];
  const grants = new Map(made.flatMap((one) => grantsFor(app, one)));
  const labels = { [FOR]: app, [GRANTS]: [...grants.keys()].join(" ") };
  if (there === undefined) await registry.create({ address: role, kind: "Role", properties: { members }, labels }, by);
  else await registry.change({ address: role, properties: { members }, labels }, by);
  for (const [address, { on, may }] of grants) {
    const properties = { to: role, verbs: may, on };
    const found = await find(address, owner, registry);
    if (found === undefined) await registry.create({ address, kind: "Grant", properties, labels: { [FOR]: app } }, by);
    else if (found.properties["verbs"] !== may) await registry.change({ address, properties: { verbs: may } }, by);
  }
  for (const address of there === undefined ? [] : grantsOf(there))
    if (!grants.has(address)) await registry.remove({ address }, by).catch(nothingThere);
}

function roleOf(app: string): string {
  return named(parentText(app), `${nameOf(app)}-agents`);
}

/** One grant for a resource, and one for what lies in it; they lie beside it, and go with what that lies in. */
function grantsFor(app: string, { address, may }: AppResource) {
  const grant = (how: string, on: string) =>
    [named(parentText(address), `${nameOf(app)}-${how}-${nameOf(address)}`), { on, may }] as const;
  return [grant("uses", address), grant("uses-in", `${address}:**`)];
}

/** A name that is too long for one is shortened, and stays another than those of others. */
function named(parent: string, name: string): string {
  if (name.length <= NAME_MAX) return `${parent}:${name}`;
  return `${parent}:${name.slice(0, NAME_MAX - 9)}-${hashText(name).toString(16).padStart(8, "0")}`;
}

const NAME_MAX = 63;

function nameOf(address: string): string {
  return lastPart(parseAddress(address));
}

function grantsOf({ labels }: ResourceView): readonly string[] {
  return (labels[GRANTS] ?? "").split(" ").filter((address) => address !== "");
}

function depthOf({ address }: AppResource): number {
  return ancestorsOf(address).length;
}

function find(address: string, agent: string, registry: Writes): Promise<ResourceView | undefined> {
  return registry.get(address, { agent }).catch(nothingThere);
}

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isOrreryError, OrreryError, type Random } from "@orrery/core";
import { parentText, parseAddress, printAddress, type Registry, type ResourceView } from "@orrery/registry";
import { type Bundles, bundlesAs, fetchBundle, resolveTags } from "@orrery/registry/bundles";
import { type ForeignFileOptions, writeForeignFile } from "../foreign/system-foreign-file.ts";
import { type BlobSource, readText } from "../web/blob-source.ts";
import type { AppFile, AppPart } from "./app-file.ts";
import type { AppRelease, AppReleases, FoundRelease } from "./app-release.ts";
import { withSizes } from "./app-sizes.ts";
import { APP_FILE_BYTES_MAX } from "./limits.ts";
import { parseAppFile } from "./parse-app-file.ts";
import type { AppCode } from "./system-app-code.ts";
import type { TypeChecks } from "./system-type-check.ts";

/** Options of `createAppReleases`. */
export interface AppReleasesOptions {
  readonly registry: Registry;
  readonly bundles: Bundles;
  readonly blobs: BlobSource;
  /** Where code is unpacked. */
  readonly code: AppCode;
  /** Checks types where an app asks for it. Default: nobody does. */
  readonly checks?: TypeChecks;
  readonly random: Random;
  /** In whose name secrets are read, an operator. All else is read in the name of the app's owner. */
  readonly agent: string;
  /** As of `parseBind`. */
  readonly upstreams?: readonly string[];
}

/** Makes what finds releases in published bundles. */
export function createAppReleases(options: AppReleasesOptions): AppReleases {
  return {
    find: async (app) => {
      const looked = new Set<string>();
      try {
        return await findRelease(app, looked, options);
      } catch (error) {
        if (!isOrreryError(error) || !REFUSALS.has(error.code)) throw error;
        return { kind: "refused", why: error.message, looked: [...looked] };
      }
    },
    forget: (app) => options.code.forget(app),
    onChange: (listener) => options.checks?.onChange(listener),
  };
}

/** What trying again does not mend, as long as nothing changes. */
const REFUSALS: ReadonlySet<string> = new Set(
  "invalid_argument not_found failed_precondition permission_denied data_loss".split(" "),
);

async function findRelease(app: ResourceView, looked: Set<string>, options: AppReleasesOptions): Promise<FoundRelease> {
  const { registry, bundles, blobs, code, random, upstreams } = options;
  const by = { agent: app.owner };
  const read = (address: string) => {
    looked.add(address);
    return registry.get(address, by);
  };
  const lies = parentText(app.address);
  const said = printAddress(parseAddress(String(app.properties["config"]), { base: parseAddress(lies) }));
  const source = await resolveTags(said, read);
  const { path, ...version } = parseAddress(source);
  const bundle = await read(printAddress(version)).catch(missing(app.address, source));
  const digest = bundle.state["manifest"]?.digest;
  if (path === undefined || digest === undefined)
    throw refused(app.address, `"${source}" is in no bundle, publish one and name its file, such as ${EXAMPLE}`);
  const artifact = await read(source).catch(missing(app.address, source));
  const content = artifact.state["content"];
  if (content === undefined || content.bytes > APP_FILE_BYTES_MAX)
    throw refused(app.address, `"${source}" is no file of up to ${APP_FILE_BYTES_MAX} bytes`);
  const text = await readText(blobs, content.digest);
  const file = parseAppFile(text, {
    ...{ file: source, in: lies, bundle: bundle.address, folder: dirname(path).replace(/^\/$/, ""), app: app.address },
    ...(upstreams && { upstreams }),
  });
  const lacks: { readonly address: string; readonly how: string }[] = [];
  for (const address of file.requires) {
    const needed = await read(address).catch(nothingWhereMissing);
    if (needed?.status.state === "Ready") continue;
    lacks.push({ address, how: needed === undefined ? "is not there" : `is ${needed.status.state}` });
  }
  if (lacks.length > 0) {
    const waits = lacks.map(({ address }) => address);
    return { kind: "waits", why: needsText(lacks), waits, looked: [...looked] };
  }
  const whole = await code.folderOf({ app: app.address, digest }, (folder) =>
    fetchBundle(bundlesAs(bundles, by), { address: bundle.address, folder, random }),
  );
  const folder = join(whole, path.slice(0, path.lastIndexOf("/")));
  assertThere(file, { app: app.address, folder, source });
  const runs = await withForeign(file, { folder, into: join(whole, ".orrery", "foreign") });
  const secrets = await secretsOf(app, file, options);
  const { restart, check, instances } = app.properties;
  const wish = { app: app.address, digest, whole, folder, file, restart };
  const built = check === "types" ? options.checks?.stand(wish) : undefined;
  if (built?.kind === "going")
    return { kind: "waits", why: "its types are being checked", waits: [], isBuilding: true, looked: [...looked] };
  if (built?.kind === "bad") {
    const { why, lines: said } = built;
    return { kind: "refused", why: refused(app.address, why).message, said, looked: [...looked] };
  }
  const id = createHash("sha256")
    .update(JSON.stringify([digest, path, secrets, ...(restart === undefined ? [] : [restart])]))
    .digest("hex")
    .slice(0, 32);
  const release: AppRelease = {
    id,
    app: app.address,
    source,
    folder,
    whole,
    file: withSizes(runs, instances),
    secrets,
  };
  return { kind: "release", release, looked: [...looked] };
}

/** What stands for foreign programs takes the place of their contracts. */
async function withForeign(file: AppFile, places: ForeignFileOptions): Promise<AppFile> {
  const components: AppPart[] = [];
  for (const one of file.components) {
    const written = one.foreign === undefined ? undefined : await writeForeignFile(one, places);
    components.push(written === undefined ? one : { ...one, path: written.path });
  }
  return { ...file, components };
}

function needsText(lacks: readonly { readonly address: string; readonly how: string }[]): string {
  const named = lacks.slice(0, NEEDS_NAMED).map(({ address, how }) => `${address}, which ${how}`);
  const more = lacks.length - named.length;
  return `it needs ${[...named, ...(more > 0 ? [`${more} more`] : [])].join(", and ")}`;
}

/** Resources that a reason names; its details name all. */
const NEEDS_NAMED = 3;
const EXAMPLE = "demo.test:app-src:1.0.0:/orrery.yaml";

function assertThere(
  { components, mechtrons }: AppFile,
  { app, folder, source }: { readonly app: string; readonly folder: string; readonly source: string },
): void {
  const parts = [
    ...components.map((one) => ({ ...one, what: "component" })),
    ...mechtrons.map((one) => ({ ...one, what: "mechtron" })),
  ];
  for (const { what, name, path } of parts) {
    if (statSync(join(folder, path), { throwIfNoEntry: false }) !== undefined) continue;
    const place = `${source.slice(0, source.lastIndexOf("/") + 1)}${path}`;
    throw refused(app, `its ${what} "${name}" is missing, there is no "${place}", publish a version that has it`);
  }
}

async function secretsOf(
  { address, properties }: ResourceView,
  { secrets }: AppFile,
  { registry, agent }: AppReleasesOptions,
): Promise<Readonly<Record<string, string>>> {
  const wanted = Object.entries(secrets);
  if (wanted.length === 0) return {};
  const there =
    properties["secrets"] === undefined ? {} : await registry.reveal({ address, property: "secrets" }, { agent });
  const values = there as Readonly<Record<string, string>>;
  return Object.fromEntries(
    wanted.map(([variable, name]) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined) return [variable, value];
      throw refused(
        address,
        `its secret "${name}" is missing, set it: orrery set '${address}{ +secrets={"${name}":"…"} }'`,
      );
    }),
  );
}

function missing(app: string, source: string): (error: unknown) => never {
  return (error) => {
    if (!isOrreryError(error) || error.code !== "not_found") throw error;
    throw refused(app, `there is no "${source}", publish it, or set another config`);
  };
}

function nothingWhereMissing(error: unknown): undefined {
  if (isOrreryError(error) && (error.code === "not_found" || error.code === "permission_denied")) return undefined;
  throw error;
}

function refused(app: string, why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot run "${app}": ${why}`);
}

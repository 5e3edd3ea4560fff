import { isOrreryError, OrreryError } from "@orrery/core";
import { parentText, parseAddress, printAddress, type Registry, type ResourceView } from "@orrery/registry";
import { resolveTags } from "@orrery/registry/bundles";
import type { MechtronLimits } from "../cage/mechtron-limits.ts";
import { PERSIST_DEFAULT, type PersistRule, parsePersistRule } from "../stateful/persist-rule.ts";
import { type BlobSource, readBytes } from "../web/blob-source.ts";
import { ARTIFACT_BYTES_MAX } from "./limits.ts";
import type { FindMechtron, FoundMechtron, MechtronRelease } from "./mechtron-release.ts";

/** Options of `createMechtronFinder`. */
export interface MechtronFinderOptions {
  readonly registry: Pick<Registry, "get">;
  readonly blobs: BlobSource;
}

/** Makes what finds the code of mechtrons in published bundles, in the name of the owner of each. */
export function createMechtronFinder(options: MechtronFinderOptions): FindMechtron {
  return async (mechtron) => {
    const looked = new Set<string>();
    try {
      return await find(mechtron, looked, options);
    } catch (error) {
      if (!isOrreryError(error) || !REFUSALS.has(error.code)) throw error;
      return { kind: "refused", why: error.message, looked: [...looked] };
    }
  };
}

/** What trying again does not mend, as long as nothing changes. */
const REFUSALS: ReadonlySet<string> = new Set(
  "invalid_argument not_found failed_precondition permission_denied data_loss".split(" "),
);

async function find(
  { address, owner, properties }: ResourceView,
  looked: Set<string>,
  { registry, blobs }: MechtronFinderOptions,
): Promise<FoundMechtron> {
  const by = { agent: owner };
  const read = (one: string) => {
    looked.add(one);
    return registry.get(one, by);
  };
  const lies = parentText(parentText(address));
  const said = printAddress(parseAddress(String(properties["config"]), { base: parseAddress(lies) }));
  const source = await resolveTags(said, read);
  const { path, ...version } = parseAddress(source);
  const kind = kindOf(path);
  if (path === undefined || kind === undefined)
    throw refused(
      address,
      `"${source}" is no code: name a file of a bundle that ends in .wasm or .js, such as ${EXAMPLE}`,
    );
  const bundle = printAddress(version);
  const artifact = await read(source).catch((error: unknown) => {
    if (!isOrreryError(error) || error.code !== "not_found") throw error;
    throw refused(address, `there is no "${source}", publish it, or set another config`);
  });
  const content = artifact.state["content"];
  if (artifact.kind !== "Artifact" || content === undefined)
    throw refused(address, `"${source}" is a ${artifact.kind}: name a file of a bundle, whose versions never change`);
  const settings = properties["settings"];
  const persist = persistOf(address, properties);
  const limits = (properties["limits"] ?? {}) as MechtronLimits;
  const release: MechtronRelease = {
    id: JSON.stringify([source, content.digest, settings, limits, owner, persist]),
    ...{ address, source, kind, owner, limits, digest: content.digest },
    persist,
    settings: settings as MechtronRelease["settings"],
    code: () => readBytes(blobs, content.digest),
    artifact: (name) => readArtifact(name, { bundle, owner, registry, blobs }),
  };
  return { kind: "release", release, looked: [...looked] };
}

function persistOf(address: string, { stateful, persist }: ResourceView["properties"]): PersistRule | undefined {
  if (stateful === true) return parsePersistRule(String(persist ?? PERSIST_DEFAULT));
  if (persist === undefined) return undefined;
  throw refused(
    address,
    `it has persist "${persist}" and is not stateful: create it with stateful=true, or without persist`,
  );
}

const EXAMPLE = "demo.test:app-src:1.0.0:/main.wasm";

function kindOf(path: string | undefined): MechtronRelease["kind"] | undefined {
  if (path === undefined) return undefined;
  return path.endsWith(".wasm") ? "wasm" : /\.m?js$/.test(path) ? "script" : undefined;
}

/** Reads a file of a mechtron's own bundle. @throws OrreryError `resource_exhausted` for one that is too large */
async function readArtifact(
  name: string,
  { bundle, owner, registry, blobs }: MechtronFinderOptions & { readonly bundle: string; readonly owner: string },
): Promise<Uint8Array | undefined> {
  const found = await registry
    .get(`${bundle}:/${name.replace(/^\/+/, "")}`, { agent: owner })
    .catch((error: unknown) => {
      if (isOrreryError(error) && (error.code === "not_found" || error.code === "invalid_argument")) return undefined;
      throw error;
    });
  const content = found?.state["content"];
  if (content === undefined) return undefined;
  if (content.bytes <= ARTIFACT_BYTES_MAX) return await readBytes(blobs, content.digest);
  const why = `it has ${content.bytes} bytes, the limit is ${ARTIFACT_BYTES_MAX}`;
  throw new OrreryError("resource_exhausted", `Cannot read artifact "${name}": ${why}`);
}

function refused(mechtron: string, why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot run "${mechtron}": ${why}`);
}

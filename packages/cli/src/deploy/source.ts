import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseAddress, printAddress } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import type { ResourceContext } from "../resources/resource-command.ts";
import { lastName, nameAtRef, nameOf, splitRef } from "./app-names.ts";
import { type Repository, readRepository } from "./repository.ts";

/** What an app is made of. */
export type Source =
  | { readonly kind: "directory"; readonly name: string; readonly folder: string; readonly shown: string }
  | Repository
  | { readonly kind: "bundle"; readonly name: string; readonly config: string; readonly shown: string };

/** Where a source is looked for. */
export interface FindSourceOptions {
  readonly cwd: string;
  /** Address of what the app will lie in, among whose bundles short names are looked for. */
  readonly space: string;
}

/**
 * Finds what a word means: a directory here, else a repository of Git, else a bundle, by its address or by its name in the space.
 * @throws CommandError where it is none of them
 */
export async function findSource(
  word: string,
  { cwd, space }: FindSourceOptions,
  context: ResourceContext,
): Promise<Source> {
  const repository = readRepository(word, cwd);
  const folder = resolve(cwd, word);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true && repository === undefined)
    return { kind: "directory", name: nameOf(basename(folder)), folder, shown: word };
  if (found?.isFile() === true && basename(folder) === "orrery.yaml")
    return findSource(join(word, ".."), { cwd, space }, context);
  if (repository !== undefined) return repository;
  if (found !== undefined)
    throw new CommandError(`Cannot run "${word}": it is a file, name the folder of an orrery.yaml`, {
      exit: EXIT.usage,
    });
  const bundle = await findBundle(word, space, context);
  if (bundle !== undefined) return bundle;
  throw new CommandError(
    `Cannot run "${word}": there is no such directory here, it is no URL of a repository, and there is no bundle "${word}" in ${space}`,
    {
      exit: EXIT.notFound,
      tip: `orrery ls ${space}`,
    },
  );
}

/** A version of a bundle by `SERIES`, `SERIES@VERSION` or `SERIES@TAG`, or by its address. */
async function findBundle(word: string, space: string, { server }: ResourceContext): Promise<Source | undefined> {
  const { base, ref } = splitRef(word);
  const series = seriesOf(base, space);
  if (series === undefined) return undefined;
  const { address, version } = series;
  const wanted = ref === "" ? version : /^\d+\.\d+\.\d+/.test(ref) ? ref : `[${ref}]`;
  const list = async (selector: string) =>
    (await server.ask((registry, options) => registry.list({ selector }, options))).resources;
  const [found] = await list(address);
  if (found?.kind !== "BundleSeries") return undefined;
  const all = (await list(`${address}:*`)).filter(({ kind }) => kind === "Bundle" || kind === "Tag");
  const own = (text: string) => text.slice(address.length + 1);
  const newest = all.filter(({ kind }) => kind === "Bundle").sort((a, b) => Number(b.created - a.created))[0];
  const latest = all.find(({ address: one }) => own(one) === "[latest]") ?? newest;
  const chosen = wanted === "" ? latest : all.find(({ address: one }) => own(one) === wanted);
  if (chosen === undefined)
    throw new CommandError(`Cannot run "${word}": ${address} has no ${wanted === "" ? "version" : wanted}`, {
      exit: EXIT.notFound,
      tip: `orrery ls ${address}`,
    });
  const name = nameAtRef(
    lastName(address),
    ref.replace(/^\d.*$/, (text) => `v${text}`),
  );
  return { kind: "bundle", name, config: `${chosen.address}:/orrery.yaml`, shown: chosen.address };
}

/** A series and the version behind it, which is empty where none is said. */
function seriesOf(base: string, space: string): { readonly address: string; readonly version: string } | undefined {
  const text = base.includes(":") ? base : `${space}:${base}`;
  try {
    const { segments, path, authority } = parseAddress(text);
    if (path !== undefined || authority !== undefined) return undefined;
    const last = segments.at(-1);
    const isVersion = last?.form === "version" || last?.form === "tag";
    return {
      address: printAddress({ segments: isVersion ? segments.slice(0, -1) : segments }),
      version: isVersion ? last.text : "",
    };
  } catch {
    return undefined;
  }
}

import type { ComponentOptions } from "@orrery/core";
import { OrreryError } from "@orrery/core";
import type { LoadedComponent } from "../load-components.ts";
import { matchName } from "../match-name.ts";
import type { ComponentManifest, VariableValue } from "./manifest-types.ts";
import { printProblem } from "./problem.ts";
import { MANIFEST_FILE, readManifest } from "./read-manifest.ts";

/** Puts what a manifest says in the place of what components say themselves. */
export type ApplyManifest = (loaded: readonly LoadedComponent[]) => readonly LoadedComponent[];

/**
 * Reads the manifest of a path and the variables that it names, before what is there is loaded. Without a manifest it changes nothing.
 * @throws OrreryError `invalid_argument` when it cannot be read, `failed_precondition` when a variable is missing
 */
export async function applyManifest(path: string, cwd: string, ownsProcess: boolean): Promise<ApplyManifest> {
  const found = await readManifest(path, cwd);
  if (found === undefined) return (loaded) => loaded;
  const { folder, manifest } = found;
  const settings = await settingsOf(manifest, folder, ownsProcess);
  return (loaded) => {
    assertNamed(manifest, loaded, path);
    const options = optionsOf(manifest, settings);
    return loaded.map(({ component, ...others }) => {
      return { ...others, component: { ...component, options: { ...component.options, ...options } } };
    });
  };
}

async function settingsOf(
  { variables }: ComponentManifest,
  folder: string,
  ownsProcess: boolean,
): Promise<Readonly<Record<string, VariableValue>>> {
  if (variables.length === 0) return {};
  const [{ resolveVariables }, { createSystemMachine, setVariables }] = await Promise.all([
    import("./resolve-variables.ts"),
    import("./system-machine.ts"),
  ]);
  const { settings, texts, problems } = await resolveVariables(variables, folder, createSystemMachine());
  if (problems.length > 0) {
    const text = [`Cannot start what is in "${folder}":`, ...problems.map(printProblem)].join("\n  ");
    throw new OrreryError("failed_precondition", text);
  }
  if (ownsProcess) setVariables(texts);
  return settings;
}

function optionsOf(
  { version, instances, limits }: ComponentManifest,
  settings: Readonly<Record<string, VariableValue>>,
): ComponentOptions {
  const { inboxMessagesMax, inboxBytesMax } = limits;
  return {
    settings,
    ...(version === undefined ? {} : { version }),
    ...(instances === undefined ? {} : { instances }),
    ...(inboxMessagesMax === undefined ? {} : { inboxMessagesMax }),
    ...(inboxBytesMax === undefined ? {} : { inboxBytesMax }),
  };
}

function assertNamed({ name }: ComponentManifest, loaded: readonly LoadedComponent[], path: string): void {
  const names = loaded.map((one) => one.name);
  if (name === undefined || matchName(name, names).kind === "one") return;
  const text = `Cannot run "${path}": its ${MANIFEST_FILE} names "${name}", and its scripts export ${names.join(", ")}, write one of these`;
  throw new OrreryError("invalid_argument", text);
}

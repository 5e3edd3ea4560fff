import type { Broadcasts, Files, Registry } from "@orrery/registry";
import type { Bundles } from "@orrery/registry/bundles";

/** The parts of a platform that an app may call. */
export interface PlatformParts {
  readonly registry: Registry;
  readonly files: Files;
  readonly bundles: Bundles;
  readonly broadcasts: Broadcasts;
}

/**
 * The same parts, which act in the name of one app, whoever a message says began it: what an operator asks an app to do, the app does with its
 * own rights. What is not for components, such as to seal anew, is left as it is.
 */
export function asApp({ registry, files, bundles, broadcasts }: PlatformParts, app: string): PlatformParts {
  return {
    registry: { ...named(registry, REGISTRY, app), whoami: (by) => registry.whoami({ ...by, agent: app }) },
    files: named(files, FILES, app),
    bundles: named(bundles, BUNDLES, app),
    broadcasts: named(broadcasts, BROADCASTS, app),
  };
}

const REGISTRY = [
  "create",
  "change",
  "remove",
  "apply",
  "lock",
  "unlock",
  "get",
  "reveal",
  "list",
  "watch",
  "watchers",
  "quotas",
  "can",
];
const FILES = ["begin", "append", "finish", "abandon", "read"];
const BROADCASTS = ["send", "follow"];
const BUNDLES = ["begin", "append", "publish", "describe", "fetch"];

/** Puts a name in the place of that in the second argument of methods, who asks. */
export function named<T extends object>(of: T, methods: readonly string[], agent: string): T {
  const changed = methods.map((name) => {
    const method = (of as Readonly<Record<string, (request: unknown, by: object) => unknown>>)[name];
    if (method === undefined) throw new TypeError(`there is no ${name}`);
    return [name, (request: unknown, by: object) => method.call(of, request, { ...by, agent })];
  });
  return { ...of, ...Object.fromEntries(changed) };
}

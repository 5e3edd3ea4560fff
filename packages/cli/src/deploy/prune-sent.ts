import type { ResourceMessage } from "@orrery/registry/service";
import type { ResourceContext } from "../resources/resource-command.ts";
import { bundleOf, historyOf, runningOf, versionOf } from "./app-history.ts";
import { SENT_KEPT } from "./limits.ts";

/** What `orrery run` calls a version that it sends. */
const SENT = /^0\.0\.0-c[0-9a-f]{16}$/;

/** Versions of an app that were sent and may go: those that are neither among the newest, nor run, are wanted, or ran lately. */
export function prunable(sent: readonly ResourceMessage[], app: ResourceMessage): readonly string[] {
  const { config = "" } = (app.properties ?? {}) as Readonly<Record<string, string>>;
  const used = new Set([config, runningOf(app), ...historyOf(app).map((one) => one.config)].map(bundleOf));
  const old = sent
    .filter(({ address, kind }) => kind === "Bundle" && SENT.test(versionOf(address)))
    .sort((a, b) => Number(b.created - a.created))
    .slice(SENT_KEPT);
  return old.map(({ address }) => address).filter((address) => !used.has(address));
}

/** Takes away what was sent of an app long ago, where that is allowed; versions that somebody published stay. */
export async function pruneSent(address: string, { server }: ResourceContext): Promise<void> {
  try {
    const list = async (selector: string) =>
      (await server.ask((registry, options) => registry.list({ selector }, options))).resources;
    const [app] = await list(address);
    if (app === undefined) return;
    for (const old of prunable(await list(`${address}-src:*`), app))
      await server.ask((registry, options) => registry.remove({ address: old, recursive: true }, options));
  } catch {
    // Who may not remove them leaves them there; another run may.
  }
}

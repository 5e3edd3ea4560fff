import { OrreryError } from "@orrery/core";
import { parentText, type Registry } from "@orrery/registry";
import type { AppFile } from "../apps/app-file.ts";
import { createAppResources } from "../apps/app-resources.ts";

/** An app that is to be in a registry. */
export interface SettleAppOptions {
  readonly registry: Registry;
  readonly app: string;
  readonly file: Pick<AppFile, "mechtrons" | "resources">;
  /** An operator: all is made in this name. */
  readonly agent: string;
}

/** What stands for the code of what a command runs. */
const CODE = "here";

/**
 * Makes an app, its mechtrons and what it needs, with the rights that it has on a platform. What it had made before stays.
 * @throws OrreryError `failed_precondition` for what cannot be made
 */
export async function settleApp({ registry, app, file, agent }: SettleAppOptions): Promise<void> {
  const by = { agent };
  const make = async (address: string, kind: "Space" | "App" | "Mechtron") => {
    const properties = kind === "Space" ? {} : { config: CODE };
    await registry.create({ address, kind, properties, strategy: "ensure" }, by);
    if (kind !== "Space") await registry.change({ address, status: { state: "Ready" } }, by);
  };
  for (const address of new Set([app, ...file.resources.map((one) => one.address)].map(spaceOf)))
    await make(address, "Space");
  await make(app, "App");
  const names = new Set(file.mechtrons.map(({ name }) => `${app}:${name}`));
  for (const address of names) await make(address, "Mechtron");
  const { resources } = await registry.list({ selector: `${app}:*<Mechtron>` }, by);
  for (const { address, finalizers } of resources) {
    if (names.has(address)) continue;
    await registry.remove({ address }, by);
    await registry.change({ address, finalizers: { done: finalizers } }, by);
  }
  const { lacks } = await createAppResources({ registry, agent }).make({ app, file, owner: agent });
  if (lacks !== undefined && lacks.kind === "refused")
    throw new OrreryError("failed_precondition", `Cannot run "${app}": ${lacks.why}`);
}

function spaceOf(address: string): string {
  const parent = parentText(address);
  return parent === "" ? address : spaceOf(parent);
}

import type { OrreryError } from "@orrery/core";
import { planError, type Registry, spaceOf, spacePlanOf } from "@orrery/registry";
import type { AppFile } from "./app-file.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { spanOf } from "./app-sizes.ts";

/** Options of `createInstanceQuota`. */
export interface InstanceQuotaOptions {
  /** Knows what plans let Spaces have. */
  readonly registry: Pick<Registry, "get">;
  /** As whom it is asked, an operator. */
  readonly agent: string;
  /** What runs, also from before. */
  readonly runtime: Pick<AppRuntime, "apps" | "stand">;
}

/**
 * Holds the apps of each Space to the instances that its plan lets it have. I1: what is admitted of a Space together never becomes more than its plan lets it
 * have, however many ask at once: between the look at the others and the taking nothing waits.
 */
export interface InstanceQuota {
  /** Admits an app with the sizes of its file, in the place of what was admitted of it; gives why not. What ran before goes on, also over a smaller plan. */
  admit(release: { readonly app: string; readonly file: AppFile }): Promise<OrreryError | undefined>;
  /** Gives back what an app had: it is gone, or rests. */
  free(app: string): void;
  /** Calls back with each app that was refused, when its Space has more room. */
  onRoom(listener: (app: string) => void): void;
}

/** Makes it. */
export function createInstanceQuota({ registry, agent, runtime }: InstanceQuotaOptions): InstanceQuota {
  const admitted = new Map<string, number>();
  const refused = new Set<string>();
  let listener: (app: string) => void = () => undefined;
  const heldBy = (app: string) => admitted.get(app) ?? instancesOf(runtime.stand(app).release?.file);
  const heldByOthers = (app: string) => {
    const all = new Set([...admitted.keys(), ...runtime.apps()]);
    const others = [...all].filter((one) => one !== app && spaceOf(one) === spaceOf(app));
    return others.reduce((sum, one) => sum + heldBy(one), 0);
  };
  const wake = (space: string) => {
    for (const app of refused) if (spaceOf(app) === space) listener(app);
  };
  const take = (app: string, count: number) => {
    const before = heldBy(app);
    refused.delete(app);
    admitted.set(app, count);
    if (count < before) wake(spaceOf(app));
  };
  return {
    admit: async ({ app, file }) => {
      const space = spaceOf(app);
      const plan = spacePlanOf(await registry.get(space, { agent }));
      const wanted = instancesOf(file); // I1: nothing is waited for from here on.
      const most = plan?.instances;
      const all = heldByOthers(app) + wanted;
      if (plan === undefined || most === undefined || wanted <= heldBy(app) || all <= most) {
        take(app, wanted);
        return undefined;
      }
      refused.add(app);
      const used = `${all} of ${most} instances`;
      return planError(`run "${app}" with ${wanted}`, { space, plan: plan.name, limit: "instances", used });
    },
    free: (app) => {
      refused.delete(app);
      if (admitted.delete(app)) wake(spaceOf(app));
    },
    onRoom: (one) => {
      listener = one;
    },
  };
}

/** Instances that an app may have by its file; of a span the most. */
function instancesOf(file: AppFile | undefined): number {
  return (file?.components ?? []).reduce((sum, part) => sum + spanOf(part).max, 0);
}

import { createKindDriver, type KindDriver, type KindDriverOptions } from "@orrery/registry";
import { statusOf } from "../apps/app-status.ts";
import type { MechtronHost } from "./mechtron-host.ts";
import { MECHTRON_DRIVER, MECHTRON_KIND } from "./mechtron-kind.ts";
import type { FindMechtron } from "./mechtron-release.ts";
import type { MechtronWatches } from "./mechtron-watches.ts";

/** Options of the driver of mechtrons. */
export interface MechtronDriverOptions extends KindDriverOptions {
  readonly host: MechtronHost;
  readonly watches: Pick<MechtronWatches, "resume" | "rest" | "drop">;
  readonly find: FindMechtron;
}

/** Makes the driver of mechtrons; it does nothing before `start`. */
export function createMechtronDriver({ host, watches, find, ...options }: MechtronDriverOptions): KindDriver {
  return createKindDriver(
    {
      kind: MECHTRON_KIND.name,
      driver: MECHTRON_DRIVER,
      left: () => host.addresses(),
      rest: async (address) => {
        watches.rest(address);
        await host.rest(address);
      },
      drop: async (address) => {
        watches.drop(address);
        await host.drop(address);
      },
      onChange: (listener) => host.onChange(listener),
      compare: async (resource, signal) => {
        const found = await find(resource);
        if (!signal.aborted && found.kind === "release") host.run(found.release);
        const stand = host.stand(resource.address);
        if (stand.release !== undefined && !signal.aborted) watches.resume(resource.address);
        return { status: statusOf(found, stand), looked: found.looked };
      },
    },
    options,
  );
}

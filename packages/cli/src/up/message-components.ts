import type { Component } from "@orrery/core";
import {
  type Apps,
  createAppMessages,
  createAppsComponent,
  createCallsComponent,
  createMechtronMessages,
  type Quotas,
} from "@orrery/platform";
import type { Meter, Registry } from "@orrery/registry";

/** What takes messages to apps and to mechtrons, and tells how apps stand. */
export interface MessageComponentsOptions {
  readonly registry: Registry;
  readonly meter: Meter;
  /** Holds Spaces to the rates of their plans. */
  readonly quotas: Pick<Quotas, "rates">;
  /** An operator. */
  readonly agent: string;
  /** Undefined as long as none run. */
  readonly apps: () => Apps | undefined;
  /** Where spaces are served; empty as long as they are not. */
  readonly web: () => string;
}

/** Makes the components by which what runs in spaces takes messages, from whoever may `execute` it, and tells how it stands. */
export function messageComponents({
  registry,
  meter,
  quotas: { rates },
  agent,
  apps,
  web,
}: MessageComponentsOptions): readonly Component[] {
  return [
    createAppMessages({ registry, agent, runtime: apps, meter }),
    createMechtronMessages({ registry, agent, host: () => apps()?.web, meter }),
    createAppsComponent({
      registry,
      runtime: apps,
      logs: () => apps()?.logs,
      inspect: (app) => apps()?.inspect(app),
      web,
    }),
    createCallsComponent({ registry, meter, rates, agent, runtime: apps, host: () => apps()?.web }),
  ];
}

import type { Component } from "@orrery/core";
import { type Apps, createAppMessages, createMechtronMessages } from "@orrery/platform";
import type { Meter, Registry } from "@orrery/registry";

/** What takes messages to apps and to mechtrons. */
export interface MessageComponentsOptions {
  readonly registry: Registry;
  readonly meter: Meter;
  /** An operator. */
  readonly agent: string;
  /** Undefined as long as none run. */
  readonly apps: () => Apps | undefined;
}

/** Makes the components by which what runs in spaces takes messages, from whoever may `execute` it. */
export function messageComponents({ registry, meter, agent, apps }: MessageComponentsOptions): readonly Component[] {
  return [
    createAppMessages({ registry, agent, runtime: apps, meter }),
    createMechtronMessages({ registry, agent, host: () => apps()?.web }),
  ];
}

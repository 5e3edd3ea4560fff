import { completeLimits, completeTiming, type ZmqLimits, type ZmqTiming } from "./limits.ts";
import type { Metadata } from "./metadata.ts";
import { announce, type OwnSocketType } from "./socket-type.ts";
import { realSystem, type ZmqSystem } from "./system.ts";

/** What may be said of either side of a connection. */
export interface EndpointOptions {
  /** Identity to announce, up to 255 bytes; default empty. */
  readonly identity?: Uint8Array;
  /** Properties to announce; names of applications start with `X-`. Default none. */
  readonly properties?: Metadata;
  /** Bounds that differ from the defaults. */
  readonly limits?: Partial<ZmqLimits>;
  /** Times that differ from the defaults, in milliseconds. */
  readonly timing?: Partial<ZmqTiming>;
  /** Timers and randomness; default the machine's. */
  readonly system?: ZmqSystem;
}

/** A side of connections, with its defaults filled in. */
export interface Endpoint {
  readonly limits: ZmqLimits;
  readonly timing: ZmqTiming;
  readonly system: ZmqSystem;
  /** What it announces of itself. */
  readonly metadata: Metadata;
}

/** Fills in what was not said. */
export function completeEndpoint(type: OwnSocketType, options: EndpointOptions): Endpoint {
  return {
    limits: completeLimits(options.limits),
    timing: completeTiming(options.timing),
    system: options.system ?? realSystem,
    metadata: announce({ type, identity: options.identity ?? new Uint8Array(0) }, options.properties ?? new Map()),
  };
}

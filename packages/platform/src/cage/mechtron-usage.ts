/** What a mechtron has used since it was made; every number only grows. */
export interface MechtronUsage {
  /** Messages that were handed to it. */
  readonly messages: number;
  /** Those that ended without an answer of its own: it was stopped, or went wrong. */
  readonly faults: number;
  /** Time of the processor, in ms. */
  readonly cpuMs: number;
  /** Bytes of requests, with what surrounds them. */
  readonly bytesIn: number;
  /** Bytes of replies. */
  readonly bytesOut: number;
  /** Calls that it made, refused ones too. */
  readonly calls: number;
  /** Bytes that it said in calls. */
  readonly callBytesOut: number;
  /** Bytes of the answers to them. */
  readonly callBytesIn: number;
  /** How often an instance was started. */
  readonly starts: number;
}

/** Usage that is being counted. */
export type UsageCount = { -readonly [K in keyof MechtronUsage]: MechtronUsage[K] };

/** Nothing yet. */
export function emptyUsage(): UsageCount {
  return {
    messages: 0,
    faults: 0,
    cpuMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    calls: 0,
    callBytesOut: 0,
    callBytesIn: 0,
    starts: 0,
  };
}

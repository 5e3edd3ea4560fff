import { OrreryError } from "@orrery/core";
import {
  CALLS_PER_SECOND,
  CPU_MS,
  IDLE_MS,
  MEMORY_BYTES,
  MEMORY_BYTES_MAX,
  PAGE_BYTES,
  QUEUE_MAX,
  REPLY_BYTES,
  REQUEST_BYTES,
  START_MS,
  WALL_MS,
} from "./limits.ts";

/** What a mechtron may use. */
export interface MechtronLimits {
  /** How long an answer may take, calls to others included, in ms. Default: 5,000. */
  readonly wallMs?: number;
  /** Time of the processor that one message may take, in ms. Default: 1,000. */
  readonly cpuMs?: number;
  /** Time of the processor that its code may take until it can be called, in ms: to compile, and what it runs at its start. Default: 5,000. */
  readonly startMs?: number;
  /** Bytes of memory, from 64 KiB to 1 GiB. Default: 64 MiB. */
  readonly memoryBytes?: number;
  /** Bytes of a request, and of an answer to its calls. Default: 1 MiB. */
  readonly requestBytes?: number;
  /** Bytes of a reply, and of what it says in a call. Default: 4 MiB. */
  readonly replyBytes?: number;
  /** Calls that it may make in a second. Default: 1,000. */
  readonly callsPerSecond?: number;
  /** Messages that may wait. Default: 128. */
  readonly queueMax?: number;
  /** How long it rests until its instance, and all that it remembers, is given up, in ms; 0 for never. Default: 30,000. */
  readonly idleMs?: number;
}

/** Limits with their defaults. @throws OrreryError `invalid_argument` for one out of its range. */
export function mechtronLimits(limits: MechtronLimits = {}): Required<MechtronLimits> {
  const whole = {
    wallMs: WALL_MS,
    cpuMs: CPU_MS,
    startMs: START_MS,
    memoryBytes: MEMORY_BYTES,
    requestBytes: REQUEST_BYTES,
    replyBytes: REPLY_BYTES,
    callsPerSecond: CALLS_PER_SECOND,
    queueMax: QUEUE_MAX,
    idleMs: IDLE_MS,
    ...limits,
  };
  for (const [name, value] of Object.entries(whole)) {
    const min = name === "idleMs" ? 0 : name === "memoryBytes" ? PAGE_BYTES : 1;
    const max = name.endsWith("Bytes") ? MEMORY_BYTES_MAX : 2 ** 31 - 1;
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    const text = `Cannot limit a mechtron: ${name} is ${value}, write a whole number from ${min} to ${max}`;
    throw new OrreryError("invalid_argument", text);
  }
  return whole;
}

import { type Clock, isOrreryError, type JsonValue, OrreryError, type Random } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import {
  decodeGuestRequest,
  encodeGuestReply,
  failedReply,
  type GuestReply,
  type GuestRequest,
  guestReply,
  HOST_SERVICE,
  STATE_SERVICE,
} from "@orrery/guest/abi";
import type { GuestCallContext, GuestHost } from "./guest-host.ts";
import { RANDOM_BYTES_MAX, STATE_CALLS_PER_SECOND } from "./limits.ts";
import type { MechtronLimits } from "./mechtron-limits.ts";
import type { UsageCount } from "./mechtron-usage.ts";
import { createRateBucket } from "./rate-bucket.ts";

/** What the calls of one mechtron are answered with. */
export interface HostCallsOptions {
  readonly limits: Required<MechtronLimits>;
  readonly usage: UsageCount;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: JsonValue | undefined;
  readonly artifacts: ((path: string) => Promise<Uint8Array | undefined>) | undefined;
}

/** The message that is being handled, and who answers its calls. */
export interface OpenMessage extends GuestCallContext {
  readonly host: GuestHost;
}

/** Answers an encoded call, always, by an encoded reply. */
export type HostCalls = (request: Uint8Array, message: OpenMessage | undefined) => Promise<Uint8Array>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes what stands between a mechtron and its host: it counts, bounds and reads its calls, and answers those to the cage itself. */
export function createHostCalls(options: HostCallsOptions): HostCalls {
  const { limits, usage, clock } = options;
  const bucket = createRateBucket(limits.callsPerSecond, clock);
  const stateBucket = createRateBucket(STATE_CALLS_PER_SECOND, clock);
  return async (bytes, message) => {
    usage.calls += 1;
    usage.callBytesOut += bytes.length;
    const reply = await answer(bytes, message).catch(failureOfCall);
    const encoded = encodeGuestReply({ ...reply, nowMs: clock.now() });
    if (encoded.length <= limits.requestBytes) {
      usage.callBytesIn += encoded.length;
      return encoded;
    }
    const text = `Cannot hand on the answer: it has ${encoded.length} bytes, the limit is ${limits.requestBytes}`;
    return encodeGuestReply(failedReply({ code: "resource_exhausted", message: text }));
  };

  async function answer(bytes: Uint8Array, message: OpenMessage | undefined): Promise<GuestReply> {
    const request = read(bytes);
    const isState = !(request instanceof OrreryError) && request.service === STATE_SERVICE;
    if (!(isState ? stateBucket : bucket).take()) {
      const perSecond = isState ? STATE_CALLS_PER_SECOND : limits.callsPerSecond;
      throw new OrreryError("resource_exhausted", `Cannot call out: the limit is ${perSecond} calls a second`);
    }
    if (message === undefined) throw new OrreryError("failed_precondition", "Cannot call out: no message is open");
    if (request instanceof OrreryError) throw request;
    if (request.service === HOST_SERVICE) return answerItself(request, message, options);
    return message.host({ ...request, agent: message.message.agent }, message);
  }
}

/** What cannot be read counts as a call all the same. */
function read(bytes: Uint8Array): GuestRequest | OrreryError {
  try {
    return decodeGuestRequest(bytes);
  } catch (error) {
    return new OrreryError("invalid_argument", `Cannot read the call: ${messageOf(error)}`);
  }
}

async function answerItself(
  request: GuestRequest,
  { signal }: OpenMessage,
  options: HostCallsOptions,
): Promise<GuestReply> {
  const said = parse(request.body);
  switch (request.method) {
    case "now":
      return json(options.clock.now());
    case "sleep":
      await options.clock.sleep(numberIn(said, "ms", options.limits.wallMs), signal);
      return guestReply({});
    case "random":
      return octets(options.random.bytes(numberIn(said, "count", RANDOM_BYTES_MAX)));
    case "config":
      return options.config === undefined ? guestReply({}) : json(options.config);
    case "artifact": {
      const path = String(said["path"] ?? "");
      const found = await options.artifacts?.(path);
      if (found !== undefined) return octets(found);
      throw new OrreryError("not_found", `Cannot read artifact "${path}": the bundle has no such file`);
    }
    default:
      throw new OrreryError(
        "unimplemented",
        `Cannot answer "${HOST_SERVICE}.${request.method}": there is no such method`,
      );
  }
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new OrreryError("invalid_argument", "Cannot read the call: its body is no JSON object");
}

function numberIn(said: Readonly<Record<string, unknown>>, name: string, max: number): number {
  const value = said[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new OrreryError(
    "invalid_argument",
    `Cannot read the call: ${name} is ${value}, write a whole number from 0 to ${max}`,
  );
}

function json(value: JsonValue): GuestReply {
  return guestReply({ contentType: "application/json", body: encoder.encode(JSON.stringify(value)) });
}

function octets(body: Uint8Array): GuestReply {
  return guestReply({ contentType: "application/octet-stream", body });
}

/** A failure as a mechtron is told of it; what is no declared error stays here. */
export function failureOfCall(error: unknown): GuestReply {
  if (!isOrreryError(error))
    return failedReply({ code: "internal", message: "Cannot answer the call: its host failed" });
  const { code, message, reason = "", definite } = error;
  const details = Object.keys(error.details).length === 0 ? "" : JSON.stringify(error.details);
  return failedReply({ code, message, reason, definite, details });
}

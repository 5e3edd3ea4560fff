import { type Clock, OrreryError, type StreamOptions } from "@orrery/core";
import { CALL_TIMEOUT_MAX_MS } from "@orrery/core/internal";
import type { RequestFields } from "./header-fields.ts";
import { IDEMPOTENCY_KEY_MAX } from "./limits.ts";
import type { DoorRequest } from "./request.ts";
import { traceOf } from "./trace-context.ts";

/**
 * Tells on whose behalf a request comes, from its header fields: the agent of its message.
 * @throws OrreryError `unauthenticated` or `permission_denied` to refuse it; the text goes to the caller.
 */
export type Authenticate = (
  headers: Pick<Headers, "get">,
  from: {
    readonly remoteAddress: string;
    /** Of the request, without its query. */
    readonly path: string;
  },
) => string | Promise<string>;

/** What is needed to read a call's options. */
export interface CallReading {
  readonly clock: Clock;
  readonly authenticate: Authenticate;
}

/** Reads from a request's header what its message is to carry: agent, time allowed, trace, idempotency key; and its signal. */
export async function callOptionsOf(request: DoorRequest, reading: CallReading): Promise<StreamOptions> {
  const { headers, signal } = request;
  const budgetMs = timeoutOf(headers);
  const trace = traceOf(headers);
  const idempotencyKey = headers.get("idempotency-key") ?? "";
  if (idempotencyKey.length > IDEMPOTENCY_KEY_MAX) {
    const text = `Cannot read header idempotency-key: it has ${idempotencyKey.length} characters, the limit is ${IDEMPOTENCY_KEY_MAX}`;
    throw new OrreryError("invalid_argument", text);
  }
  const agent = await reading.authenticate(headers, { remoteAddress: request.remoteAddress, path: request.path });
  return {
    agent,
    signal,
    ...(budgetMs === undefined ? {} : { timeoutMs: budgetMs }),
    ...(trace === undefined ? {} : { trace }),
    ...(idempotencyKey === "" ? {} : { idempotencyKey }),
  };
}

/** Takes from the time allowed what has passed since the request arrived. */
export function withTimeSpent(options: StreamOptions, request: DoorRequest, clock: Clock): StreamOptions {
  if (options.timeoutMs === undefined) return options;
  const leftMs = options.timeoutMs - (clock.monotonic() - request.startedMs);
  return { ...options, timeoutMs: Math.min(Math.max(leftMs, 1), CALL_TIMEOUT_MAX_MS) };
}

/** Ms that a unit of the header `grpc-timeout` has. */
const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

function timeoutOf(headers: RequestFields): number | undefined {
  const connect = headers.get("connect-timeout-ms");
  if (connect !== null) {
    if (/^\d{1,10}$/.test(connect)) return Number(connect);
    const text = `Cannot read header connect-timeout-ms "${connect}": write whole ms, at most 10 digits`;
    throw new OrreryError("invalid_argument", text);
  }
  const grpc = headers.get("grpc-timeout");
  if (grpc === null) return undefined;
  const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(grpc) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS[unit] ?? 1);
  const text = `Cannot read header grpc-timeout "${grpc}": write at most 8 digits and one of H, M, S, m, u, n`;
  throw new OrreryError("invalid_argument", text);
}

/** The default: nobody is known. */
export function anonymous(): string {
  return "anonymous";
}

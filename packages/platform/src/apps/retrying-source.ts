import { type Clock, isOrreryError, type OrreryError, type Service, type StreamOptions } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { JsonCallSource } from "@orrery/http";
import { CALL_AGAIN_MS, CALL_TRIES_MAX } from "./limits.ts";

type Methods = Readonly<Record<string, (request: unknown, options?: StreamOptions) => unknown>>;

/**
 * Makes what calls go out through by which a call is made again where its process ended beneath it: always, where it is sure that the call was not begun,
 * and else where its contract says that it may be repeated. Each try has what is left of the time; none is made after the caller gave up.
 */
export function retryingSource(source: JsonCallSource, clock: Clock): JsonCallSource {
  const made = new WeakMap<Service, object>();
  const client = (service: Service) => {
    const known = made.get(service) ?? make(service);
    made.set(service, known);
    return known;
  };
  const make = (service: Service) => {
    const methods = source.client(service) as unknown as Methods;
    const forwarded = [...contractOf(service).methods.values()].flatMap(({ localName, mode, idempotent }) => {
      const method = methods[localName]?.bind(methods);
      if (method === undefined) return [];
      if (mode !== "sync") return [[localName, method] as const];
      const again = (request: unknown, options: StreamOptions = {}) =>
        callAgain((left) => method(request, left) as Promise<unknown>, { options, isRepeatable: idempotent, clock });
      return [[localName, again] as const];
    });
    return Object.fromEntries(forwarded);
  };
  return {
    client: client as JsonCallSource["client"],
    send: source.send.bind(source),
    publish: source.publish.bind(source),
  };
}

interface Again {
  readonly options: StreamOptions;
  readonly isRepeatable: boolean;
  readonly clock: Clock;
}

async function callAgain(
  call: (options: StreamOptions) => Promise<unknown>,
  { options, isRepeatable, clock }: Again,
): Promise<unknown> {
  const { timeoutMs, signal } = options;
  const endMs = timeoutMs === undefined ? undefined : clock.monotonic() + timeoutMs;
  for (let tries = 1; ; tries++) {
    const leftMs = endMs === undefined ? undefined : endMs - clock.monotonic();
    try {
      return await call(leftMs === undefined || tries === 1 ? options : { ...options, timeoutMs: leftMs });
    } catch (error) {
      if (!isOrreryError(error) || !mayTryAgain(error, isRepeatable) || tries >= CALL_TRIES_MAX) throw error;
      if (signal?.aborted === true) throw error;
      await clock.sleep(CALL_AGAIN_MS * tries, signal);
      if (endMs !== undefined && clock.monotonic() >= endMs) throw error;
    }
  }
}

/** Whether another place may do what this one did not: nobody could be reached, or who was leaves. */
function mayTryAgain({ kind, reason, definite }: OrreryError, isRepeatable: boolean): boolean {
  if (kind === "unreachable") return definite || isRepeatable;
  return kind === "bounced" && (reason === "draining" || reason === "not_ready");
}

import { type Clock, isOrreryError, type Log } from "@orrery/core";
import { guestRequest, WATCH_SERVICE } from "@orrery/guest/abi";
import type { BroadcastMessage, Broadcasts } from "@orrery/registry";
import { MESSAGE_TIMEOUT_MS, READ_AGAIN_MS } from "./limits.ts";
import type { MechtronHost } from "./mechtron-host.ts";

/** Who hears messages, and of what. */
export interface Hearing {
  readonly mechtron: string;
  /** What it watches: the address of a broadcast, or anything else. */
  readonly selector: string;
  readonly signal: AbortSignal;
}

/** What messages are heard by. */
export interface HearingParts {
  readonly broadcasts: Pick<Broadcasts, "follow">;
  readonly ask: MechtronHost["ask"];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Hands a mechtron what is sent to a broadcast, each message at most once, until the signal or until the broadcast is gone. Where the mechtron may
 * not read it, that is asked again; where what is watched is no broadcast, there is nothing to hear.
 */
export async function hearBroadcast({ mechtron, selector, signal }: Hearing, parts: HearingParts): Promise<void> {
  const { broadcasts, clock, log } = parts;
  while (!signal.aborted) {
    try {
      let missed = 0;
      for await (const item of await broadcasts.follow({ address: selector }, { agent: mechtron, signal })) {
        missed += item.missed;
        if (item.message === undefined) continue;
        await tell(mechtron, { ...item.message, missed }, parts);
        missed = 0;
      }
      return;
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      if (error.code !== "permission_denied" && error.code !== "resource_exhausted") return;
      log.debug("a mechtron cannot hear a broadcast", { mechtron, selector, error: error.message });
      await clock.sleep(READ_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** Hands it one message; what the mechtron does not take is passed over. */
async function tell(
  mechtron: string,
  message: BroadcastMessage & { readonly missed: number },
  { ask, log }: HearingParts,
): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const request = guestRequest({ service: WATCH_SERVICE, method: "said", contentType: "application/json", body });
  try {
    const { failure } = await ask(mechtron, request, { agent: message.agent, timeoutMs: MESSAGE_TIMEOUT_MS });
    if (failure === undefined) return;
    log.warn("a mechtron refused a message", { mechtron, address: message.address, why: failure.message });
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    log.warn("a mechtron took no message", { mechtron, address: message.address, why: error.message });
  }
}

import type { GuestReply, GuestRequest } from "@orrery/guest/abi";

/** What a call of a mechtron comes from. */
export interface GuestCallContext {
  /** The message that the mechtron handles, on whose behalf it calls. */
  readonly message: GuestRequest;
  /** Aborts when the message has ended. */
  readonly signal: AbortSignal;
}

/**
 * Answers what a mechtron calls, but for what the cage answers itself: its clock and chance, its config and artifacts. What it throws becomes
 * a failure of the call; an `OrreryError` with its code, reason and details.
 */
export type GuestHost = (request: GuestRequest, context: GuestCallContext) => Promise<GuestReply>;

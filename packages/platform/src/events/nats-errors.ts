import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { RequestError } from "@nats-io/transport-node";

/** For a promise: what is not there is nothing; other errors are thrown. */
export function orNothing(error: unknown): undefined {
  if (error instanceof JetStreamApiError && error.status === 404) return undefined;
  throw error;
}

/** Whether a stream that was written to is gone: nobody takes what is published, though the server answers. */
export function isStreamGone(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof RequestError && cause.isNoResponders();
}

/** Whether a record stands elsewhere than its writer believes. */
export function isMoved(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

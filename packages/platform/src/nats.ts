import { createNatsLines } from "./broker/system-nats-lines.ts";
import { openNatsEventStore } from "./events/system-nats-event-store.ts";
import { openNats } from "./events/system-nats-link.ts";
import type { EventEngine } from "./services/open-services.ts";

/** An engine over servers of NATS. */
export interface NatsEngine extends EventEngine, AsyncDisposable {
  /** Where it is, without what is secret. */
  readonly name: string;
}

/**
 * Keeps events in JetStream, and carries messages of the broker over NATS: 2.9 or newer. A URL is such as
 * `nats://user:password@host:4222?replicas=3&prefix=blue`; further servers of a cluster are told by the first.
 * @throws OrreryError `invalid_argument` for a URL that is none, `unavailable` where nobody answers, `failed_precondition` without JetStream
 */
export async function openNatsEngine(url: string): Promise<NatsEngine> {
  const link = await openNats(url);
  try {
    const store = await openNatsEventStore(link);
    const dispose = () => link[Symbol.asyncDispose]();
    return { store, lines: createNatsLines(link), name: link.name, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}

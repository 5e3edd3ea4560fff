import { refuse } from "./answer.ts";
import { type Head, Kind } from "./envelope.ts";
import type { Instance } from "./instance.ts";
import type { MessageContext } from "./message-context.ts";
import { failure } from "./orrery-error.ts";

/** Options of an end of streams. */
export interface EndStreamsOptions {
  readonly where: string;
  /** Why they end, as the end of a sentence: `node "here" is shutting down`. */
  readonly why: (head: Head) => string;
  /** Tells which are left alone. Default: none. */
  readonly spares?: (message: MessageContext) => boolean;
}

/**
 * Asks the streams at instances to end, for many never would; one that has an end of its own may still come to it. Those that wait for
 * their turn are bounced.
 */
export function endStreams(instances: Iterable<Instance>, { where, why, spares }: EndStreamsOptions): void {
  for (const { queue } of instances) {
    queue.find((message) => {
      const { envelope, head, writer } = message;
      if (envelope.kind !== Kind.streamOpen || spares?.(message) === true) return false;
      const name = `${head.component}.${head.method}`;
      const error = (doing: string) => failure("draining", `Cannot ${doing} stream "${name}": ${why(head)}`, { where });
      if (writer === undefined) refuse(message, error("open"));
      else message.tell(error("go on with"));
      return false;
    });
  }
}

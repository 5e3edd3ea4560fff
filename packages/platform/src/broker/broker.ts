import { type Clock, OrreryError } from "@orrery/core";
import type { BrokerLines, BrokerTopic } from "./broker-lines.ts";
import { BROKER_BYTES_MAX, BROKER_HEADERS_BYTES_MAX, BROKER_WAITING_MAX, SUBSCRIBERS_MAX } from "./limits.ts";
import { decodeMessage, encodeMessage } from "./message-bytes.ts";

/** What is published. */
export interface BrokerPost {
  readonly headers: Readonly<Record<string, string>>;
  /** What the bytes are. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A message as a subscriber gets it. */
export interface BrokerMessage extends BrokerPost {
  /** Who published it. */
  readonly agent: string;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** What a subscriber gets: a message, or only that it missed some. */
export interface BrokerItem {
  /** How many passed it by before this one, since it took them too slowly. */
  readonly missed: number;
  readonly message?: BrokerMessage;
}

/** Options of those who subscribe. */
export interface SubscribeOptions {
  /** Shared by its members: each message comes to one. Empty: all come. */
  readonly queue: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Asked before each message is given; what it throws ends the subscription. */
  readonly check: () => Promise<void>;
}

/** Messages from those who publish to those who subscribe now. Nothing is kept, and nothing is sent again. */
export interface Broker {
  /** @throws OrreryError `invalid_argument` where it does not fit */
  publish(topic: BrokerTopic, post: BrokerPost, by: { readonly agent: string }): void;
  /** Gives what is published from when this is done. @throws OrreryError `invalid_argument` for a queue, `resource_exhausted` where too many subscribe */
  subscribe(topic: BrokerTopic, options: SubscribeOptions): Promise<AsyncIterable<BrokerItem>>;
}

const NAME = /^(?=.{1,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Makes a broker over lines. I1: who publishes waits for nobody. I2: what waits for one subscriber is bounded, and it is told what it missed. */
export function createBroker({ lines, clock }: { readonly lines: BrokerLines; readonly clock: Clock }): Broker {
  const subscribers = new Map<number, number>();
  return {
    publish: (topic, post, { agent }) => {
      assertFits(topic, post);
      lines.publish(topic, encodeMessage({ ...post, agent, at: Math.floor(clock.now()) })); // I1
    },
    subscribe: async (topic, { queue, signal, check }) => {
      const { space } = topic;
      if (queue !== "" && !NAME.test(queue))
        throw new OrreryError(
          "invalid_argument",
          `Cannot subscribe to "${topic.topic}" by queue "${queue}": it is no name, write up to 63 small letters, digits and "-", such as workers`,
        );
      const count = subscribers.get(space) ?? 0;
      if (count >= SUBSCRIBERS_MAX)
        throw new OrreryError(
          "resource_exhausted",
          `Cannot subscribe to "${topic.topic}": ${count} do so in its space already, which is the limit`,
        );
      subscribers.set(space, count + 1);
      const inbox = createInbox();
      const stop = await lines.listen({ ...topic, queue, hear: inbox.hear });
      const end = () => {
        stop();
        inbox.end();
      };
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      const onEnd = () => {
        signal.removeEventListener("abort", end);
        stop();
        const left = (subscribers.get(space) ?? 1) - 1;
        if (left === 0) subscribers.delete(space);
        else subscribers.set(space, left);
      };
      return itemsOf(inbox, { check, onEnd });
    },
  };
}

/** What waits for one subscriber. */
interface Inbox {
  readonly hear: (bytes: Uint8Array) => boolean;
  end(): void;
  /** Waits for what is next; nothing when it has ended. */
  take(): Promise<BrokerItem | undefined>;
}

function createInbox(): Inbox {
  const waiting: { readonly missed: number; readonly bytes: Uint8Array }[] = [];
  let [missed, isEnded] = [0, false];
  let wake = () => {};
  return {
    hear: (bytes) => {
      if (isEnded) return false;
      if (waiting.length >= BROKER_WAITING_MAX) {
        missed++; // I2
        return false;
      }
      waiting.push({ missed, bytes });
      missed = 0;
      wake();
      return true;
    },
    end: () => {
      isEnded = true;
      wake();
    },
    take: async () => {
      for (;;) {
        const next = waiting.shift();
        if (isEnded) return undefined;
        if (next !== undefined) return { missed: next.missed, message: decodeMessage(next.bytes) };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function* itemsOf(
  inbox: Inbox,
  { check, onEnd }: { readonly check: () => Promise<void>; readonly onEnd: () => void },
): AsyncGenerator<BrokerItem> {
  try {
    for (;;) {
      const item = await inbox.take();
      if (item === undefined) return;
      await check();
      yield item;
    }
  } finally {
    onEnd();
  }
}

function assertFits({ topic }: BrokerTopic, { headers, body }: BrokerPost): void {
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot publish to "${topic}": ${why}`);
  if (body.length > BROKER_BYTES_MAX)
    throw refuse(
      `its message has ${body.length} bytes, up to ${BROKER_BYTES_MAX} fit, send the address of a file instead`,
    );
  const bytes = new TextEncoder().encode(JSON.stringify(headers)).length;
  if (bytes > BROKER_HEADERS_BYTES_MAX)
    throw refuse(`its headers have ${bytes} bytes of JSON, up to ${BROKER_HEADERS_BYTES_MAX} fit`);
}

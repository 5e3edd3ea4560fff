import type { Connection, ConnectionEvents } from "../connection.ts";
import type { ZmqError } from "../errors.ts";

/** Collects what one or several connections bring, and lets a test wait for the next of each. */
export interface Inbox {
  /** Hand it to a listener or connector as `onConnection`. */
  readonly onConnection: (connection: Connection) => ConnectionEvents;
  /** Hand it to a listener as `onRefused`, or call it from `onRetry`. */
  readonly onRefused: (error: ZmqError) => void;
  nextConnection(): Promise<Connection>;
  /** The next message, every frame as text. */
  nextMessage(): Promise<string[]>;
  nextFrames(): Promise<Uint8Array[]>;
  nextClose(): Promise<ZmqError | undefined>;
  nextRefusal(): Promise<ZmqError>;
}

/** Makes an inbox; `answer`, if given, may send something back for every message. */
export function createInbox(answer?: (connection: Connection, frames: Uint8Array[]) => void): Inbox {
  const connections = createQueue<Connection>();
  const messages = createQueue<Uint8Array[]>();
  const closes = createQueue<ZmqError | undefined>();
  const refusals = createQueue<ZmqError>();
  return {
    onConnection: (connection) => {
      connections.put(connection);
      return {
        onMessage: (frames) => {
          messages.put(frames);
          answer?.(connection, frames);
        },
        onClose: closes.put,
      };
    },
    onRefused: refusals.put,
    nextConnection: connections.take,
    nextMessage: async () => (await messages.take()).map((frame) => Buffer.from(frame).toString()),
    nextFrames: messages.take,
    nextClose: closes.take,
    nextRefusal: refusals.take,
  };
}

interface Queue<Item> {
  put(item: Item): void;
  take(): Promise<Item>;
}

function createQueue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    put: (item) => {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    take: () => {
      if (items.length > 0) return Promise.resolve(items.shift() as Item);
      return new Promise((resolve) => takers.push(resolve));
    },
  };
}

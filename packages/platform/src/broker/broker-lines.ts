/** A topic of a Space. */
export interface BrokerTopic {
  /** The revision that made the Space. */
  readonly space: number;
  readonly topic: string;
}

/** One who hears a topic. */
export interface BrokerHearing extends BrokerTopic {
  /** Of those who name one, each message comes to one. Empty: all come. */
  readonly queue: string;
  /** Takes a message; false where as much waits as may. */
  readonly hear: (bytes: Uint8Array) => boolean;
}

/** What carries messages from those who publish to those who hear. Nothing is kept, and nobody waits for one who is slow. */
export interface BrokerLines {
  publish(topic: BrokerTopic, bytes: Uint8Array): void;
  /** Hears what is published from when this is done; gives what ends it. */
  listen(hearing: BrokerHearing): Promise<() => void>;
}

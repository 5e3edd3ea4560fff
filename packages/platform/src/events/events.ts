import type { Appended, LogName } from "./event-store.ts";
import type { GroupSettings, Settled } from "./group-state.ts";

/** An event to be published. */
export interface PublishEvent {
  /** A second one with the same id is not written, for an hour at least. Default: one by chance. */
  readonly id?: string;
  /** Of events with one key, a group hands out one at a time, in their order. Default: the event waits for none. */
  readonly key?: string;
  /** Short texts beside what it says. Default: none. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** What the bytes are. Default: application/octet-stream. */
  readonly contentType?: string;
  readonly body: Uint8Array;
}

/** An event as it stands in a topic. */
export interface PlatformEvent {
  readonly topic: string;
  /** Rises in its topic; there may be gaps. */
  readonly offset: number;
  readonly id: string;
  readonly key: string;
  /** When it was published, in ms since 1970. */
  readonly at: number;
  /** Who published it. */
  readonly agent: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Where a dead letter comes from, or what was one and is published again. */
  readonly origin?: EventOrigin;
  /** The one group that it is for. Absent: all. */
  readonly forGroup?: string;
}

/** What became of an event before. */
export interface EventOrigin {
  readonly topic: string;
  readonly group: string;
  readonly offset: number;
  readonly attempts: number;
  /** Why it was given up. */
  readonly why: string;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** An event in the hands of a consumer. */
export interface EventDelivery {
  readonly event: PlatformEvent;
  /** By which it is acked. */
  readonly receipt: string;
  /** How often it was handed out, with this time. */
  readonly attempt: number;
  /** When it is handed out again, unless it is settled, in ms since 1970. */
  readonly until: number;
}

/** A place in a topic. */
export type Position =
  | { readonly kind: "earliest" }
  | { readonly kind: "latest" }
  | { readonly kind: "offset"; readonly offset: number }
  | { readonly kind: "time"; readonly at: number };

/** A group of a topic. */
export interface GroupName extends LogName {
  readonly group: string;
}

/** Options of those who take events. */
export interface TakeOptions {
  /** Where a group begins that is new. Default: the earliest event that is kept. */
  readonly from?: Position;
  /** What a group that is new is told; others keep what they were told. */
  readonly settings?: Partial<GroupSettings>;
  /** Name of the consumer, shown with what it has in hand. Default: none. */
  readonly consumer?: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Asked before each look; what it throws ends the taking. */
  readonly check?: () => Promise<void>;
}

/** A topic, how it stands and what it keeps. */
export interface TopicView extends TopicSettings {
  readonly topic: string;
  readonly first: number;
  readonly next: number;
  readonly events: number;
  readonly bytes: number;
}

/** What a topic keeps: what is older, and the oldest of what is more, goes. */
export interface TopicSettings {
  readonly keepMs: number;
  readonly keepBytes: number;
}

/** A group, and how it stands. */
export interface GroupView extends GroupSettings {
  readonly group: string;
  /** The oldest event that it has not done with. */
  readonly offset: number;
  /** Events that it has not seen yet, at most. */
  readonly behind: number;
  /** Events that consumers have. */
  readonly out: number;
  /** Events that were put off, or wait for one with the same key. */
  readonly waiting: number;
  /** Its dead letters. */
  readonly dead: number;
}

/**
 * Durable events in topics, which groups take one by one. What was published and answered is handed to each group at least once, until it acks it or gives it up,
 * or the topic no longer keeps it. A place is trusted here: who may do what is asked by whoever serves it.
 */
export interface Events extends AsyncDisposable {
  /** Writes events behind those of the topic, in their order; makes the topic where it is missing. Where it fails, the same ids may be sent again. */
  publish(
    log: LogName,
    events: readonly PublishEvent[],
    by: { readonly agent: string },
  ): Promise<readonly (Appended & { readonly id: string })[]>;
  /** Takes up to `max` events for a group, which it makes where it is missing; waits for the first. */
  fetch(
    name: GroupName,
    options: TakeOptions & { readonly max?: number; readonly waitMs?: number },
  ): Promise<readonly EventDelivery[]>;
  /** Takes events as they are read, and no more than `inHand` before some of them are settled; ends with the signal. */
  consume(name: GroupName, options: TakeOptions & { readonly inHand?: number }): AsyncIterable<EventDelivery>;
  /** Says that events were handled. Gives what became of each receipt. */
  ack(name: GroupName, receipts: readonly string[]): Promise<readonly Settled[]>;
  /** Gives events back, to be handed out again after a while. */
  nack(
    name: GroupName,
    receipts: readonly string[],
    how?: { readonly delayMs?: number; readonly why?: string },
  ): Promise<readonly Settled[]>;
  /** Has more time for events. */
  extend(name: GroupName, receipts: readonly string[], visibilityMs: number): Promise<readonly Settled[]>;
  /** A page of a topic, whoever took what is on it. */
  read(log: LogName, page: { readonly from: Position; readonly limit?: number }): Promise<EventPage>;
  /** All events from somewhere on, as they come; ends with the signal. */
  follow(log: LogName, options: Pick<TakeOptions, "from" | "signal" | "check">): AsyncIterable<PlatformEvent>;
  /** Publishes dead letters once more, for the group alone that gave them up, and takes them from their topic. */
  republish(log: LogName, offsets: readonly number[]): Promise<readonly Appended[]>;
  topics(space: number): Promise<readonly TopicView[]>;
  /** Makes a topic, or changes what it keeps. */
  setTopic(log: LogName, settings: Partial<TopicSettings>): Promise<TopicView>;
  /** Removes a topic with its groups and their dead letters. */
  removeTopic(log: LogName): Promise<void>;
  groups(log: LogName): Promise<readonly GroupView[]>;
  /** Makes a group, or changes what it was told; with a position, all that it has in hand is forgotten, and it goes on there. */
  setGroup(
    name: GroupName,
    wish: { readonly settings?: Partial<GroupSettings>; readonly to?: Position },
  ): Promise<void>;
  removeGroup(name: GroupName): Promise<void>;
  /** Has topics forget what they need not keep, now. */
  sweep(): Promise<void>;
  /** The Spaces that have topics. */
  spaces(): Promise<readonly number[]>;
  /** Removes all of a Space. */
  drop(space: number): Promise<void>;
}

/** A page of a topic. */
export interface EventPage {
  readonly events: readonly PlatformEvent[];
  /** Read from this offset to go on. */
  readonly next: number;
}

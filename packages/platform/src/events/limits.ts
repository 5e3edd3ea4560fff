/** Longest name of a topic or a group, in characters. */
export const EVENT_NAME_LENGTH_MAX = 63;
/** Largest event, in bytes of what it says. */
export const EVENT_BYTES_MAX = 256 * 1024;
/** Events that are published at once. */
export const EVENTS_AT_ONCE_MAX = 1_000;
/** Bytes that are published at once, or handed out at once. */
export const EVENTS_BYTES_AT_ONCE_MAX = 4 * 1024 * 1024;
/** Longest id of an event, and longest key, in characters. */
export const EVENT_ID_LENGTH_MAX = 128;
/** Attributes of an event together, in bytes of JSON. */
export const EVENT_ATTRIBUTES_BYTES_MAX = 4 * 1024;
/** Publishers that wait at one topic of one platform while others are written. */
export const EVENTS_WAITING_MAX = 10_000;
/** Topics of one space, those of dead letters among them. */
export const TOPICS_MAX = 1_000;
/** Groups of one topic. */
export const GROUPS_MAX = 100;
/** Events that a group has in hand: handed out, or put off, or waiting for one with the same key. Behind the oldest it takes no more. */
export const GROUP_HELD_MAX = 1_024;
/** How long an event is kept, where its topic says nothing else. */
export const KEEP_MS = 7 * 24 * 3_600_000;
/** How long a topic may keep events at most. */
export const KEEP_MS_MAX = 10 * 365 * 24 * 3_600_000;
/** Bytes that a topic keeps, where it says nothing else. */
export const KEEP_BYTES = 1024 * 1024 * 1024;
/** Least bytes that a topic may be told to keep. */
export const KEEP_BYTES_MIN = 64 * 1024;
/** How long a consumer has for an event before it is handed out again, where its group says nothing else. */
export const VISIBILITY_MS = 30_000;
/** The same, at least. */
export const VISIBILITY_MS_MIN = 100;
/** The same, and how long an event may be put off, at most. */
export const VISIBILITY_MS_MAX = 12 * 3_600_000;
/** How often an event is handed out before it becomes a dead letter, where its group says nothing else. */
export const ATTEMPTS = 10;
/** The same, at most; 0 is for ever. */
export const ATTEMPTS_MAX = 1_000_000;
/** Longest reason why an event was given back, in characters; what is longer is cut. */
export const WHY_LENGTH_MAX = 500;
/** Events that one stream has in hand, where its reader says nothing else. */
export const IN_HAND = 32;
/** The same, at most; also events in one answer. */
export const IN_HAND_MAX = 256;
/** Longest wait of a fetch for events, in ms. */
export const FETCH_WAIT_MS_MAX = 60_000;
/** How often who waits looks whether others wrote, where several platforms share a store. */
export const EVENTS_LOOK_EVERY_MS = 1_000;
/** How long it is believed what a topic is told to keep. */
export const TOPIC_KNOWN_MS = 1_000;
/** How often topics forget what they need not keep. */
export const EVENTS_SWEEP_EVERY_MS = 60_000;
/** How often a write of a group is tried when others write it, too. */
export const GROUP_TRIES_MAX = 64;
/** Groups and topics of which one platform keeps in memory how they stand. */
export const GROUPS_KEPT = 10_000;
/** Calls that one platform serves at once; streams are beside these. */
export const EVENT_INSTANCES = 64;

/** Every bound of this package, by name. A container or node may be given smaller or larger ones where its options say so. */

/** Instances of one component in one container. */
export const INSTANCES_MAX = 1024;
/** Messages that may wait in one instance's inbox before the next is bounced with `overloaded`. */
export const INBOX_MESSAGES_MAX = 4096;
/** Bytes of bodies that may wait in one instance's inbox. */
export const INBOX_BYTES_MAX = 64 * 1024 * 1024;
/** Messages that may wait in all inboxes of one node together. */
export const WAITING_MESSAGES_MAX = 262_144;
/** Bytes of bodies that may wait in all inboxes of one node together. */
export const WAITING_BYTES_MAX = 512 * 1024 * 1024;
/** Time between two looks at the memory of the process, where it is limited. */
export const MEMORY_LOOK_MS = 50;
/** What a message counts in an inbox besides its body, and in place of it where values are handed over unencoded. */
export const MESSAGE_BYTES_NOMINAL = 256;
/** Calls, tickets and streams that one node may have open to others at once. */
export const CALLS_OPEN_MAX = 65_536;
/** How long a place counts as bouncing after a call bounced there, in ms; twice as long after each try. */
export const BOUNCED_FIRST_MS = 10;
/** The longest that a place counts as bouncing before it is tried again, in ms. */
export const BOUNCED_MAX_MS = 1_000;
/** Components of which one place is remembered to have bounced calls; over it, the one that bounced first is forgotten. */
export const BOUNCING_COMPONENTS_MAX = 256;
/** Largest encoded body. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** Characters of an error's text that are sent; what is longer is cut. */
export const ERROR_TEXT_MAX = 16 * 1024;
/** Characters of an error's details as JSON; larger ones are not sent. */
export const ERROR_DETAILS_MAX = 64 * 1024;
/** Levels of nesting that a JSON body may have. */
export const JSON_DEPTH_MAX = 200;
/** Issues of a schema that an error tells. */
export const ISSUES_MAX = 10;
/** Longest JSON text, in UTF-16 units, that is written one character at a time; V8 keeps arrays of so many bytes within its heap. */
export const JSON_SHORT_MAX = 64;

/** Instances in a chain of open calls. */
export const CALL_DEPTH_MAX = 32;
/** How long a call waits when neither caller nor contract says. */
export const CALL_TIMEOUT_DEFAULT_MS = 30_000;
/** Longest wait a call may ask for: one day. */
export const CALL_TIMEOUT_MAX_MS = 86_400_000;
/** Deadlines are kept in steps of this size, so that thousands share a timer; a deadline is never early. */
export const DEADLINE_STEP_MS = 8;
/** Items that a stream's reader asks for ahead of its own reading. */
export const STREAM_CREDIT = 64;
/** Most items that a peer may be asked for at once. */
export const STREAM_CREDIT_MAX = 65_536;
/** How long a stream may rest, with nothing sent by its writer or nothing taken by its reader, before it ends. */
export const STREAM_IDLE_DEFAULT_MS = 60_000;
/** Streams that one instance may have open beside its other messages. */
export const STREAMS_OPEN_MAX = 10_000;
/** Routes that one direction of a connection may declare; later heads are sent in full. */
export const ROUTES_PER_CONNECTION_MAX = 1024;
/** Heads that a source keeps for one method; more agents or options than that are served, a little slower. */
export const HEADS_PER_METHOD_MAX = 256;
/** Bytes of one encoded head, so that a peer's routes cannot make a node hold much. */
export const HEAD_BYTES_MAX = 32 * 1024;
/** UTF-16 units of one text of a head, such as the agent; all of them together stay within `HEAD_BYTES_MAX`. */
export const HEAD_TEXT_MAX = 1024;
/** Bytes of fields of a newer peer that one envelope may carry on to the next hop. */
export const UNKNOWN_BYTES_MAX = 64 * 1024;
/** Messages in one packet: a peer can say thousands of empty ones in few bytes. */
export const PACKET_MESSAGES_MAX = 65_536;
/** Messages of which an inspector of packets remembers what they were about. */
export const INSPECTED_OPEN_MAX = 65_536;
/** Messages that may wait on one direction of a memory link. */
export const MEMORY_WAITING_MAX = 65_536;
/** Crashes of one instance slot within `RESTART_WINDOW_MS` after which the slot is given up. */
export const RESTARTS_MAX = 5;
/** Window in which `RESTARTS_MAX` counts. */
export const RESTART_WINDOW_MS = 10_000;
/** How long a life-cycle hook may take. */
export const HOOK_TIMEOUT_MS = 10_000;
/** How long `stop` lets instances finish what they have accepted. */
export const DRAIN_TIMEOUT_MS = 10_000;
/** How long `stop` then waits until its peers know that it takes nothing more, and what was on its way has been refused. */
export const PART_TIMEOUT_MS = 1000;
/** Flows that one node may have begun and not ended. */
export const FLOWS_OPEN_MAX = 65_536;
/** Flows that a node names in its log when they are left open at its stop. */
export const FLOWS_NAMED_MAX = 10;
/** Characters of a flow's name. */
export const FLOW_NAME_MAX = 256;
/** Longest time that a flow may ask for: a week. */
export const FLOW_TIMEOUT_MAX_MS = 604_800_000;
/** Steps that a flow model may name. */
export const FLOW_MODEL_STEPS_MAX = 256;
/** Ways to read what has happened that a monitor follows at once; a flow whose model allows more is not looked at any more. */
export const FLOW_MODEL_READINGS_MAX = 256;
/** Flows that a monitor follows at once, and as many that have ended. */
export const FLOWS_MONITORED_MAX = 65_536;
/** Breaches that a monitor keeps. */
export const FLOW_BREACHES_MAX = 1000;
/** Steps of a flow that a breach tells. */
export const FLOW_STEPS_SHOWN_MAX = 20;
/** Rules that a set of points may have at once. */
export const POINT_RULES_MAX = 1024;
/** Handlers that one rule may hold at its points. */
export const POINT_HELD_MAX = 65_536;
/** Pings of one peer that an estimate is made of. */
export const PEER_SAMPLES_MAX = 64;
/** How far back an estimate looks. */
export const PEER_WINDOW_MS = 600_000;
/** Drift that a clock is taken to have at most until it is seen to have more, as NTP does. */
export const CLOCK_DRIFT_MAX = 5e-4;
/** Pings that may wait for their pong on one link. */
export const PINGS_OPEN_MAX = 16;

/** Block that small copies of bytes are cut from. */
export const BLOCK_BYTES = 64 * 1024;

/** Largest copy cut from a shared block; a larger one gets memory of its own and pins nothing else. */
export const BLOCK_PIECE_BYTES_MAX = 8 * 1024;

/** Messages that a journal holds at most. */
export const JOURNAL_ENTRIES_MAX = 65_536;
/** Bytes of the messages that a journal holds at most. */
export const JOURNAL_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes after which a segment of a journal is followed by the next. */
export const JOURNAL_SEGMENT_BYTES = 8 * 1024 * 1024;
/** Bytes beyond twice what it holds that a journal's segments may take. */
export const JOURNAL_SPENT_BYTES_MAX = 64 * 1024 * 1024;
/** Segments that a journal may have; more there are only where old ones cannot be removed. */
export const JOURNAL_SEGMENTS_MAX = 4096;
/** How often the handling of a kept message is begun again before it is set aside; fewer than crashes that give up an instance. */
export const KEPT_REPEATS_MAX = 3;

/** What keeps events in NATS: loaded where that is asked for alone. */
export { openNatsEventStore } from "./events/system-nats-event-store.ts";
export { type NatsLink, openNats } from "./events/system-nats-link.ts";

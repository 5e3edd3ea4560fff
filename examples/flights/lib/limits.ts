/** Every bound of the example, by name. */

/** Airports that a search or a neighbourhood gives at most. */
export const AIRPORTS_FOUND_MAX = 100;
/** Airports on one page of a list. */
export const PAGE_AIRPORTS_MAX = 1000;
/** Connections that a list of the busiest gives at most. */
export const BUSIEST_MAX = 1000;
/** Departures that a list gives at most. */
export const DEPARTURES_MAX = 100;
/** Flights of one trip. */
export const LEGS_MAX = 8;
/** Airports that one trip may be told to avoid. */
export const AVOIDED_MAX = 100;
/** Airports whose connections are asked for to find one trip; there are 305 with flights. */
export const AIRPORTS_EXPANDED_MAX = 500;
/** Airports that are closed at once. */
export const CLOSURES_MAX = 50;
/** Longest time that an airport stays closed: a day. */
export const CLOSURE_MS_MAX = 86_400_000;
/** Shortest and longest time between two skies of a stream. */
export const INTERVAL_MS_MIN = 100;
export const INTERVAL_MS_MAX = 60_000;

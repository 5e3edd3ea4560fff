import type { Head } from "../envelope.ts";
import { ROUTES_PER_CONNECTION_MAX } from "../limits.ts";

/** The heads that one direction of a connection has given numbers to, at the side that sends. */
export interface SentRoutes {
  /** The number that stands for a head, a fresh one if need be; 0 when all are given away. */
  number(head: Head): number;
  /** True when the head must be written beside its number, because it was not before. */
  declare(route: number): boolean;
}

/** Makes an empty table; a new connection needs a new one. */
export function createSentRoutes(): SentRoutes {
  const numbers = new Map<Head, number>();
  let declared = 0;
  // The head of the last message is most often that of the next.
  let lastHead: Head | undefined;
  let lastNumber = 0;
  return {
    number(head) {
      if (head === lastHead) return lastNumber;
      let route = numbers.get(head);
      if (route === undefined) {
        if (numbers.size >= ROUTES_PER_CONNECTION_MAX) return 0;
        route = numbers.size + 1;
        numbers.set(head, route);
      }
      lastHead = head;
      lastNumber = route;
      return route;
    },
    declare(route) {
      if (route <= declared) return false;
      declared = route;
      return true;
    },
  };
}

/** The heads behind the numbers, at the side that receives: at most as many as may be declared. */
export interface ReceivedRoutes {
  get(route: number): Head | undefined;
  /** Remembers a declaration. False when the number is beyond the limit. */
  set(route: number, head: Head): boolean;
}

/** Makes an empty table; a new connection needs a new one. */
export function createReceivedRoutes(): ReceivedRoutes {
  const heads: (Head | undefined)[] = [];
  return {
    get: (route) => heads[route],
    set(route, head) {
      if (route > ROUTES_PER_CONNECTION_MAX) return false;
      heads[route] = head;
      return true;
    },
  };
}

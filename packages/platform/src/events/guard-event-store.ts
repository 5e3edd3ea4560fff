import { isOrreryError, OrreryError } from "@orrery/core";
import type { EventStore } from "./event-store.ts";

/** Makes what fails in a store an error that says so: nobody can tell whether it was done. */
export function guardEventStore(store: EventStore): EventStore {
  return {
    ...store,
    logs: guardAll(store.logs),
    records: guardAll(store.records),
    spaces: guard(store.spaces),
    drop: guard(store.drop),
  };
}

function guardAll<T extends object>(methods: T): T {
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, guard(method)])) as T;
}

function guard<A extends readonly unknown[], R>(method: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await method(...args);
    } catch (cause) {
      if (isOrreryError(cause)) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new OrreryError("unavailable", `Cannot say how events stand: their store failed (${why}), try again`, {
        cause,
      });
    }
  };
}

/** Lets those who write in one Space from here do so one after the other: each would only find that another was first. */
export interface Turns {
  /** Does work when all that came before it in the Space is done, however that ended. */
  take<T>(space: number, work: () => Promise<T>): Promise<T>;
}

/** Makes it. */
export function createTurns(): Turns {
  const last = new Map<number, Promise<unknown>>();
  return {
    take: (space, work) => {
      const done = (last.get(space) ?? Promise.resolve()).then(work, work);
      last.set(space, done);
      const forget = () => {
        if (last.get(space) === done) last.delete(space);
      };
      done.then(forget, forget);
      return done;
    },
  };
}

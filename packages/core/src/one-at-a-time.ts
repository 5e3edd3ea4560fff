/** Runs what is about the same name one after the other. */
export type OneAtATime = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** Makes it; a name that nothing waits for takes no memory. */
export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return async (name, run) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(run, run);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}

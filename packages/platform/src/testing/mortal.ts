/** A process that may be killed while it waits for something outside. */
export interface Mortal {
  /** How often it was killed. */
  readonly kills: number;
  /** What is outside: it may have happened or not when the process is killed, and nobody is told. */
  wrap<T extends object>(outside: T): T;
  /** Does something; where the process is killed, another one is started, and it is done again. */
  live<T>(wish: () => Promise<T>): Promise<T>;
}

/** Makes it. `dies` draws whether it is killed now; `restart` has what was in memory begin anew. */
export function createMortal({
  dies,
  restart,
}: {
  readonly dies: () => boolean;
  readonly restart: () => void;
}): Mortal {
  let kills = 0;
  let killed = Promise.withResolvers<typeof KILLED>();
  const never = () => {
    killed.resolve(KILLED);
    return new Promise<never>(() => {});
  };
  const mortal =
    (act: (...args: never[]) => unknown) =>
    async (...args: never[]) => {
      if (dies()) return never();
      const answer = await act(...args);
      return dies() ? never() : answer;
    };
  return {
    get kills() {
      return kills;
    },
    wrap: <T extends object>(outside: T): T =>
      Object.fromEntries(
        Object.entries(outside).map(([name, part]) => [name, typeof part === "function" ? mortal(part) : part]),
      ) as T,
    live: async (wish) => {
      for (;;) {
        const answer = await Promise.race([wish(), killed.promise]);
        if (answer !== KILLED) return answer;
        kills++;
        killed = Promise.withResolvers();
        restart();
      }
    },
  };
}

const KILLED = Symbol("killed");

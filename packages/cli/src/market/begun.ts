/** Something that goes on while other things are done: whoever waits for it is told how it ended, and where nobody does, nobody is. */
export function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

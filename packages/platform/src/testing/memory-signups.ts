import { nextMoment, type Signup } from "../signup/signup.ts";
import type { SignupRecords } from "../signup/signup-records.ts";

/** Signups in memory, for many runs of the simulator; holds what it is given as a database would, as text. */
export interface MemorySignups extends SignupRecords {
  /** All that are kept, in the order in which they began. */
  all(): readonly Signup[];
}

/** Makes it. */
export function createMemorySignups(): MemorySignups {
  const texts = new Map<string, string>();
  const read = (id: string) => {
    const text = texts.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as Signup);
  };
  const all = () => [...texts.keys()].flatMap((id) => read(id) ?? []);
  const write = (id: string, signup: Signup | null) => {
    if (signup === null) texts.delete(id);
    else texts.set(id, JSON.stringify(signup));
  };
  return {
    all,
    get: async (id) => read(id),
    add: async (signup) => write(signup.id, signup),
    update: async (id, change) => {
      const before = read(id);
      const after = before === undefined ? undefined : change(before);
      if (after === before || after === undefined) return before;
      write(id, after);
      return after ?? undefined;
    },
    due: async (until, limit) =>
      all()
        .filter((one) => nextMoment(one) <= until)
        .sort((a, b) => nextMoment(a) - nextMoment(b))
        .slice(0, limit)
        .map(({ id }) => id),
    nextDue: async () => {
      const at = Math.min(...all().map(nextMoment));
      return Number.isFinite(at) ? at : undefined;
    },
    count: async (email, since) => {
      const recent = all().filter((one) => one.email === email && one.at >= since);
      const [first] = recent.map(({ at }) => at).sort((a, b) => a - b);
      return { all: texts.size, recent: recent.length, ...(first !== undefined && { first }) };
    },
  };
}

import type { Journal, KeptEntry } from "@orrery/core";

/** Where a message is that has a number of this journal's own. */
interface Origin {
  readonly journal: Journal;
  readonly id: number;
}

/**
 * Makes one journal of several, of which the first keeps what is new; the others have what their nodes left. One of those is closed once
 * nothing is left in it.
 */
export function joinJournals(own: Journal, left: readonly Journal[]): Journal {
  return left.length === 0 ? own : new JoinedJournal(own, left);
}

/** Owns: the journals, and which numbers stand for messages of the others: those below zero, which no journal gives. */
class JoinedJournal implements Journal {
  readonly #own: Journal;
  readonly #left: Set<Journal>;
  readonly #origins = new Map<number, Origin>();
  readonly #numbers = new Map<Journal, Map<number, number>>();

  constructor(own: Journal, left: readonly Journal[]) {
    this.#own = own;
    this.#left = new Set(left);
  }

  get load() {
    const loads = [this.#own, ...this.#left].map(({ load }) => load);
    const sum = (of: "entries" | "bytes" | "deadLetters") => loads.reduce((all, load) => all + load[of], 0);
    return { entries: sum("entries"), bytes: sum("bytes"), deadLetters: sum("deadLetters") };
  }

  async recall() {
    const recalled = await Promise.all(
      [...this.#left].map(async (journal) => ({ journal, ...(await journal.recall()) })),
    );
    const own = await this.#own.recall();
    const entries = recalled.flatMap(({ journal, entries: found }) =>
      found.map((entry) => this.#renamed(journal, entry)),
    );
    for (const { journal } of recalled) await this.#closeEmpty(journal);
    return {
      entries: [...entries, ...own.entries],
      damage: [...recalled.flatMap(({ damage }) => damage), ...own.damage],
    };
  }

  keep(bytes: Uint8Array) {
    return this.#own.keep(bytes);
  }

  async mark(id: number, mark: Parameters<Journal["mark"]>[1]) {
    const origin = this.#origins.get(id);
    if (origin === undefined) {
      await this.#own.mark(id, mark);
      return;
    }
    await origin.journal.mark(origin.id, mark);
    if (mark === "ended") await this.#closeEmpty(origin.journal);
  }

  async deadLetters() {
    const found = await Promise.all(
      [...this.#left].map(async (journal) =>
        (await journal.deadLetters()).map((letter) => this.#renamed(journal, letter)),
      ),
    );
    return [...found.flat(), ...(await this.#own.deadLetters())];
  }

  async close() {
    await Promise.all([this.#own, ...this.#left].map((journal) => journal.close()));
  }

  /** The same number again for the same message. */
  #renamed<E extends KeptEntry>(journal: Journal, entry: E): E {
    const known = this.#numbers.get(journal) ?? new Map<number, number>();
    this.#numbers.set(journal, known);
    const id = known.get(entry.id) ?? -(this.#origins.size + 1);
    known.set(entry.id, id);
    this.#origins.set(id, { journal, id: entry.id });
    return { ...entry, id };
  }

  async #closeEmpty(journal: Journal): Promise<void> {
    if (journal.load.entries === 0 && this.#left.delete(journal)) await journal.close();
  }
}

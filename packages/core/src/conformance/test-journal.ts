import type { Journal } from "../journal.ts";
import { isOrreryError } from "../orrery-error.ts";
import { expectSame } from "./expect.ts";
import type { JournalBounds, JournalHarness, JournalMedium } from "./journal-harness.ts";

/** What a case does with: a medium, and lives that follow one another on it. */
interface JournalBench {
  readonly medium: JournalMedium;
  /** Begins a life; the one before has ended. */
  readonly begin: (bounds?: JournalBounds) => Promise<Journal>;
  readonly crash: () => Promise<void>;
  readonly settle: <T>(something: Promise<T>) => Promise<T>;
}

interface JournalCase {
  readonly name: string;
  run(bench: JournalBench): Promise<void>;
}

const CASES: readonly JournalCase[] = [
  {
    name: "recalls what was kept and has not ended, in the order in which it was kept",
    async run({ begin, settle }) {
      const journal = await begin();
      expectSame((await settle(journal.recall())).entries, [], "an empty journal");
      const ids = await settle(Promise.all(Array.from({ length: 50 }, (_, at) => journal.keep(bodyOf(at)))));
      expectSame(ids, ids.toSorted(byNumber), "the numbers");
      const ended = ids.filter((_, at) => at % 3 === 0);
      await settle(Promise.all(ended.map((id) => journal.mark(id, "ended"))));
      expectSame(journal.load.entries, ids.length - ended.length, "what it holds");
      await settle(journal.close());
      const wanted = ids.flatMap((id, at) => (ended.includes(id) ? [] : [`${id}: ${textOf(bodyOf(at))}`]));
      for (let life = 0; life < 3; life++) {
        const next = await begin();
        const { entries, damage } = await settle(next.recall());
        expectSame(
          entries.map(({ id, bytes }) => `${id}: ${textOf(bytes)}`),
          wanted,
          "what is recalled",
        );
        expectSame(damage, [], "the damage");
        const id = await settle(next.keep(bodyOf(life)));
        expectSame(id > Math.max(...ids), true, "a number of a later life is larger");
        wanted.push(`${id}: ${textOf(bodyOf(life))}`);
        await settle(next.close());
      }
    },
  },
  {
    name: "loses nothing in a crash that it said was kept",
    async run({ begin, crash, settle }) {
      const kept: number[] = [];
      for (let life = 0; life < 10; life++) {
        const journal = await begin({ segmentBytes: 300 });
        const { entries } = await settle(journal.recall());
        expectSame(
          kept.filter((id) => !entries.some((entry) => entry.id === id)),
          [],
          `lost in life ${life}`,
        );
        for (let at = 0; at < life; at++)
          void journal.keep(bodyOf(at)).then(
            (id) => kept.push(id),
            () => undefined,
          );
        await settle(journal.keep(bodyOf(life)).then((id) => kept.push(id)));
        void journal.keep(bodyOf(life)).catch(() => undefined); // Nobody is told whether it is there.
        await crash();
      }
      expectSame(kept.length >= 10, true, "messages that were kept");
    },
  },
  {
    name: "counts how often the handling of a message was begun again",
    async run({ begin, settle }) {
      let journal = await begin();
      await settle(journal.recall());
      const id = await settle(journal.keep(bodyOf(1)));
      for (let life = 1; life <= 4; life++) {
        await settle(journal.mark(id, "begun"));
        await settle(journal.close());
        journal = await begin();
        expectSame(
          (await settle(journal.recall())).entries.map(({ repeats }) => repeats),
          [life],
          "the repeats",
        );
      }
      await settle(journal.close());
    },
  },
  {
    name: "keeps dead letters apart until their end is marked",
    async run({ begin, settle }) {
      const first = await begin();
      await settle(first.recall());
      const id = await settle(first.keep(bodyOf(7)));
      await settle(first.mark(id, { dead: "it never ended" }));
      expectSame(first.load.deadLetters, 1, "dead letters");
      await settle(first.close());
      const second = await begin();
      expectSame((await settle(second.recall())).entries, [], "what is recalled");
      const [letter, ...others] = await settle(second.deadLetters());
      expectSame(
        [letter?.id, letter?.why, textOf(letter?.bytes)],
        [id, "it never ended", textOf(bodyOf(7))],
        "the letter",
      );
      expectSame(others, [], "others");
      await settle(second.mark(id, "ended"));
      await settle(second.close());
      const third = await begin();
      await settle(third.recall());
      expectSame(third.load, { entries: 0, bytes: 0, deadLetters: 0 }, "what it holds");
      await settle(third.close());
    },
  },
  {
    name: "refuses what is beyond its bounds, and never recalls it",
    async run({ begin, settle }) {
      const journal = await begin({ entriesMax: 3, bytesMax: 1000 });
      await settle(journal.recall());
      const [first = 0] = await settle(Promise.all([1, 2, 3].map((at) => journal.keep(bodyOf(at)))));
      await expectRefused(settle(journal.keep(bodyOf(4))));
      await settle(journal.mark(first, "ended"));
      await expectRefused(settle(journal.keep(new Uint8Array(1000))));
      await settle(journal.keep(bodyOf(5)));
      await settle(journal.close());
      await expectRefused(settle(journal.keep(bodyOf(6))));
      const next = await begin({ entriesMax: 3, bytesMax: 1000 });
      const { entries } = await settle(next.recall());
      expectSame(
        entries.map(({ bytes }) => textOf(bytes)),
        [2, 3, 5].map((at) => textOf(bodyOf(at))),
        "what is recalled",
      );
      await expectRefused(settle(next.keep(bodyOf(7))));
      await settle(next.close());
    },
  },
  {
    name: "gives back the room of what has ended, though one message stays for ever",
    async run({ begin, medium, settle }) {
      const journal = await begin({ segmentBytes: 1000, spentBytesMax: 5000 });
      await settle(journal.recall());
      const stays = await settle(journal.keep(bodyOf(0)));
      for (let round = 0; round < 300; round++) {
        const id = await settle(journal.keep(new Uint8Array(200)));
        await settle(journal.mark(id, "ended"));
      }
      await settle(journal.keep(bodyOf(1)));
      const taken = await medium.bytes();
      expectSame(taken < 10_000, true, `${taken} bytes are within bounds`);
      await settle(journal.close());
      const next = await begin();
      const { entries } = await settle(next.recall());
      expectSame([entries[0]?.id, entries.length], [stays, 2], "what is recalled");
      await settle(next.close());
    },
  },
  {
    name: "cuts off the end of a write that a crash has torn, and nothing else",
    async run({ begin, medium, settle }) {
      for (let cut = 1; cut < 30; cut += 4) {
        const journal = await begin();
        const before = (await settle(journal.recall())).entries.length;
        await settle(journal.keep(bodyOf(1)));
        await settle(journal.keep(bodyOf(2)));
        await settle(journal.close());
        await medium.change((bytes) => bytes.subarray(0, bytes.length - cut));
        const next = await begin();
        const { entries, damage } = await settle(next.recall());
        expectSame([entries.length, damage], [before + 1, []], `what is recalled with ${cut} bytes less`);
        await settle(next.close());
      }
    },
  },
  {
    name: "reads around damage, says so, and sets what is damaged aside",
    async run({ begin, medium, settle }) {
      const journal = await begin();
      await settle(journal.recall());
      for (const at of [1, 2, 3, 4]) await settle(journal.keep(bodyOf(at)));
      await settle(journal.close());
      const name = await medium.change((bytes) => {
        const changed = bytes.slice();
        const at = Math.floor(bytes.length * 0.4); // Within the second of four.
        changed[at] = (changed[at] ?? 0) ^ 0xff;
        return changed;
      });
      const next = await begin();
      const { entries, damage } = await settle(next.recall());
      expectSame(
        entries.map(({ bytes }) => textOf(bytes)),
        [1, 3, 4].map((at) => textOf(bodyOf(at))),
        "what is recalled",
      );
      expectSame([damage.length, damage[0]?.includes(name)], [1, true], "the damage");
      expectSame(
        (await medium.names()).filter((file) => file.endsWith(".damaged")),
        [`${name}.damaged`],
        "what is set aside",
      );
      await settle(next.close());
      const last = await begin();
      const again = await settle(last.recall());
      expectSame([again.entries.length, again.damage], [3, []], "the next life");
      await settle(last.close());
    },
  },
];

/**
 * Registers a test for every promise that a journal makes. `name` begins each test's name.
 * @example
 * testJournal("createFileJournal", { test, createMedium: () => folderMedium() });
 */
export function testJournal(name: string, harness: JournalHarness): void {
  const settle = harness.settle ?? (<T>(something: Promise<T>) => something);
  for (const { name: promise, run } of CASES) {
    harness.test(`${name} ${promise}`, { skip: false, timeout: 20_000 }, async () => {
      await using medium = await harness.createMedium();
      let crashNow: () => Promise<void> | void = () => undefined;
      await run({
        medium,
        settle,
        async begin(bounds = {}) {
          const life = await medium.open(bounds);
          crashNow = () => life.crash();
          return life.journal;
        },
        crash: async () => await crashNow(),
      });
    });
  }
}

/** Bodies of different lengths, as texts. */
function bodyOf(number: number): Uint8Array {
  return new TextEncoder().encode(`message ${number} ${"x".repeat(number * 3)}`);
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

function byNumber(a: number, b: number): number {
  return a - b;
}

async function expectRefused(kept: Promise<number>): Promise<void> {
  const error = await kept.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expectSame(isOrreryError(error) ? error.code : "kept", "resource_exhausted", "the refusal");
}

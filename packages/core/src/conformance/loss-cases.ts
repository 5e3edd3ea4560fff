import { type Call, type Outcome, outcomeOf } from "../outcome.ts";
import type { Bench } from "./bench.ts";
import type { ConformanceCase } from "./case.ts";
import { expect, expectSame } from "./expect.ts";
import { createLossyTransport, type LossyOptions } from "./lossy-transport.ts";
import { Probe } from "./probe.ts";
import { createSeededRandom } from "./seeded-random.ts";

const CALLS = 300;

type Faults = Pick<LossyOptions, "lose" | "repeat" | "delay">;

const MEDIA: readonly { readonly what: string; readonly faults: Faults; readonly seed: number }[] = [
  { what: "loses messages", faults: { lose: 0.2 }, seed: 1 },
  { what: "repeats messages", faults: { repeat: 0.5 }, seed: 2 },
  { what: "reorders messages", faults: { delay: 0.3 }, seed: 3 },
  { what: "loses, repeats and reorders messages", faults: { lose: 0.1, repeat: 0.3, delay: 0.2 }, seed: 4 },
];

async function overLossy(bench: Bench, faults: Faults, seed: number) {
  const random = createSeededRandom(seed);
  const lossy = () => createLossyTransport(bench.harness.createTransport(), { random, clock: bench.clock, ...faults });
  const server = await bench.serve({ transport: lossy(), streams: "beside" });
  server.release();
  const client = bench.client([server.address], { transports: [lossy()] });
  // What is counted begins on a connection that is up; the first words may be lost like all others.
  let first = "";
  while (first !== "reply")
    first = (await outcomeOf(client.client(Probe).echo(new Uint8Array(0), { timeoutMs: 1000 }))).kind;
  // Where something is lost, calls must end in time; where nothing is, none may.
  return { server, client, timeoutMs: faults.lose === undefined ? 15_000 : 500 };
}

/** Counts how often a call ends. */
function endingsOf(call: Call<unknown>): { readonly outcome: Promise<Outcome<unknown>>; count: number } {
  const ending = { outcome: outcomeOf(call), count: 0 };
  const end = () => ending.count++;
  call.then(end, end);
  return ending;
}

/** One outcome each, whatever the medium does. A failing case is replayed by its seed, which stands here. */
export const LOSS_CASES: readonly ConformanceCase[] = MEDIA.flatMap(({ what, faults, seed }): ConformanceCase[] => [
  {
    name: `ends every call exactly once over a medium that ${what}`,
    async run(bench) {
      const { server, client, timeoutMs } = await overLossy(bench, faults, seed);
      const probe = client.client(Probe);
      const calls = Array.from({ length: CALLS }, (_, index) => endingsOf(probe.say(index, { timeoutMs })));
      const outcomes = await Promise.all(calls.map((call) => call.outcome));
      const runs = Map.groupBy(server.events.items, ({ value }) => value);
      for (const [index, outcome] of outcomes.entries()) {
        expectSame(calls[index]?.count, 1, `endings of call ${index}`);
        const ran = runs.get(index)?.length ?? 0;
        if (outcome.kind === "reply") {
          expectSame(outcome.value, index, "the reply");
          expect(ran > 0, `call ${index}, which was answered, to have run`);
        } else {
          expect(faults.lose !== undefined, `no failure where nothing is lost, got ${outcome.error.message}`);
          expectSame([outcome.kind, outcome.definite], ["timeout", false], `the outcome of call ${index}`);
        }
        expect(faults.repeat !== undefined || ran <= 1, `call ${index} to run at most once`);
      }
      expect(
        outcomes.some(({ kind }) => kind === "reply"),
        "some calls to be answered",
      );
      if (faults.lose !== undefined)
        expect(
          outcomes.some(({ kind }) => kind === "timeout"),
          "some calls to be lost",
        );
      if (faults.repeat !== undefined)
        expect(
          [...runs.values()].some((of) => of.length > 1),
          "some calls to run twice",
        );
    },
  },
  {
    name: `ends every ticket and stream exactly once over a medium that ${what}`,
    async run(bench) {
      const { client, timeoutMs } = await overLossy(bench, faults, seed + 100);
      const tickets = Array.from({ length: 100 }, (_, index) =>
        endingsOf(client.send(Probe).note(String(index), { timeoutMs }).accepted),
      );
      const streams = Array.from({ length: 20 }, () =>
        endingsOf(readAll(client.client(Probe).count({ to: 30 }, { credit: 8, timeoutMs: 800, idleMs: 300 }))),
      );
      const endings = [...tickets, ...streams];
      const kinds = await Promise.all(endings.map(async ({ outcome }) => (await outcome).kind));
      expect(
        endings.every(({ count }) => count === 1),
        "one ending each",
      );
      if (faults.lose === undefined)
        expect(
          kinds.slice(0, 100).every((kind) => kind === "reply"),
          "every ticket to be accepted",
        );
    },
  },
]);

async function readAll(stream: AsyncIterable<number>): Promise<number> {
  let count = 0;
  for await (const _item of stream) count++;
  return count;
}

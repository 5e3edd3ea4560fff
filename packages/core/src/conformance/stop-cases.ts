import type { ClientNode } from "../node.ts";
import { type Call, type Outcome, outcomeOf } from "../outcome.ts";
import type { Bench, Server } from "./bench.ts";
import type { ConformanceCase } from "./case.ts";
import { expect, expectSame } from "./expect.ts";
import { Probe } from "./probe.ts";

const CALLERS = 4;
/** Calls of one caller that are open at once. */
const OPEN = 8;
/** Calls that are answered before the node stops. */
const BEFORE = 100;
/** Calls that a caller still makes after it was refused for the first time. */
const AFTER = 20;

/** What callers see, and do, until their node has stopped. */
interface Load {
  readonly ends: Map<string, Promise<Outcome<unknown>>>;
  /** Ends what waits for a node that does not come back. */
  readonly over: AbortController;
  replies: number;
}

/** What nodes owe to one another when one of them stops in order. */
export const STOP_CASES: readonly ConformanceCase[] = [
  {
    name: "ends every call for certain when its node stops under load, and runs what it answers once",
    run: (bench) =>
      stopUnderLoad(bench, "say", (client, id, signal) => client.client(Probe).say(id, { signal, timeoutMs: 15_000 })),
  },
  {
    name: "ends every one-way message for certain when its node stops under load, and runs what it accepts once",
    run: (bench) =>
      stopUnderLoad(
        bench,
        "note",
        (client, id, signal) => client.send(Probe).note(id, { signal, timeoutMs: 15_000 }).accepted,
      ),
  },
  {
    name: "ends every stream for certain when its node stops under load",
    async run(bench) {
      const server = await bench.serve({ streams: "beside" });
      const read = async (client: ClientNode, signal: AbortSignal) => {
        let last = 0;
        for await (const item of client.client(Probe).count({ to: 5 }, { signal, credit: 2 })) last = item;
        return last;
      };
      const load = await underLoad(bench, server, (client, _id, signal) => read(client, signal) as Call<unknown>);
      for (const [id, outcome] of load) {
        if (outcome.kind === "reply") expectSame(outcome.value, 5, `the last item of stream ${id}`);
        else expect(outcome.definite, `stream ${id} to end for certain, got: ${outcome.error.message}`);
      }
    },
  },
];

async function stopUnderLoad(bench: Bench, what: "say" | "note", begin: Begin): Promise<void> {
  const server = await bench.serve();
  server.release();
  const outcomes = await underLoad(bench, server, begin);
  const runs = Map.groupBy(
    server.events.items.filter((event) => event.what === what),
    ({ value }) => value,
  );
  for (const [id, outcome] of outcomes) {
    if (outcome.kind !== "reply")
      expect(outcome.definite, `call ${id} to end for certain, got: ${outcome.error.message}`);
    expectSame(runs.get(id)?.length ?? 0, outcome.kind === "reply" ? 1 : 0, `runs of call ${id}, a ${outcome.kind}`);
  }
}

type Begin = (client: ClientNode, id: string, signal: AbortSignal) => Call<unknown>;

/** Lets callers call without a pause, stops the node in the midst of it, and gives the end of each call. */
async function underLoad(bench: Bench, server: Server, begin: Begin): Promise<Map<string, Outcome<unknown>>> {
  const load: Load = { ends: new Map(), over: new AbortController(), replies: 0 };
  const clients = Array.from({ length: CALLERS }, () => bench.client([server.address]));
  const busy = Promise.withResolvers<void>();
  const onReply = () => {
    if (++load.replies === BEFORE) busy.resolve();
  };
  const calling = clients.map((client, index) =>
    callOn(load, onReply, (id) => begin(client, `${index}-${id}`, load.over.signal), index),
  );
  await busy.promise;
  await server.node.stop();
  load.over.abort();
  await Promise.all(calling);
  const outcomes = new Map<string, Outcome<unknown>>();
  for (const [id, end] of load.ends) outcomes.set(id, await end);
  const refused = [...outcomes.values()].filter(({ kind }) => kind !== "reply").length;
  expect(refused > 0, "some calls to come after the stop began");
  return outcomes;
}

/** Calls again and again, with some calls open at once, until one is refused; then a few times more at once. */
async function callOn(
  load: Load,
  onReply: () => void,
  begin: (id: number) => Call<unknown>,
  caller: number,
): Promise<void> {
  let isRefused = false;
  const one = (id: number) => {
    const end = outcomeOf(begin(id));
    load.ends.set(`${caller}-${id}`, end);
    return end.then(({ kind }) => {
      if (kind === "reply") onReply();
      else isRefused = true;
    });
  };
  const open: Promise<void>[] = [];
  let id = 0;
  for (; !isRefused && !load.over.signal.aborted; id++) {
    open.push(one(id));
    if (open.length >= OPEN) await open.shift();
  }
  for (const last = id + AFTER; id < last; id++) open.push(one(id));
  await Promise.all(open);
}

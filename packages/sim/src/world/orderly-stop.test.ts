import { describe, it } from "node:test";
import { type Call, defineComponent, defineService, json, type Outcome, outcomeOf } from "@orrery/core";
import { assertHolds } from "../explore/replay.ts";
import { defineScenario } from "../explore/scenario.ts";
import type { LinkModel } from "../network/link-model.ts";
import { createDiskJournal } from "./disk-journal.ts";
import type { ModelNode } from "./model-node.ts";
import type { World } from "./world.ts";

const RUNS = process.env["ORRERY_LONG"] === undefined ? 40 : 10_000;
const CALLERS = ["ann", "bob", "cid"];
const STEPS = 60;
const STOP_AT_MS = 60;
/** A call that finds nobody waits so long. */
const TIMEOUT_MS = 400;
/** What one message may take on its way, and a handler to its end. */
const WAY_MS = 25;
const WORK_MS = 10;
/** Less than is waited for a peer that does not answer: the work that is left, then two ways there and back. */
const STOP_MS_MAX = 500;

const Desk = defineService("desk", {
  ask: { request: json<{ id: string }>(), reply: json<{ by: string }>() },
  note: { mode: "async", request: json<{ id: string }>() },
  feed: { mode: "stream", request: json<{ id: string }>(), reply: json<number>() },
});

interface Try {
  readonly id: string;
  /** The piece of work, which may be tried again. */
  readonly piece: string;
  readonly outcome: Outcome<unknown>;
}

interface Seen {
  /** Handlers that began, by the try that they were for. */
  readonly runs: Map<string, number>;
  readonly tries: Try[];
  /** Tries that have not ended. */
  open: number;
  stopMs: number;
}

function desk(seen: Seen, by: string, world: World) {
  const begin = (id: string) => seen.runs.set(id, (seen.runs.get(id) ?? 0) + 1);
  const work = () => world.draw(`${by} works`).integer(WORK_MS);
  return defineComponent(
    Desk,
    () => ({
      async ask({ id }, { clock }) {
        begin(id);
        await clock.sleep(work());
        return { by };
      },
      async note({ id }, { clock }) {
        begin(id);
        await clock.sleep(work());
      },
      async *feed({ id }, { clock, signal }) {
        begin(id);
        for (let at = 0; at < 5; at++) {
          yield at;
          await clock.sleep(work(), signal);
        }
      },
    }),
    { instances: 4, streams: "beside" },
  );
}

function begin(node: ModelNode, mode: number, id: string): Call<unknown> {
  const options = { timeoutMs: TIMEOUT_MS };
  if (mode === 0) return node.life.send(Desk).note({ id }, options).accepted;
  if (mode > 1) return node.life.client(Desk).ask({ id }, options);
  const read = async () => {
    let count = 0;
    for await (const _ of node.life.client(Desk).feed({ id }, options)) count++;
    return count;
  };
  return read() as Call<unknown>;
}

/** Tries a piece of work again for as long as it was refused for certain because somebody is going. */
async function persist(seen: Seen, node: ModelNode, mode: number, piece: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const id = `${piece}#${attempt}`;
    seen.open++;
    const outcome = await outcomeOf(begin(node, mode, id));
    seen.open--;
    seen.tries.push({ id, piece, outcome });
    if (outcome.kind === "reply" || outcome.error.reason !== "draining") return;
  }
}

/** Desks, of which the first stops while everybody asks, notes and reads. */
function office(world: World, desks: readonly string[]): Seen {
  const seen: Seen = { runs: new Map(), tries: [], open: 0, stopMs: 0 };
  for (const name of desks) world.node(name, { components: [desk(seen, name, world)] });
  for (const name of CALLERS)
    world.node(name, {
      async run(node) {
        const draw = world.draw(`${name} waits`);
        const all: Promise<void>[] = [];
        for (let step = 0; step < STEPS; step++) {
          await node.clock.sleep(draw.integer(5));
          all.push(persist(seen, node, draw.integer(6), `${name}-${step}`));
        }
        await Promise.all(all);
        await node.clock.sleep(100); // What was accepted comes to its turn.
      },
    });
  world.node("boss", {
    async run({ clock }) {
      await clock.sleep(STOP_AT_MS + world.draw("boss waits").integer(60));
      const beganMs = clock.monotonic();
      await world.nodes.get(desks[0] ?? "")?.life.stop();
      seen.stopMs = clock.monotonic() - beganMs;
    },
  });
  return seen;
}

/** Every try has an end that is certain, and ran once where it was answered; a refused one never ran. */
function judge(seen: Seen, isOneLeft: boolean): true | string {
  if (seen.open > 0) return `${seen.open} calls have no outcome`;
  for (const { id, outcome } of seen.tries) {
    const runs = seen.runs.get(id) ?? 0;
    if (outcome.kind === "reply") {
      if (runs !== 1) return `${id} was answered and ran ${runs} times`;
      continue;
    }
    const { message, reason } = outcome.error;
    if (!outcome.definite) return `${id} ended uncertain: ${message}`;
    // A feed that was begun ends by an error of its own.
    if (runs > (outcome.kind === "error" ? 1 : 0)) return `${id} ran and was refused: ${message}`;
    if (isOneLeft && reason !== "draining" && outcome.kind !== "error") return `${id} ended so: ${message}`;
  }
  const pieces = Map.groupBy(seen.tries, ({ piece }) => piece);
  const refused = [...pieces.values()].filter((tries) => tries.at(-1)?.outcome.kind === "bounced");
  if (isOneLeft && refused.length > 0) return `${refused.length} found the other desk in none of five tries`;
  if (pieces.size !== CALLERS.length * STEPS) return `${pieces.size} pieces of work were tried`;
  return seen.stopMs < STOP_MS_MAX || `to stop took ${seen.stopMs} ms`;
}

const LINKS: readonly { readonly what: string; readonly link: LinkModel }[] = [
  { what: "a quick network", link: { latency: { kind: "uniform", minMs: 0.1, maxMs: 1 } } },
  { what: "a slow network", link: { latency: { kind: "uniform", minMs: 1, maxMs: WAY_MS } } },
  {
    what: "a network that changes the order",
    link: { latency: { kind: "uniform", minMs: 1, maxMs: 5 }, reorder: { share: 0.3, byMs: WAY_MS } },
  },
];

for (const { what, link } of LINKS) {
  for (const desks of [["a", "b"], ["a"]]) {
    const scenario = defineScenario(`one of ${desks.length} stops over ${what}`, {
      world: { link },
      setup: (world) => office(world, desks),
      check: (seen) => judge(seen, desks.length > 1),
    });
    describe("Node.stop", () => {
      it(`leaves no call of an uncertain end over ${what}, with ${desks.length - 1} others to serve`, async () =>
        assertHolds(scenario, { runs: RUNS, strategies: ["seeds"] }));
    });
  }
}

const Orders = defineService("orders", {
  place: { mode: "async", keep: true, request: json<{ id: string }>() },
});

interface Ledger {
  readonly accepted: Set<string>;
  readonly refused: Set<string>;
  readonly uncertain: string[];
  readonly begun: Set<string>;
  readonly ended: Set<string>;
}

/** A shop that keeps its orders, stops with more of them than it has time for, and is started again on its disk. */
function keptShop(world: World): Ledger {
  const ledger: Ledger = { accepted: new Set(), refused: new Set(), uncertain: [], begun: new Set(), ended: new Set() };
  const orders = defineComponent(Orders, () => ({
    async place({ id }, { clock }) {
      ledger.begun.add(id);
      await clock.sleep(WORK_MS);
      ledger.ended.add(id);
    },
  }));
  const shop = world.node("shop", { components: [orders], journal: ({ disk }) => createDiskJournal(disk) });
  for (const name of CALLERS)
    world.node(name, {
      async run({ life, clock }) {
        const all: Promise<void>[] = [];
        for (let step = 0; step < STEPS; step++) {
          await clock.sleep(world.draw(`${name} waits`).integer(5));
          const id = `${name}-${step}`;
          all.push(
            outcomeOf(life.send(Orders).place({ id }, { timeoutMs: TIMEOUT_MS }).accepted).then((outcome) => {
              if (outcome.kind === "reply") ledger.accepted.add(id);
              else if (outcome.definite) ledger.refused.add(id);
              else ledger.uncertain.push(`${id}: ${outcome.error.message}`);
            }),
          );
        }
        await Promise.all(all);
      },
    });
  world.node("boss", {
    async run({ clock }) {
      await clock.sleep(100 + world.draw("boss waits").integer(40));
      await shop.life.stop({ timeoutMs: 50 });
      await clock.sleep(TIMEOUT_MS);
      await shop.restart();
    },
  });
  return ledger;
}

const keeping = defineScenario<Ledger>("a shop stops with orders that it has kept", {
  world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: WAY_MS } } },
  setup: keptShop,
  eventually: { "every accepted order is handled": ({ accepted, ended }) => accepted.isSubsetOf(ended) },
  check({ accepted, refused, uncertain, begun }) {
    if (uncertain.length > 0) return `uncertain: ${uncertain[0]}`;
    const undone = [...refused].filter((id) => begun.has(id));
    if (undone.length > 0) return `${undone[0]} was refused for certain, and begun`;
    return accepted.size > 0 || "no order was accepted";
  },
});

describe("Node.stop", () => {
  it("accepts kept messages for certain or not at all, and the next life handles those that it had no time for", async () =>
    assertHolds(keeping, { runs: RUNS, strategies: ["seeds"] }));
});

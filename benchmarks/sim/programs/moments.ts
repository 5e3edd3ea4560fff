import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld, type World } from "@orrery/sim";
import type { Counts, ProgramFactory } from "../program.ts";

const HOUR_MS = 3_600_000;
const CALLERS = 20;
/** Sleeps of a caller in its hour: with two deliveries and a timer for each, 100,000 events in all. */
const SLEEPS = 1667;
const TIMEOUTS = 10_000;
const TIMEOUT_MS = 30_000;

const Echo = defineService("echo", { echo: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });
const Silence = defineService("silence", { ask: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });

const echo = defineComponent(Echo, () => ({ echo: async (request) => request }));
/** One inbox takes 4,096 messages. */
const silence = defineComponent(Silence, () => ({ ask: () => new Promise<{ n: number }>(() => undefined) }), {
  instances: 4,
});

/** What a test does once, in a process that has done nothing before: making the world is counted. The variant says what. */
export const program: ProgramFactory = ({ size, variant }) => {
  const run = { hour, timeouts, nodes }[variant];
  if (run === undefined) throw new Error(`there is no moment "${variant}"`);
  return { run: () => run(size) };
};

/** An hour of 20 callers and a server, 100,000 events. */
async function hour(): Promise<Counts> {
  await using world = createWorld({ seed: 1 });
  world.node("server", { components: [echo] });
  for (let caller = 0; caller < CALLERS; caller++) {
    world.node(`caller-${caller}`, {
      async run({ life, clock }) {
        for (let n = 0; n < SLEEPS; n++) {
          await clock.sleep(HOUR_MS / SLEEPS);
          await life.client(Echo).echo({ n });
        }
      },
    });
  }
  await world.finish({ withinMs: 2 * HOUR_MS });
  return { events: world.trace.length, seconds: world.elapsedMs / 1000 };
}

/** Calls that nobody answers, all open at once. */
async function timeouts(): Promise<Counts> {
  await using world = createWorld({ seed: 1 });
  world.node("server", { components: [silence] });
  const client = world.node("client").life.client(Silence);
  await world.start();
  const calls = Array.from({ length: TIMEOUTS }, (_, n) => outcomeOf(client.ask({ n }, { timeoutMs: TIMEOUT_MS })));
  const outcomes = await world.settle(Promise.all(calls));
  return { timeouts: outcomes.filter(({ kind }) => kind === "timeout").length };
}

/** Nodes with a component each, until all are up. */
async function nodes(size: number): Promise<Counts> {
  await using world = createWorld({ seed: 1 });
  await startNodes(world, size);
  return { nodes: size };
}

async function startNodes(world: World, count: number): Promise<void> {
  for (let node = 0; node < count; node++) world.node(`node-${node}`, { components: [echo] });
  await world.start();
}

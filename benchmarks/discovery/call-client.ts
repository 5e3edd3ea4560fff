// A process that calls `echo` by fixed addresses and by discovery, in turns, and prints what a call took, as JSON.
import { createClient, createTableDirectory, defineService, json } from "@orrery/core";
import { createGossipDirectory, createLimits, createMeshClient } from "@orrery/mesh";
import { createZmqTransport } from "@orrery/zmq";
import { median } from "../lib/statistics.ts";

const [roundsText = "", lanesText = "", ...addresses] = process.argv.slice(2);
const lanes = Number(lanesText);
const calls = lanes === 1 ? 1_000 : 10_000;
/** Rounds that are not counted: code and connections are fresh. */
const WARM_UP = 3;

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const fixed = addresses.map((address) =>
  createClient({ transports: [createZmqTransport()], directory: createTableDirectory({ echo: [address] }) }).client(
    Echo,
  ),
);
const directory = createGossipDirectory({ seeds: addresses.slice(0, 1) });
const limits = createLimits({
  horizons: { network: { scope: "network", distanceMs: 100 } },
  throttles: [{ name: "all", perSecond: 1e9, concurrency: 1e6 }],
});
const found = (await createMeshClient({ directory, limits })).client(Echo);
const options = { version: "^1.0.0" };

type Say = (lane: number) => Promise<unknown>;
const request = { text: "hello" };
const ways: readonly Say[] = [
  (lane) => (fixed[lane % fixed.length] as (typeof fixed)[number]).say(request),
  () => found.say(request, options),
];

await found.say(request, options);
const known = () => directory.members().filter(({ status }) => status === "alive").length;
while (known() < addresses.length) await new Promise((resolve) => setTimeout(resolve, 20));

const times: [number[], number[]] = [[], []];
for (let round = 0; round < Number(roundsText) + WARM_UP; round++)
  for (const which of [0, 1] as const) {
    const took = await nanosPerCall(ways[which] as Say);
    if (round >= WARM_UP) times[which].push(took);
  }
process.stdout.write(`${JSON.stringify({ fixed: median(times[0]), found: median(times[1]) })}\n`);
process.exit(0);

async function nanosPerCall(say: Say): Promise<number> {
  const startMs = performance.now();
  const run = async (lane: number) => {
    for (let call = 0; call < calls / lanes; call++) await say(lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
  return ((performance.now() - startMs) * 1e6) / calls;
}

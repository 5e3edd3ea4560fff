// node --conditions=source benchmarks/programs/limits.ts: what limits cost a call, against the same call to a fixed address without any.
import {
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  json,
} from "@orrery/core";
import { createDistances, createLimits } from "@orrery/mesh";

const CALLS = 20_000;
const LANES = 16;
const ROUNDS = 15;
const PLACES = 8;

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const hub = createMemoryHub();
const addresses = Array.from({ length: PLACES }, (_, index) => `memory://echo-${index}`);
const nodes = addresses.map((address) =>
  createNode({
    components: [defineComponent(Echo, () => ({ say: (request) => request }))],
    transports: [hub.transport({})],
    listen: [address],
  }),
);
for (const node of nodes) await node.start();

const plain = { transports: [hub.transport({})] };
const distances = createDistances();
for (const address of addresses)
  distances.add(address, { sentMs: 0, roundTripMs: 1, peerMs: 0, sentWallMs: 0, peerWallMs: undefined });
const few = { flow: "nightly", perSecond: 10 };
const contestants = [
  ["fixed address", createClient({ ...plain, directory: createTableDirectory({ echo: addresses.slice(0, 1) }) })],
  [
    "8 addresses",
    createClient({ ...plain, transports: [hub.transport({})], directory: createTableDirectory({ echo: addresses }) }),
  ],
  [
    "8, breakers",
    createClient({
      transports: [hub.transport({})],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits(),
    }),
  ],
  [
    "8, horizon, breakers",
    createClient({
      transports: [hub.transport({})],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits({ distances, horizons: { network: { scope: "network", distanceMs: 100 } } }),
    }),
  ],
  [
    "8, horizon, throttles, breakers",
    createClient({
      transports: [hub.transport({})],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits({
        distances,
        horizons: { network: { scope: "network", distanceMs: 100 } },
        throttles: [
          { name: "night", ...few },
          { name: "all", perSecond: 1e9, concurrency: 1e6 },
        ],
      }),
    }),
  ],
] as const;

async function perCall(client: ReturnType<typeof createClient>): Promise<number> {
  const echo = client.client(Echo);
  const request = { text: "hello" };
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let call = 0; call < CALLS / LANES; call++) await echo.say(request);
    }),
  );
  return ((performance.now() - startMs) * 1e6) / CALLS;
}

const times = contestants.map((): number[] => []);
for (let round = 0; round < ROUNDS + 3; round++)
  for (const [index, [, client]] of contestants.entries()) {
    const nanos = await perCall(client);
    if (round >= 3) times[index]?.push(nanos);
  }
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const base = median(times[0] ?? []);
for (const [index, [name]] of contestants.entries()) {
  const nanos = median(times[index] ?? []);
  console.log(
    `${name.padEnd(34)} ${nanos.toFixed(0).padStart(6)} ns a call, ${(base / nanos).toFixed(2)} of the first`,
  );
}
for (const [, client] of contestants) await client.stop();
for (const node of nodes) await node.stop({ timeoutMs: 0 });

// node --conditions=source benchmarks/programs/limits.ts [--tcp]: what limits cost a call, against the same call to a fixed address without
// any. Both sides are in this process; with --tcp they talk over sockets, else hand messages over.
import {
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  json,
} from "@orrery/core";
import { createDistances, createLimits, type LimitsOptions } from "@orrery/mesh";
import { createZmqTransport } from "@orrery/zmq";
import { median } from "../lib/statistics.ts";

const CALLS = 10_000;
const LANES = 16;
const ROUNDS = 15;
const PLACES = 8;

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const hub = createMemoryHub();
const isTcp = process.argv.includes("--tcp");
const carrier = () => (isTcp ? createZmqTransport() : hub.transport({}));
const listen = (index: number) => (isTcp ? "tcp://127.0.0.1:0" : `memory://echo-${index}`);
const nodes = Array.from({ length: PLACES }, (_, index) =>
  createNode({
    components: [defineComponent(Echo, () => ({ say: (request) => request }))],
    transports: [carrier()],
    listen: [listen(index)],
  }),
);
for (const node of nodes) await node.start();
const addresses = nodes.map((node) => node.addresses[0] ?? "");

const plain = { transports: [carrier()] };
const distances = createDistances();
for (const address of addresses)
  distances.add(address, { sentMs: 0, roundTripMs: 1, peerMs: 0, sentWallMs: 0, peerWallMs: undefined });
const few = { flow: "nightly", perSecond: 10 };
const allLimits = (): LimitsOptions => ({
  distances,
  horizons: { network: { scope: "network", distanceMs: 100 } },
  throttles: [
    { name: "night", ...few },
    { name: "all", perSecond: 1e9, concurrency: 1e6 },
  ],
});
const contestants = [
  ["fixed address", createClient({ ...plain, directory: createTableDirectory({ echo: addresses.slice(0, 1) }) })],
  [
    "1, horizon, throttles, breakers",
    createClient({
      transports: [carrier()],
      directory: createTableDirectory({ echo: addresses.slice(0, 1) }),
      limits: createLimits(allLimits()),
    }),
  ],
  [
    "8 addresses",
    createClient({ ...plain, transports: [carrier()], directory: createTableDirectory({ echo: addresses }) }),
  ],
  [
    "8, breakers",
    createClient({
      transports: [carrier()],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits(),
    }),
  ],
  [
    "8, horizon, breakers",
    createClient({
      transports: [carrier()],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits({ distances, horizons: { network: { scope: "network", distanceMs: 100 } } }),
    }),
  ],
  [
    "8, horizon, throttles, breakers",
    createClient({
      transports: [carrier()],
      directory: createTableDirectory({ echo: addresses }),
      limits: createLimits(allLimits()),
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
const base = median(times[0] ?? []);
for (const [index, [name]] of contestants.entries()) {
  const nanos = median(times[index] ?? []);
  console.log(
    `${name.padEnd(34)} ${nanos.toFixed(0).padStart(6)} ns a call, ${(base / nanos).toFixed(2)} of the first`,
  );
}
for (const [, client] of contestants) await client.stop();
for (const node of nodes) await node.stop({ timeoutMs: 0 });

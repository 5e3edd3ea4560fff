// node --conditions=source benchmarks/programs/telemetry.ts [none|idle|traced|followed] [--tcp]: CPU time of a call with telemetry, client and server in
// this process. One kind a run: what telemetry adds to messages changes how fast the others are.
import {
  createClient,
  createMemoryHub,
  createNode,
  createTableDirectory,
  defineComponent,
  defineService,
  json,
} from "@orrery/core";
import { createTelemetry } from "@orrery/mesh/telemetry";
import { createZmqTransport } from "@orrery/zmq";

const CALLS = 20_000;
const LANES = 64;
const ROUNDS = 15;
const WARM_ROUNDS = 3;

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const [kind = "none"] = process.argv.slice(2);
const isTcp = process.argv.includes("--tcp");
const hub = createMemoryHub();
const carrier = () => (isTcp ? createZmqTransport() : hub.transport({}));
const telemetry = () => {
  if (kind === "none") return {};
  const plugins = [{ name: "nowhere", exportSpans: () => undefined }];
  const ratio = kind === "idle" ? 0 : 0.01;
  return { telemetry: createTelemetry({ ratio, counts: kind === "followed", plugins }) };
};
const node = createNode({
  components: [defineComponent(Echo, () => ({ say: (request) => request }))],
  transports: [carrier()],
  listen: [isTcp ? "tcp://127.0.0.1:0" : "memory://echo"],
  ...telemetry(),
});
await node.start();
const directory = createTableDirectory({ echo: node.addresses });
const client = createClient({ transports: [carrier()], directory, ...telemetry() });
const echo = client.client(Echo);
const request = { text: "hello" };

async function microsPerCall(): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let call = 0; call < CALLS / LANES; call++) await echo.say(request);
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const times: number[] = [];
for (let round = 0; round < ROUNDS + WARM_ROUNDS; round++) {
  const micros = await microsPerCall();
  if (round >= WARM_ROUNDS) times.push(micros);
}
times.sort((a, b) => a - b);
const [least = 0, middle = 0] = [times[0], times[Math.floor(times.length / 2)]];
console.log(`${kind.padEnd(10)} ${least.toFixed(2)} µs of CPU a call at least, ${middle.toFixed(2)} in the middle`);
await client.stop();
await node.stop({ timeoutMs: 0 });

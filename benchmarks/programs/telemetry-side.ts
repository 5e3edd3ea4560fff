// node --conditions=source benchmarks/programs/telemetry-side.ts none|idle|traced|counted|followed tcp|memory: makes calls when its parent asks it to, and
// answers with the CPU time of one, of client and server together. One kind a process: what telemetry adds to messages changes how fast others are.
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

const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const [kind = "none", carrierName] = process.argv.slice(2);
const isTcp = carrierName === "tcp";
const hub = createMemoryHub();
const carrier = () => (isTcp ? createZmqTransport() : hub.transport({}));
const telemetry = () => {
  if (kind === "none") return {};
  const plugins = [{ name: "nowhere", exportSpans: () => undefined }];
  const ratio = kind === "idle" || kind === "counted" ? 0 : 0.01;
  const counts = kind === "counted" || kind === "followed";
  return { telemetry: createTelemetry({ ratio, counts, plugins }) };
};
const node = createNode({
  components: [defineComponent(Echo, () => ({ say: async (request) => request }))],
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

process.on("message", () => void microsPerCall().then((micros) => process.send?.(micros)));
process.once("disconnect", async () => {
  await client.stop();
  await node.stop({ timeoutMs: 0 });
});

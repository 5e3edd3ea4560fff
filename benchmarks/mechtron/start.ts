// npm run bench:mechtron: measures mechtrons beside a plain component, Extism and bare WebAssembly, and writes the tables of docs/reference/mechtrons.md. `-- --quick` prints.
import { createPlugin } from "@extism/extism";
import { createNode, createSystemClock, createSystemRandom, defineComponent, defineService, json } from "@orrery/core";
import { guestRequest } from "@orrery/guest/abi";
import { createCage, createMechtronComponent, createModelCage, type Mechtron } from "@orrery/platform";
import { MECHTRON_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { median } from "../lib/statistics.ts";
import { MODULE, PLUGIN, SCRIPT } from "./guests.ts";
import { idleMiB } from "./idle.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 9;
const calls = isQuick ? 500 : 4_000;
const SAID = { place: "Oslo", celsius: -3, wind: [1, 2, 3] };
const bytes = new TextEncoder().encode(JSON.stringify(SAID));
const request = guestRequest({ contentType: "application/json", body: bytes });
const bodyAlone = guestRequest({ body: bytes });
/** The module takes a body without its type. */
const bodyOf = ({ name }: Mechtron) => (name === "wasm" ? bodyAlone : request);

const Plain = defineService("plain", { echo: { request: json<typeof SAID>(), reply: json<typeof SAID>() } });
const Caged = defineService("caged", { echo: { request: json<typeof SAID>(), reply: json<typeof SAID>() } });
const cage = createCage();
const model = await createModelCage({ clock: createSystemClock(), random: createSystemRandom() });
const open = (in_: typeof cage, kind: "wasm" | "script") =>
  in_.createMechtron({
    name: kind,
    kind,
    code: kind === "wasm" ? MODULE : SCRIPT,
    limits: { idleMs: 0, callsPerSecond: 1e6 },
  });
const script = open(cage, "script");
const module = open(cage, "wasm");
const node = createNode({
  components: [
    defineComponent(Plain, () => ({ echo: (said) => said })),
    createMechtronComponent({ cage, name: "caged", service: Caged, kind: "script", code: SCRIPT }),
  ],
});
await node.start();
const threaded = await createPlugin({ wasm: [{ data: PLUGIN }] }, { runInWorker: true, useWasi: false });
const inline = await createPlugin({ wasm: [{ data: PLUGIN }] }, { runInWorker: false, useWasi: false });
const bare = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports as unknown as {
  readonly memory: WebAssembly.Memory;
  orrery_handle(pointer: number, length: number): bigint;
};

const subjects: readonly (readonly [name: string, call: () => unknown])[] = [
  ["bare WebAssembly, bytes copied in and out", callBare],
  ["plain component, in this process", () => node.client(Plain).echo(SAID)],
  [
    "mechtron, module, within this thread (model)",
    (
      (one) => () =>
        one.handle(bodyAlone)
    )(open(model, "wasm")),
  ],
  [
    "mechtron, script, within this thread (model)",
    (
      (one) => () =>
        one.handle(request)
    )(open(model, "script")),
  ],
  ["Extism, module, within this thread", () => inline.call("echo", bytes)],
  ["**mechtron, module, in its thread**", () => module.handle(bodyAlone)],
  ["**mechtron, script, in its thread**", () => script.handle(request)],
  ["**mechtron, script, as a component**", () => node.client(Caged).echo(SAID)],
  ["Extism, module, in its worker", () => threaded.call("echo", bytes)],
];

function callBare(): Uint8Array {
  new Uint8Array(bare.memory.buffer).set(bytes, 1_024);
  const packed = bare.orrery_handle(1_024, bytes.length);
  const [pointer, length] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
  return new Uint8Array(bare.memory.buffer).slice(pointer, pointer + length);
}

async function microsPerCall(call: () => unknown, count: number): Promise<number> {
  const start = performance.now();
  for (let done = 0; done < count; done++) await call();
  return ((performance.now() - start) * 1_000) / count;
}

async function coldMs(create: () => Mechtron): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const mechtron = create();
    const start = performance.now();
    await mechtron.handle(bodyOf(mechtron));
    times.push(performance.now() - start);
    mechtron.close();
    await createSystemClock().sleep(200); // Until the next thread stands ready, as it does between the first calls of a day.
  }
  return median(times);
}

async function instantiateMs(): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await WebAssembly.instantiate(MODULE);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Latency of a neighbour's calls while another mechtron spins, and while none does. */
async function neighbourP99(isSpinning: boolean): Promise<number> {
  const spin = new TextEncoder().encode("export default { abi: 1, handle() { for (;;) {} } }");
  const spinner = cage.createMechtron({
    name: "spin",
    kind: "script",
    code: spin,
    limits: { wallMs: 60_000, cpuMs: 60_000 },
  });
  const spun = isSpinning ? spinner.handle(request).catch(() => undefined) : undefined;
  await createSystemClock().sleep(300);
  const times: number[] = [];
  for (let count = 0; count < calls; count++) times.push(await microsPerCall(() => script.handle(request), 1));
  spinner.close();
  await spun;
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}

async function liveKiB(count: number, kind: "wasm" | "script"): Promise<number> {
  await using own = createCage({ spare: 0, instancesMax: count });
  const before = process.memoryUsage().rss;
  const all = Array.from({ length: count }, () => open(own, kind));
  for (const mechtron of all) await mechtron.handle(bodyOf(mechtron));
  return (process.memoryUsage().rss - before) / 1_024 / count;
}

const found = subjects.map(() => [] as number[]);
for (let round = 0; round <= rounds; round++) {
  for (const [index, [, call]] of subjects.entries()) {
    const micros = await microsPerCall(call, calls);
    if (round > 0) found[index]?.push(micros); // The first warms up.
  }
  await inline.reset(); // Its blocks are numbered, and it fails after 32,767 calls otherwise.
  await threaded.reset();
}
const calm = await neighbourP99(false);
const beside = await neighbourP99(true);
const cold = [
  ["bare `WebAssembly.instantiate`", await instantiateMs()],
  ["mechtron, module", await coldMs(() => open(cage, "wasm"))],
  ["mechtron, script", await coldMs(() => open(cage, "script"))],
] as const;
const live = isQuick ? 5 : 20;
const idle = isQuick ? [10, 100] : [100, 1_100];
const memory = [
  [`live, module (${live})`, await liveKiB(live, "wasm")],
  [`live, script (${live})`, await liveKiB(live, "script")],
] as const;
const resident = await idleMiB(idle);

const plainMicros = median(found[1] ?? []);
const page = [
  "| warm call | µs | times a plain component |",
  "| --- | ---: | ---: |",
  ...subjects.map(([name], index) => {
    const micros = median(found[index] ?? []);
    return `| ${name} | ${micros.toFixed(1)} | ${(micros / plainMicros).toFixed(2)} |`;
  }),
  "",
  "| from cached bytes to the first answer | ms |",
  "| --- | ---: |",
  ...cold.map(([name, ms]) => `| ${name} | ${ms.toFixed(1)} |`),
  "",
  "| resident memory of one mechtron | KiB |",
  "| --- | ---: |",
  ...memory.map(([name, kib]) => `| ${name} | ${kib.toFixed(0)} |`),
  "",
  `An \`orrery up\` takes ${resident.map((mib, index) => `${mib.toFixed(0)} MiB with ${idle[index]?.toLocaleString("en-US")}`).join(", ")} mechtrons at rest.`,
  "",
  `A neighbour's p99 is ${calm.toFixed(0)} µs while nobody spins, and ${beside.toFixed(0)} µs beside one that does: ${(beside / calm).toFixed(2)} times.`,
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${page}\n`);
else writePage(page, MECHTRON_PAGE);
process.exit(0);

// node --conditions=source packages/sim/src/capture/testing/measure-cost.ts: what the capture costs an ordinary test, and by call.
import { createHash, randomUUID } from "node:crypto";
import { createOwner, type Owner, runAs } from "../owner.ts";
import { type Capture, installCapture } from "../system-capture.ts";
import { originals } from "../system-originals.ts";
import { createSmallWorld } from "./small-world.ts";

const { now: nativeNow } = performance;
const wallMs = nativeNow.bind(performance);

/** What a test of some service does: orders with ids, times and hashes, through promises, with a look at the clock at each. */
async function ordinaryTest(): Promise<number> {
  const orders = new Map<string, { readonly text: string; readonly at: Date }>();
  for (let index = 0; index < 200; index++) {
    const startMs = performance.now();
    const id = randomUUID();
    const order = { id, index, price: Math.random(), at: new Date().toISOString(), tags: ["a", "b", String(index)] };
    const text = JSON.stringify(order);
    const read = JSON.parse(text) as { at: string };
    await Promise.resolve();
    orders.set(createHash("sha256").update(text).digest("hex"), { text, at: new Date(read.at) });
    if (Date.now() - orders.size < 0 || performance.now() < startMs) throw new Error("time went back");
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  }
  return [...orders.values()].filter(({ at }) => at.getTime() > 0).length;
}

/** Ms of an ordinary test: without the capture, with it outside of any world, and with it as an owner's. */
export interface TestCosts {
  readonly without: number;
  readonly ambient: number;
  readonly owned: number;
}

/** Measures the three in turns, and gives the best of each: what else the machine does makes it only slower. */
export async function measureTest(rounds: number): Promise<TestCosts> {
  const owner = quietOwner();
  const best = {
    without: Number.POSITIVE_INFINITY,
    ambient: Number.POSITIVE_INFINITY,
    owned: Number.POSITIVE_INFINITY,
  };
  const timed = async (name: keyof TestCosts, run: () => Promise<unknown>) => {
    await new Promise((resolve) => void originals.setImmediate(resolve));
    const startMs = wallMs();
    for (let count = 0; count < 5; count++) await run();
    best[name] = Math.min(best[name], (wallMs() - startMs) / 5);
  };
  for (let round = 0; round < rounds; round++) {
    await timed("without", ordinaryTest);
    const capture = installCapture();
    await timed("ambient", ordinaryTest);
    await timed("owned", () => runAs(owner, ordinaryTest));
    capture.uninstall();
  }
  return best;
}

/** An owner whose time stands still and costs nothing. */
function quietOwner(): Owner {
  const { clock, random } = createSmallWorld().owner("back");
  return createOwner({ name: "back", clock, random });
}

const CALLS: Readonly<Record<string, () => unknown>> = {
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date(),
  "new Date(ms)": () => new Date(5),
  "performance.now()": () => performance.now(),
  "Math.random()": () => Math.random(),
  "setTimeout and clearTimeout": () => clearTimeout(setTimeout(nothing, 1000)),
};

function nothing(): void {}

function nanoseconds(call: () => unknown): number {
  const count = 200_000;
  const samples = Array.from({ length: 7 }, () => {
    const startMs = wallMs();
    for (let index = 0; index < count; index++) call();
    return ((wallMs() - startMs) / count) * 1e6;
  });
  return Math.min(...samples);
}

function print(capture: () => Capture): void {
  const owner = quietOwner();
  console.log("ns a call".padEnd(30), "without", "ambient", "  owned");
  for (const [name, call] of Object.entries(CALLS)) {
    const without = nanoseconds(call);
    const held = capture();
    const costs = [without, nanoseconds(call), runAs(owner, () => nanoseconds(call))];
    held.uninstall();
    console.log(name.padEnd(30), ...costs.map((cost) => cost.toFixed(0).padStart(7)));
  }
  console.log(
    "runAs".padEnd(30),
    " ".repeat(15),
    nanoseconds(() => runAs(owner, nothing))
      .toFixed(0)
      .padStart(7),
  );
}

if (import.meta.main) {
  const { without, ambient, owned } = await measureTest(20);
  const times = (cost: number) => `${cost.toFixed(2)} ms, ${(cost / without).toFixed(2)} times`;
  console.log(`an ordinary test: without ${without.toFixed(2)} ms; ambient ${times(ambient)}; owned ${times(owned)}`);
  print(installCapture);
}

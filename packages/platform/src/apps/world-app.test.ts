import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decodeGuestReply, encodeGuestRequest, guestRequest } from "@orrery/guest/abi";
import { assertHolds, assertRepeats, assertSpreads, createWorld, explore, replay, runScenario } from "@orrery/sim";
import { defineMechtronService } from "../cage/mechtron-component.ts";
import { buildAssembly, GUEST } from "../testing/build-guest.ts";
import poll, { pollOf } from "../testing/poll/poll.sim.ts";
import { COUNTER_CODE, Counter } from "../testing/stateful-world.ts";
import { loadApp } from "../world.ts";

const RUNS = Number(process.env["ORRERY_SIM_RUNS"] ?? 200);

test("loadApp gives a world the processes and mechtrons of an orrery.yaml, with its variables and settings", async () => {
  const { failure, world } = await runScenario(poll, { seed: 3 });
  assert.equal(failure, undefined);
  assert.deepEqual(
    [...world.nodes.keys()],
    ["desk-0", "desk-1", "box-0", "orrery.platform", "clerk", "ann", "bob", "cy"],
  );
  assert.equal(process.env["POLL_TRIES"], "3");
});

test("loadApp's app goes the same way from the same seed, also where processes share its world", async () => {
  await assertRepeats(poll, { seed: 5 });
  await assertSpreads(poll, { seed: 5, members: 3 });
});

test("loadApp's app keeps its rules under loss, crashes and partitions", () => assertHolds(poll, { runs: RUNS }));

test("loadApp's app is found wrong where it is, and the run that shows it is small and goes again", async () => {
  const careless = await pollOf("careless.yaml");
  const { failure, tape = [] } = await explore(careless, { runs: RUNS });
  assert.match(failure?.message ?? "", /\d+ voted, and \d+ votes count/);
  await assert.rejects(replay(careless, tape), /votes count/);
  await replay(poll, tape);
});

test("loadApp runs modules of WebAssembly, within this thread", async () => {
  using made = appFolder({ "orrery.yaml": "mechtrons: { echo: echo.wasm }\n" });
  const code = await buildAssembly(join(GUEST, "template/conformance/conformance.as.ts"));
  writeFileSync(join(made.folder, "echo.wasm"), code);
  const app = await loadApp(made.folder);
  await using world = createWorld();
  app.placeIn(world);
  const visitor = world.node("visitor");
  await world.start();
  const request = encodeGuestRequest(guestRequest({ service: "any", method: "echo", body: new Uint8Array([7]) }));
  const reply = await world.settle(visitor.life.client(defineMechtronService("echo")).handle(request));
  assert.deepEqual([...decodeGuestReply(reply).body], [7]);
});

test("loadApp lets a mechtron remember on the disk of its node, over a crash", async () => {
  using made = appFolder({
    "orrery.yaml": "mechtrons: { counter: { path: counter.js, methods: [add], stateful: true } }\n",
  });
  writeFileSync(join(made.folder, "counter.js"), COUNTER_CODE);
  const app = await loadApp(made.folder);
  await using world = createWorld();
  app.placeIn(world);
  const visitor = world.node("visitor");
  await world.start();
  const add = () => world.settle(visitor.life.client(Counter).add({ amount: 1 }));
  assert.deepEqual(await add(), { sum: 1 });
  for (const [emptyDisk, sum] of [
    [false, 2],
    [true, 1],
  ] as const) {
    await world.settle(world.nodes.get("counter")?.restart({ emptyDisk }) ?? Promise.reject(new Error("it is gone")));
    await world.run({ forMs: 1_000 }); // So that its caller has noticed.
    assert.deepEqual(await add(), { sum });
  }
});

const WRONG = {
  "says what is wrong in the file": ["components: { desk: 7 }\n", /orrery\.yaml:1:\d+: /],
  "names a secret that is missing": [
    "secrets: { POLL_KEY: key }\n",
    /its secret "key" is missing, set POLL_KEY in the env/,
  ],
  "names code that is missing": ["mechtrons: { main: main.wasm }\n", /there is no "main\.wasm", build it first/],
  "sets no variable to two values": ["env: { POLL_TRIES: 4 }\n", /POLL_TRIES is "4", and "3" for another app/],
  "loads no component of another name": ["components: { shop: ../desk.ts }\n", /outside of this file's folder/],
} as const;
for (const [name, [text, why]] of Object.entries(WRONG))
  test(`loadApp ${name}`, async () => {
    using made = appFolder({ "orrery.yaml": text });
    await assert.rejects(loadApp(made.folder), why);
  });

test("loadApp says that there is no file, and which component a file has", async () => {
  await assert.rejects(loadApp("/nowhere"), /Cannot load "\/nowhere": there is no file "nowhere"/);
  using made = appFolder({ "orrery.yaml": "components: { shop: desk.ts }\n" });
  symlinkSync(join(import.meta.dirname, "../testing/poll/desk.ts"), join(made.folder, "desk.ts"));
  await assert.rejects(loadApp(made.folder), /Cannot load "shop": "desk\.ts" exports poll\.desk, name one of these/);
});

/** A folder with files, until the end of its block. */
function appFolder(files: Readonly<Record<string, string>>): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "orrery-world-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

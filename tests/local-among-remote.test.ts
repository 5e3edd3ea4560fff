import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { connectInspector } from "./testing/inspector.ts";
import { makeScratch } from "./testing/scratch.ts";
import { Door, Store } from "./testing/shop/services.ts";
import { type RunningOrrery, startOrrery } from "./testing/start-orrery.ts";

const FOLDER = join(import.meta.dirname, "testing/shop");
const FILES = ["door", "clerk", "till", "store"].map((name) => join(FOLDER, `${name}.ts`));
const TILL = join(FOLDER, "till.ts");
/** Longer than anybody takes here: a handler that stands still keeps its callers waiting. */
const PATIENCE = { timeoutMs: 120_000 };

/** Calls the door, and stops in the till on the way: looks at the order, changes it, and lets it go on. */
async function stopInTill(
  mine: RunningOrrery,
  places: Readonly<Record<string, string>>,
  whileStopped = async () => {},
) {
  const addresses = Object.entries(places).map(([name, address]) => [name, [address]] as const);
  await using client = await createMeshClient({ directory: createTableDirectory(Object.fromEntries(addresses)) });
  using inspector = await connectInspector(await mine.inspector());
  await inspector.ask("Debugger.enable");
  const text = "const order = {";
  const lineNumber = readFileSync(TILL, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text));
  await inspector.ask("Debugger.setBreakpointByUrl", { lineNumber, urlRegex: "testing/shop/till\\.ts$" });
  const stopped = inspector.event("Debugger.paused");
  const answer = client.client(Door).pass({ item: "tea", pids: [] }, PATIENCE);
  const { callFrames } = await stopped;
  const [frame] = callFrames as { callFrameId: string; functionName: string; location: { lineNumber: number } }[];
  assert.deepEqual([frame?.functionName, frame?.location.lineNumber], ["pass", lineNumber]);
  const callFrameId = frame?.callFrameId;
  await inspector.ask("Debugger.evaluateOnCallFrame", { callFrameId, expression: "item += ' for two'" });
  await whileStopped();
  await inspector.ask("Debugger.resume");
  const order = await answer;
  assert.equal(order.item, "tea for two");
  return order.pids;
}

test("one component here among three in processes elsewhere: a call that comes through them stops in its handler", async (t) => {
  const cwd = makeScratch(t);
  const here = `tcp://127.0.0.1:${await freePort()}`;
  writeFileSync(join(cwd, "rest.txt"), `shop.till ${here}\n`);
  const others = FILES.filter((file) => file !== TILL);
  await using rest = await startOrrery([...others, "--isolate=process", "--directory=rest.txt"], { cwd });
  const store = rest.addressOf("shop.store");
  writeFileSync(join(cwd, "network.txt"), `shop.store ${store}\n`);
  const words = [TILL, `--listen=${here}`, "--directory=network.txt"];
  await using mine = await startOrrery(words, { cwd, nodeWords: ["--inspect=0"] });

  const pids = await stopInTill(mine, { "shop.door": rest.addressOf("shop.door") }, async () => {
    // The others go on meanwhile.
    const directory = createTableDirectory({ "shop.store": [store] });
    await using client = await createMeshClient({ directory });
    assert.equal((await client.client(Store).pass({ item: "soap", pids: [] })).item, "soap");
  });
  assert.equal(new Set([...pids, process.pid]).size, 5, "four processes, and none of them this one");
  assert.equal(pids[2], mine.pid);
});

test("all components here in one process: the same call stops in the same handler", async (t) => {
  const cwd = makeScratch(t);
  await using mine = await startOrrery(FILES, { cwd, nodeWords: ["--inspect=0"] });
  const pids = await stopInTill(mine, { "shop.door": mine.addressOf("shop.door") });
  assert.deepEqual(pids, [mine.pid, mine.pid, mine.pid, mine.pid]);
});

/** A port that is free now: others are told of it before anybody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

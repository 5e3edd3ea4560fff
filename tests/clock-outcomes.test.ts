import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createNode } from "@orrery/core";
import { launchClock } from "@orrery/mesh/clock";
import { createWorld } from "@orrery/sim";
import { runLocalMembers } from "@orrery/sim/internal";
import { createRelay } from "./testing/relay.ts";
import { countEndings, setupRelay } from "./testing/relay-scenario.ts";
import { type Ending, runWorkload } from "./testing/workload.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-outcomes-"));
after(() => rmSync(folder, { recursive: true }));

/** Virtual time within which the workload ends. */
const END_MS = 60_000;

let real: readonly Ending[];
let whole: { readonly endings: readonly Ending[]; readonly hash: string };

before(async () => {
  const node = createNode({ components: [createRelay({ version: "1.2.3" })] });
  await node.start();
  real = await runWorkload(node);
  await node.stop({ timeoutMs: 0 });
  whole = await inWorld();
});

async function inWorld() {
  let endings: readonly Ending[] = [];
  const world = createWorld({ link: { latency: 2 } });
  setupRelay(world, (ended) => {
    endings = ended;
  });
  await world.start();
  await world.run({ forMs: END_MS });
  return { endings, hash: world.trace.hash };
}

test("a modelled network ends the messages of a workload as one real process does", () => {
  assert.equal(real.length > 600, true);
  assert.deepEqual(countEndings(whole.endings), countEndings(real));
});

test("members of one clock end them alike, with one trace", async () => {
  for (const members of [1, 2]) {
    let endings: readonly Ending[] = [];
    const setup = (world: Parameters<typeof setupRelay>[0]) =>
      setupRelay(world, (ended) => {
        endings = ended;
      });
    const { hash } = await runLocalMembers({ members, endMs: END_MS, world: { link: { latency: 2 } }, setup });
    assert.deepEqual(countEndings(endings), countEndings(real));
    assert.equal(hash, whole.hash);
  }
});

test("processes of one clock end them alike", async () => {
  const source = { kind: "scenario", file: "testing/relay-scenario.ts", cwd: import.meta.dirname } as const;
  const file = join(folder, "endings.json");
  process.env["RELAY_ENDINGS"] = file;
  await using app = await launchClock({ source, processes: 2, endMs: END_MS });
  await app.run();
  const { isWhole } = await app.stop(); // The relay says its process id, so the trace is one of its own.
  assert.equal(isWhole, true);
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), countEndings(real));
});

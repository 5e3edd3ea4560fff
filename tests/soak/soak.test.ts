import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNoHosts } from "../testing/hosts/lab.ts";
import { runSoak } from "../testing/soak/soak.ts";

const forMs = process.env["ORRERY_LONG"] === "1" ? 1_200_000 : 30_000;

test(`a network under load accounts for every message, whatever is killed and cut for ${forMs / 1000} s`, {
  skip: whyNoHosts() ?? false,
}, async (t) => {
  const report = await runSoak(t, { forMs, seed: Date.now(), everyMs: 10, onProgress: (text) => t.diagnostic(text) });
  t.diagnostic(JSON.stringify(report));
  assert.equal(report.ended, report.begun);
  assert.equal(report.twice, 0);
  assert.deepEqual(report.lost, []);
  assert.ok((report.ends["write reply"] ?? 0) > report.begun / 6, "most calls are answered all the time");
  for (const { early, late } of report.memory)
    assert.ok(late.heapBytes < early.heapBytes * 1.1 + 4 * 1024 * 1024, `${early.heapBytes} to ${late.heapBytes}`);
});

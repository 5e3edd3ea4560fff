import assert from "node:assert/strict";
import { test } from "node:test";
import { lostUpdate } from "../testing/lost-update.ts";
import { explore, type StrategyName } from "./explore.ts";
import { runScenario } from "./run-scenario.ts";

for (const strategy of ["seeds", "random", "pct", "delays"] as const satisfies readonly StrategyName[]) {
  test(`explore finds a lost update by ${strategy}, and makes it small`, async () => {
    const found = await explore(lostUpdate, { strategies: [strategy], runs: 2000 });
    assert.equal(found.failure?.kind, "check");
    assert.ok(found.tape);
    const { failure } = await runScenario(lostUpdate, { tape: found.tape });
    assert.equal(failure?.message, found.failure?.message);
    assert.equal(found.tape.absent.length, 1);
    const operations = Object.keys(found.tape.picks).filter((key) => key.startsWith("drop"));
    assert.ok(operations.length >= 5, `${operations.length} of 8 operations were left out`);
  });
}

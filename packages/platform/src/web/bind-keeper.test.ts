import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createLog, createSystemClock, discardLog } from "@orrery/core";
import { OPERATOR, openWeb } from "../testing/open-web.ts";
import { createBindKeeper } from "./bind-keeper.ts";
import { createLookout, type Lookout } from "./lookout.ts";

it("createBindKeeper lets who asks wait while a bind is read for the first time", async () => {
  await using web = await openWeb();
  const log = createLog({ sink: discardLog, now: () => 0 });
  const gate = Promise.withResolvers<void>();
  let reads = 0;
  const blobs = {
    async *read(digest: string) {
      reads += 1;
      await gate.promise;
      yield* web.blobs.read(digest);
    },
  };
  const { registry } = web;
  const keeper = createBindKeeper({ registry, blobs, log, ...OPERATOR, lookout: () => lookout });
  const onChange: Parameters<typeof createLookout>[0]["onChange"] = (change) => keeper.take(change);
  const lookout: Lookout = createLookout({ registry, clock: createSystemClock(), log, ...OPERATOR, onChange });
  await web.space("demo.test", "routes: [{ path: /old, redirect: /new }]");
  while (reads === 0) await setImmediate(); // It is read because it changed, not because somebody asked.
  const asked = keeper.of("demo.test");
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  gate.resolve();
  assert.equal((await asked).kind, "bound");
  await keeper.settled();
  await lookout.close();
});

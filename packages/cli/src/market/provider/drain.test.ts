import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestMarket, type TestMarket } from "../../testing/market.ts";
import type { TypeOptions } from "../../testing/memory-terminal.ts";
import { PROGRAM } from "../../testing/pods.ts";

const pod = (name: string) =>
  `name: ${name}\ncontainers:\n  web:\n    image: ./hello\n    ports: [{ port: 8080, host: ${name}.test }]\n    volumes: { data: /data }\nvolumes: { data: 1MiB }\n`;

interface Status {
  readonly state: string;
  readonly leaseStage: string;
  readonly endsAt: number;
}

describe("orrery provider drain", { timeout: 60_000 }, () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(1);
    market.write("hello/server.js", PROGRAM);
    for (const name of ["shop", "store"]) {
      market.write(`${name}.yaml`, pod(name));
      await market.done(`pod deploy ${name}.yaml --deposit=5`);
    }
  });
  after(() => market?.[Symbol.asyncDispose]());
  const status = (name: string) => market.json<Status>(`pod status ${name}`);

  /** Types a drain that waits; what it says is told line by line. */
  function drain(options: TypeOptions = {}) {
    const said: string[] = [];
    let interrupt = () => {};
    const waiting = new Set<() => void>();
    const ended = market.orrery("provider drain --provider=provider-1", {
      onListening: (end) => {
        interrupt = end;
      },
      onSay: (line) => {
        said.push(line);
        for (const look of [...waiting]) look();
      },
      ...options,
    });
    const seen = (what: RegExp, count = 1) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (said.filter((line) => what.test(line)).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(({ err }) => reject(new Error(`it ended: ${err}`)));
      });
    return { ended, seen, interrupt: () => interrupt() };
  }

  it("gives notice that publishers see, is interrupted and taken back, and keeps what was given", async () => {
    await market.ask("shop.test", { path: "/file/note", method: "PUT", body: "kept" });
    const first = drain();
    await first.seen(/^(shop|store) has notice, and runs until \d{4}-.*Z$/, 2);
    first.interrupt();
    const { exit, err } = await first.ended;
    assert.equal(exit, 0);
    assert.match(err, /^Notice is given; 2 pods run until service ends\. Next: orrery provider drain waits again/m);
    const { endsAt, leaseStage, state } = await status("shop");
    assert.deepEqual([state, leaseStage], ["running", "Closing"]);
    assert.equal(endsAt, Math.floor(market.bench.status().nowMs / 1_000) + 600 - 240);
    const until = new Date(endsAt * 1_000).toISOString().replace(".000Z", "Z");
    assert.match(await market.done("pod status shop"), new RegExp(`^ +service ends +${until}$`, "m"));
    assert.match(await market.done("lease status shop"), new RegExp(`^ +service ends +${until}$`, "m"));
    assert.match(
      await market.done("pod events shop"),
      new RegExp(`notice +its provider ends the lease: .* until ${until};`),
    );
    const refused = await market.orrery("pod deploy store.yaml --provider=provider-1");
    assert.equal(refused.exit, 1);
    market.write("late.yaml", pod("late"));
    assert.match((await market.orrery("quote late.yaml")).err, /Cannot take new pods\s+it is being drained/);
    const resumed = await market.orrery("provider resume --provider=provider-1");
    assert.match(resumed.err, /^Takes new pods\nNotice that was given stays: 2 pods end by it\n$/);
    await market.done("quote late.yaml");
  });

  it("waits over a restart of the provider until no pod runs, and no data is lost before its notice is over", async () => {
    const again = drain();
    await again.seen(/has notice/, 2);
    await market.done("dev kill provider-1");
    await market.done("dev start provider-1");
    assert.match(await market.done("provider status --provider=provider-1"), /takes no new pods: it is being drained/);
    await market.done("dev clock +300");
    assert.equal((await market.ask("shop.test", { path: "/file/note" })).body, "kept");
    assert.equal((await status("shop")).state, "warned");
    await market.done("dev clock +240");
    const { exit, err } = await again.ended;
    assert.equal(exit, 0);
    assert.match(err, /^shop does not run any more: notice was given, and service ended at .*Z$/m);
    assert.match(
      err,
      /^No pod runs\. Leave the provider up: 2 leases are settled by .*Z, and what they owe is paid then$/m,
    );
    assert.equal((await status("shop")).state, "suspended");
    await market.done("dev clock +300");
    const over = await market.orrery("provider drain --provider=provider-1 --output=json");
    assert.match(over.err, /^No pod runs, and all leases are settled: the provider can be ended$/m);
    const { pods } = JSON.parse(over.out) as { pods: readonly { stage: string; owed: string; paid: string }[] };
    assert.deepEqual(
      pods.map(({ stage, owed }) => [stage, owed]),
      [
        ["Settled", "0"],
        ["Settled", "0"],
      ],
    );
    const paid = pods.reduce((sum, one) => sum + BigInt(one.paid), 0n);
    const { contract } = await market.json<{ readonly contract: string }>("balance");
    assert.ok(paid > 0n);
    assert.equal(BigInt(contract), 10_000_000n - paid, "what was not used came back");
  });
});

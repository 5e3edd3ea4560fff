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

describe("an operator of a provider", { timeout: 90_000 }, () => {
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

  const on = "--provider=provider-1";
  const purse = async () => {
    const found = await market.json<Record<"free" | "locked" | "leaving" | "contract" | "wallet", string>>(
      `provider stake ${on}`,
    );
    return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, BigInt(Number(value) || 0)]));
  };

  it("looks at its stake without a password, puts more in, asks for some back, and is refused what it has not", async () => {
    const first = await purse();
    assert.ok((first["locked"] ?? 0n) > 0n, "two leases have their bonds");
    assert.equal((first["free"] ?? 0n) + (first["locked"] ?? 0n), 5_000_000_000n);
    for (const [words, exit, why] of [
      ["stake 6000", 3, /Cannot stake 6000 COIN\s+wallet and contract have 5000 COIN/],
      [
        "unstake 5000",
        3,
        /Cannot take back 5000 COIN of the stake\s+4999\.\d+ COIN are free, 0\.\d+ COIN are locked for leases/,
      ],
      ["withdraw", 3, /Cannot withdraw\s+the contract has nothing of this account but what is at stake/],
      ["stake lots", 2, /Cannot read amount "lots"/],
      ["stake 0", 2, /write more than 0/],
      ["stake 1 --provider=provider-9", 4, /Cannot find provider "provider-9"/],
    ] as const) {
      const refused = await market.orrery(`provider ${words}${words.includes("--provider") ? "" : ` ${on}`}`);
      assert.deepEqual([refused.exit, why.test(refused.err)], [exit, true], refused.err);
    }
    assert.deepEqual(await purse(), first, "what is refused changes nothing");
    assert.match((await market.orrery(`provider stake 100 ${on}`)).err, /^100 COIN more at stake$/m);
    const asked = await market.orrery(`provider unstake 40 ${on}`);
    assert.match(asked.err, /^40 COIN leave the stake at .*Z, 8 days from now\. Then: orrery provider withdraw$/m);
    const more = await market.orrery(`provider unstake 10 ${on}`);
    assert.match(more.err, /^40 COIN that were to leave at .*Z leave with them$/m);
    const after = await purse();
    assert.equal(after["free"], (first["free"] ?? 0n) + 50_000_000n);
    assert.deepEqual([after["leaving"], after["wallet"]], [50_000_000n, 4_900_000_000n]);
    assert.match((await market.orrery(`provider withdraw ${on}`)).err, /50 COIN leave the stake at .*Z/);
    assert.match(await market.done(`provider status ${on}`), /free, .* held for leases, 50 COIN leaving$/m);
  });

  it("gives notice that publishers see, is interrupted and taken back, and keeps what was given", async () => {
    await market.ask("shop.test", { path: "/file/note", method: "PUT", body: "kept" });
    assert.match(
      (await market.orrery("pod status")).err,
      /Cannot tell which pod is meant\s+name (shop|store) or (shop|store)/,
    );
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

  it("withdraws what it earned, and the stake that has left", async () => {
    const before = await purse();
    assert.deepEqual([before["locked"], (before["contract"] ?? 0n) > 0n], [0n, true]);
    await market.done("dev clock +3700"); // Volumes are kept no longer, and nobody goes by the clock then.
    await market.done("dev clock +8d");
    const done = await market.orrery(`provider withdraw ${on}`);
    assert.equal(done.exit, 0, done.err);
    const after = await purse();
    assert.deepEqual([after["leaving"], after["contract"]], [0n, 0n]);
    assert.equal(after["wallet"], (before["wallet"] ?? 0n) + (before["contract"] ?? 0n) + 50_000_000n);
  });

  it("stakes by a file of its own, once its wallet has money", async () => {
    const { chain } = market.bench.market;
    const { leases, token, registry } = chain.contracts;
    market.write("password", "correct horse\n");
    const made = await market.orrery(
      `provider init --chain=${chain.url} --leases=${leases} --token=${token} --registry=${registry} --password-file=password`,
    );
    const account = /made wallet (0x[0-9a-f]{40})/.exec(made.err)?.[1] ?? assert.fail(made.err);
    const poor = await market.orrery("provider stake 10");
    assert.match(poor.err, /Cannot stake 10 COIN\s+wallet and contract have 0 COIN/);
    await market.done(`dev fund ${account} 12.5`);
    await market.done("provider stake 10 --password-file=password");
    const { free, wallet } = await market.json<{ free: string; wallet: string }>("provider stake");
    assert.deepEqual([free, wallet], ["10000000", "2500000"]);
  });

  it("leaves its publisher to end a lease before the time of the provider's notice", async () => {
    await market.orrery("provider resume --provider=provider-1");
    await market.done("pod deploy late.yaml --deposit=1");
    await market.done("provider drain --provider=provider-1 --no-wait");
    await market.done("dev clock +60"); // The provider gives it when it looks.
    const nowS = market.bench.status().nowMs / 1_000;
    const settlesAt = async () => (await market.json<{ readonly settlesAt: number }>("lease status late")).settlesAt;
    assert.ok((await settlesAt()) > nowS + 240);
    await market.done("pod delete late");
    assert.equal(await settlesAt(), nowS + 240);
  });
});

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemRandom } from "@orrery/core";
import { createKeystore, createWalletAuthorization } from "@orrery/market";
import { openTestMarket, type TestMarket } from "../../testing/market.ts";
import { PROGRAM } from "../../testing/pods.ts";

/** A line that a command which follows writes. */
interface Line {
  readonly at: string;
  readonly event: string;
  readonly [name: string]: unknown;
}

/** A command that follows, while it does. */
interface Following {
  /** Waits for a line; those before count. */
  seen(what: (line: Line) => boolean): Promise<Line>;
  readonly ended: ReturnType<TestMarket["orrery"]>;
  interrupt(): void;
}

/** Those that run: a test that fails ends them all. */
const all = new Set<Following>();

function follow(market: TestMarket, words: string): Following {
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let interrupt = () => {};
  const ended = market.orrery(`lease follow ${words} --output=json`, {
    onListening: (end) => {
      interrupt = end;
    },
    onWrite: (text) => {
      lines.push(JSON.parse(text) as Line);
      for (const look of [...waiting]) look();
    },
  });
  const following: Following = {
    ended,
    interrupt: () => interrupt(),
    seen: (what) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(what);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(({ exit, err }) => reject(new Error(`it ended with ${exit}: ${err} ${JSON.stringify(lines)}`)));
      }),
  };
  all.add(following);
  return following;
}

describe("orrery lease follow", { timeout: 60_000 }, () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(1);
    market.write("dear/server.js", PROGRAM);
    const ports = "ports: [{ port: 8080, host: dear.test }]";
    market.write("dear.yaml", `name: dear\ncontainers:\n  web:\n    image: ./dear\n    ${ports}\n    cpu: "2"\n`);
    await market.done("pod deploy dear.yaml --deposit=0.03");
  });
  after(async () => {
    for (const { interrupt } of all) interrupt();
    await market?.[Symbol.asyncDispose]();
  });
  const shown = () => market.json<{ lease: string; deposit: string; paid: string }>("lease status dear");

  it("signs vouchers that rise with what is metered and that the provider redeems, and puts money in within its allowance", async () => {
    const following = follow(market, "dear --allowance=0.12 --top-up=0.05 --below=30m");
    await following.seen(({ event, call, end }) => event === "sent" && call === "fund" && end === "mined");
    const totals: bigint[] = [];
    for (let hours = 0; hours < 2; hours++) {
      await market.done("dev clock +1200");
      const { total } = await following.seen(
        ({ event, total }) => event === "vouched" && BigInt(String(total)) > (totals.at(-1) ?? 20_000n),
      );
      totals.push(BigInt(String(total)));
    }
    assert.ok((totals[1] ?? 0n) >= (totals[0] ?? 0n) + 20_000n, `${totals}`);
    await market.done("dev clock +120");
    const { paid } = await following.seen(({ event, paid }) => event === "lease" && BigInt(String(paid)) > 20_000n);
    assert.ok(BigInt((await shown()).paid) >= BigInt(String(paid)));
    const again = await market.orrery("lease follow dear");
    assert.deepEqual([again.exit, /is followed already, process \d+/.test(again.err)], [1, true]);
    following.interrupt();
    assert.equal((await following.ended).exit, 0);
    const { deposit, lease } = await shown();
    assert.ok(BigInt(deposit) <= 130_000n, "two of 0.05 fit into the allowance");
    const own = (await market.json<{ account: string }>("balance")).account.toLowerCase();
    const record = join(market.cwd, ".orrery/dev/publisher", own, "follow", lease, "record.json");
    assert.equal(statSync(record).mode & 0o777, 0o600);
  });

  it("tells where the pod does not answer from outside although its provider says that it is well, and challenges nobody for it", async () => {
    const following = follow(market, "dear --probe=1s");
    const told = (isAnswered: boolean, again: boolean) =>
      following.seen(
        (one) => one.event === "pod" && one["isAnswered"] === isAnswered && (one["since"] !== 0) === again,
      );
    assert.equal((await told(true, false))["host"], "dear.test");
    await market.ask("dear.test", { path: "/status/500" });
    const { why, said } = await told(false, true);
    assert.deepEqual([why, said], ["it answers / with status 500", { state: "running", isHealthy: true }]);
    await market.ask("dear.test", { path: "/status/200" });
    await told(true, true);
    following.interrupt();
    const { out } = await following.ended;
    assert.doesNotMatch(out, /"event":"(sent|dark)"/);
    const unasked = follow(market, "dear --probe=off");
    await unasked.seen(({ event }) => event === "lease");
    unasked.interrupt();
    assert.doesNotMatch((await unasked.ended).out, /"event":"pod"/);
  });

  it("gives the pod's status, lines and metrics to its publisher alone: another wallet is told that it may not, by 403", async () => {
    const { lease } = await shown();
    const provider = market.bench.status().providers[0] ?? assert.fail();
    const folder = join(market.cwd, ".config/orrery/wallets");
    await mkdir(folder, { recursive: true });
    market.write("password", "swordfish\n");
    const key = await createKeystore(join(folder, "other.json"), { password: "swordfish", rounds: 1_024 });
    const other = "--provider=provider-1 --wallet=other --password-file=password";
    for (const what of ["status", "logs", "metrics", "events", "restart"]) {
      const { exit, out, err } = await market.orrery(`pod ${what} ${lease} ${other}`);
      assert.deepEqual([exit === 0, out], [false, ""], what);
      assert.match(err, new RegExp(`of lease ${lease}\\n *it is not of wallet ${key.address.toLowerCase()}`), what);
    }
    const clock = { now: () => market.bench.status().nowMs };
    const audience = provider.account as `0x${string}`;
    const authorize = createWalletAuthorization(key, { audience, clock, random: createSystemRandom() });
    for (const method of ["GetPod", "GetMetrics", "ListEvents", "ReadLedger"]) {
      const path = `/orrery.market.v1.ProviderService/${method}`;
      const authorization = (await authorize(undefined, { path } as never)) ?? "";
      const headers = { "content-type": "application/json", authorization };
      const answer = await fetch(`${provider.url}${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify({ lease }),
      });
      assert.equal(answer.status, 403, await answer.text());
    }
  });

  it("challenges a provider that goes dark, tells the chain that it did not answer, settles, and has the money back", async () => {
    const following = follow(market, "dear");
    await following.seen(({ event }) => event === "lease");
    await market.done("dev kill provider-1 --dark");
    const did = (name: string) =>
      following.seen(({ event, call, end }) => event === "sent" && call === name && end === "mined");
    await market.done("dev clock +300");
    await did("challenge");
    await market.done("dev clock +121");
    await did("fail");
    await market.done("dev clock +120");
    await did("settle");
    await market.done("dev clock +240"); // By a block that stays.
    const { exit, out } = await following.ended;
    assert.equal(exit, 0);
    const last = JSON.parse(out.trim().split("\n").at(-1) ?? "") as Line;
    assert.deepEqual([last.event, BigInt(String(last["withdrawn"])) > 0n], ["over", true]);
    assert.equal((await market.json<{ contract: string }>("balance")).contract, "0");
    assert.deepEqual(await market.json("lease ls"), []);
  });
});

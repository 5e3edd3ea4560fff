import assert from "node:assert/strict";
import { appendFile, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Digest } from "../lease/terms.ts";
import { openMeter } from "./meter.ts";
import { openLedgerFile } from "./system-ledger-file.ts";

const LEASE: Digest = `0x${"7".repeat(64)}`;
const PRICES = { cpu: 3n, egress: 2n };

describe("openLedgerFile", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "orrery-ledger-"));
  });
  after(() => rm(folder, { recursive: true }));

  /** Meters three stretches of ten seconds into a file. */
  async function metered(path: string, chainTime: number) {
    let nowMs = 0;
    const store = await openLedgerFile(path);
    const meter = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => nowMs }, store });
    for (let look = 0; look < 4; look++) {
      await meter.look({ reserved: { cpu: 2n }, used: { egress: 1n }, chainTime });
      nowMs += 10_000;
    }
    await store.close();
    return meter.head();
  }

  it("keeps the ledger over a restart, in a file that only its user reads", async () => {
    const path = join(folder, "kept");
    const first = await metered(path, 1_000);
    assert.deepEqual([first.number, first.to, first.covered, first.billionths], [3, 1_030, 30, 186n]);
    const second = await metered(path, 1_010);
    assert.deepEqual([second.number, second.to, second.covered], [6, 1_060, 60]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("cuts off a line that a crash left half written", async () => {
    const path = join(folder, "torn");
    const head = await metered(path, 1_000);
    await appendFile(path, '{"number":4,"from":1030,"to":10');
    const store = await openLedgerFile(path);
    const meter = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => 0 }, store });
    assert.deepEqual(meter.head(), head);
    await store.close();
    assert.equal((await readFile(path, "utf8")).split("\n").length, 4);
  });

  it("cuts off before the next line what a disk that failed neither kept nor let go", async (context) => {
    const path = join(folder, "failing");
    const head = await metered(path, 1_000);
    let nowMs = 0;
    const store = await openLedgerFile(path);
    const meter = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => nowMs }, store });
    const look = () => meter.look({ reserved: { cpu: 2n }, used: {}, chainTime: 1_030 });
    await look();
    const other = await open(path);
    const handle = Object.getPrototypeOf(other) as { sync: () => Promise<void>; truncate: () => Promise<void> };
    await other.close();
    const failing = () => Promise.reject(new Error("EIO"));
    const mocks = [context.mock.method(handle, "sync", failing), context.mock.method(handle, "truncate", failing)];
    nowMs = 10_000;
    await assert.rejects(look(), { code: "resource_exhausted", message: /^Cannot write line 4 .*EIO/ });
    for (const mock of mocks) mock.mock.restore();
    nowMs = 25_000;
    assert.deepEqual([(await look()).number, meter.head().covered], [4, head.covered + 25]);
    await store.close();
    const again = await openLedgerFile(path);
    const opened = await openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => 0 }, store: again });
    assert.deepEqual(opened.head(), meter.head());
    await again.close();
  });

  it("refuses a file whose lines were changed, or are none", async () => {
    const path = join(folder, "changed");
    await metered(path, 1_000);
    const text = await readFile(path, "utf8");
    for (const [bad, message] of [
      [text.replace('"cpu":"2"', '"cpu":"1"'), /^Cannot trust line 1 of the ledger/],
      [text.replace('"cpu":"2"', '"cpu":"-2"'), /^Cannot read line 1 of the ledger: "cpu" is no amount$/],
      [text.replace(/.*\n/, ""), /^Cannot trust line 2 of the ledger/],
      [`${text}what\n`, /^Cannot read line 4 of the ledger/],
    ] as const) {
      await writeFile(path, bad);
      const store = await openLedgerFile(path);
      const opened = openMeter({ lease: LEASE, prices: PRICES, clock: { monotonic: () => 0 }, store });
      await assert.rejects(opened, { code: "data_loss", message });
      await store.close();
    }
  });

  it("says which file it cannot open", async () => {
    await assert.rejects(openLedgerFile(folder), {
      code: "data_loss",
      message: /^Cannot open the ledger ".+": EISDIR/,
    });
  });
});

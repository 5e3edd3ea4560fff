import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { OrreryError } from "@orrery/core";
import { emptyHead } from "../meter/ledger.ts";
import { leaveKeys, markEnded } from "./end-lease.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { openLeaseRecords } from "./system-lease-records.ts";

const lease = `0x${"5".repeat(64)}` as const;
const RECORD: LeaseRecord = {
  ...{ lease, pod: "shop", quote: "{}", sealed: "{}", sealTo: "", step: "running", deposit: 10n },
  ...{ provider: { url: "http://provider.test", account: `0x${"b".repeat(40)}` }, gateway: "" },
  ...{ openedAtMs: 1, head: emptyHead(lease) },
};

describe("a lease that is over", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-ended-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is written down as that where the key service is not reached, which is told; its keys are left another time, once", async () => {
    const records = openLeaseRecords(folder);
    await records.put(RECORD);
    const [told, asked]: [string[], string[]] = [[], []];
    let isDown = true;
    const world = {
      records,
      disallow: async (record: LeaseRecord) => {
        asked.push(record.lease);
        if (isDown) throw new OrreryError("unavailable", "Cannot reach http://keys.test: nobody answers");
      },
      onStep: (step: string) => void told.push(step),
    };
    const ended = await markEnded(RECORD, world);
    assert.deepEqual(await records.list(), [{ ...RECORD, step: "ended" }]);
    const still = /gives keys to pod "shop" of this lease still: Cannot reach .*; orrery key revoke shop ends that$/;
    assert.match(told.join("\n"), still);
    isDown = false;
    const left = await leaveKeys(ended, world);
    assert.deepEqual(await records.list(), [{ ...RECORD, step: "ended", withoutKeys: true }]);
    await leaveKeys(left, world);
    assert.deepEqual([asked.length, told.length], [2, 1]);
  });
});

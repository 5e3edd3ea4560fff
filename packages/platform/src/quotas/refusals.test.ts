import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog } from "@orrery/core";
import { type Database, planError } from "@orrery/registry";
import { openEmptyDatabase } from "@orrery/registry/conformance";
import { type Kysely, sql } from "kysely";
import type { AppLogs } from "../apps/logs/system-app-logs.ts";
import { REFUSALS_GATHERED_MAX } from "./limits.ts";
import { noteKills } from "./note-kills.ts";
import { createRefusals, type MetNow } from "./refusals.ts";
import { createSpaceRates } from "./space-rates.ts";
import { openRefusalRecords } from "./sql-refusals.ts";

const DAY_MS = 86_400_000;
const OUT: MetNow = { space: "demo.test", plan: "free", limit: "storage", text: "full" };

describe("createRefusals", () => {
  let database: Database;
  let now = 20_000 * DAY_MS;
  const clock = {
    ...{ now: () => now, monotonic: () => now, sleep: async () => {} },
    timer: () => ({ cancel: () => {} }),
  };
  const warned: string[] = [];
  const log = createLog({ sink: ({ text }) => void warned.push(text), now: () => now, fields: {} });
  before(async () => {
    database = await openEmptyDatabase();
    await sql`create table if not exists resource (address text primary key)`.execute(kysely());
    await sql`insert into resource (address) values ('demo.test'), ('other.test')`.execute(kysely());
  });
  after(() => database.close());
  const kysely = () => database.kysely as unknown as Kysely<unknown>;

  it("gathers those of a day, adds to what was written, and forgets what is old and whose space is gone", async () => {
    const records = await openRefusalRecords(database);
    await using refusals = createRefusals({ records, clock, log });
    for (let times = 0; times < 1_000; times++) refusals.note(OUT);
    refusals.note({ ...OUT, space: "other.test" });
    refusals.note({ ...OUT, space: "gone.test" });
    assert.deepEqual((await refusals.list({ space: "demo.test", limit: 9 }))[0], {
      ...{ ...OUT, times: 1_000, since: now, last: now },
    });
    now += 5;
    const why = planError("write", {
      space: "demo.test",
      plan: "team",
      limit: "storage",
      used: "2 of 1 MiB of storage",
    });
    refusals.noteError(why);
    refusals.noteError(new Error("something else"));
    const all = await refusals.list({ limit: 9 });
    assert.deepEqual(
      all.map(({ space, plan, times, since, last }) => [space, plan, times, since, last]),
      [
        ["demo.test", "team", 1_001, now - 5, now],
        ["other.test", "free", 1, now - 5, now - 5],
      ],
    );
    now += 31 * DAY_MS;
    refusals.note(OUT);
    assert.deepEqual(
      (await refusals.list({ limit: 9 })).map(({ times }) => times),
      [1],
    );
  });

  it("bounds what it gathers, whatever comes, and tells the log of the rest", async () => {
    const records = { add: async () => {}, list: async () => [] };
    const refusals = createRefusals({ records, clock, log });
    for (let at = 0; at <= REFUSALS_GATHERED_MAX; at++) refusals.note({ ...OUT, space: `s${at}.test` });
    assert.deepEqual(warned, ["a plan refused something"]);
  });
});

describe("noteKills", () => {
  it("remembers a process that a plan's memory was not enough for, and nothing of a platform's own limit", () => {
    const noted: MetNow[] = [];
    const own: string[] = [];
    const logs = noteKills({ note: (_, { text }) => void own.push(text) } as AppLogs, {
      note: (one) => void noted.push(one),
    });
    for (const whose of ["plan free", "this platform"])
      logs.note("demo.test:app", {
        stream: "platform",
        text: `ended: killed: memory limit 96 MiB of ${whose}`,
        instance: "a-1",
      });
    assert.equal(own.length, 2);
    const text = "A process of demo.test:app, a-1 was ended: killed: memory limit 96 MiB of plan free";
    assert.deepEqual(noted, [{ space: "demo.test", plan: "free", limit: "memory", text }]);
  });
});

describe("createSpaceRates", () => {
  it("lets through what a plan lets a space have, with a second's worth at once, and says how long to wait", () => {
    let at = 0;
    const rates = createSpaceRates({ now: () => at });
    const plan = { name: "free", requestsPerSecond: 2 };
    const take = () => rates.take("demo.test", plan, "answer")?.waitMs ?? 0;
    assert.deepEqual([take(), take(), take(), take()], [0, 0, 500, 500]);
    at += 500;
    assert.deepEqual([take(), take()], [0, 500]);
    assert.equal(rates.take("other.test", plan, "answer"), undefined);
    assert.equal(rates.take("demo.test", { name: "large" }, "answer"), undefined);
    at += 60_000;
    assert.deepEqual([take(), take(), take()], [0, 0, 500]);
  });
});

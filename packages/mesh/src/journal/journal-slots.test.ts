import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Journal } from "@orrery/core";
import { openSlots } from "./journal-slots.ts";

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "orrery-slots-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** What a journal recalls: its texts by their numbers. */
async function recallFrom(journal: Journal): Promise<ReadonlyMap<string, number>> {
  const { entries, damage } = await journal.recall();
  assert.deepEqual(damage, []);
  return new Map(entries.map((entry) => [new TextDecoder().decode(entry.bytes), entry.id]));
}

test("openSlots gives each process a part of its own", async (t) => {
  const folder = await makeFolder(t);
  const [first, second] = [await openSlots(folder), await openSlots(folder)];
  for (const journal of [first, second]) assert.equal((await recallFrom(journal)).size, 0);
  await first.keep(bytes("a"));
  await second.keep(bytes("b"));
  assert.deepEqual([first.load.entries, second.load.entries], [1, 1]);
  await second.close();
  const third = await openSlots(folder);
  assert.deepEqual([...(await recallFrom(third)).keys()], ["b"]);
  await Promise.all([first.close(), third.close()]);
});

test("openSlots takes over what is left in parts that nobody has, and lets go of each that is empty", async (t) => {
  const folder = await makeFolder(t);
  const earlier = [await openSlots(folder), await openSlots(folder), await openSlots(folder)];
  for (const [index, journal] of earlier.entries()) {
    await journal.recall();
    await journal.keep(bytes(`${index}a`));
    await journal.keep(bytes(`${index}b`));
  }
  await Promise.all(earlier.map((journal) => journal.close()));

  const journal = await openSlots(folder);
  const kept = await recallFrom(journal);
  assert.deepEqual([...kept.keys()].sort(), ["0a", "0b", "1a", "1b", "2a", "2b"]);
  assert.equal(new Set(kept.values()).size, 6);
  assert.equal(journal.load.entries, 6);
  for (const text of ["0a", "1a", "1b"]) await journal.mark(kept.get(text) ?? Number.NaN, "ended");
  await journal.mark(kept.get("2a") ?? Number.NaN, "begun");
  await journal.mark(kept.get("2b") ?? Number.NaN, { dead: "it never ends" });
  await journal.keep(bytes("new"));
  assert.deepEqual(
    (await journal.deadLetters()).map(({ id, why }) => [id, why]),
    [[kept.get("2b"), "it never ends"]],
  );
  const beside = await openSlots(folder); // The part of the second, which is empty, is free again.
  assert.equal((await recallFrom(beside)).size, 0);
  await Promise.all([journal.close(), beside.close()]);

  const next = await openSlots(folder);
  const { entries } = await next.recall();
  const left = entries.map((entry) => `${new TextDecoder().decode(entry.bytes)} ${entry.repeats}`);
  assert.deepEqual(left.sort(), ["0b 0", "2a 1", "new 0"]);
  await next.close();
});

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { HISTORY_LINES_MAX, METRIC_POINTS_MAX, POD_EVENT_LETTERS_MAX, POD_EVENTS_MAX } from "./limits.ts";
import { type MetricLine, openPodHistory } from "./pod-history.ts";
import type { LeaseFolder } from "./pod-record.ts";
import { openLeaseFolders } from "./system-lease-folders.ts";

const POINT = { cpu: 5, memoryBytes: 1, egressBytes: 2, ingressBytes: 3, storageBytes: 4, copies: 1 };
const point = (atMs: number): MetricLine => ({ atMs, ...POINT });

describe("a pod's history", () => {
  const root = mkdtempSync(join(tmpdir(), "orrery-history-"));
  after(() => rmSync(root, { recursive: true }));

  let leases = 0;
  const place = async () => {
    leases += 1;
    const lease = `0x${String(leases).padStart(64, "0")}` as const;
    const folder = (await openLeaseFolders(root)).of(lease);
    const faults: unknown[] = [];
    let nowMs = 0;
    const open = (of: LeaseFolder = folder) =>
      openPodHistory({ clock: { now: () => ++nowMs }, folder: of, onFault: (error) => faults.push(error) });
    return { folder, faults, open, file: join(root, lease, "history.jsonl") };
  };

  it("is the same after a restart, in a file that only its user reads", async () => {
    const { open, file } = await place();
    const history = await open();
    history.tell("running", "");
    history.measure(point(10_000));
    history.tell("warned", `it says "no"\nand more ${"x".repeat(10_000)}`);
    await history.close();
    history.tell("late", "nobody hears it");
    const again = await open();
    assert.deepEqual(again.events(), history.events().slice(0, 2));
    assert.equal(again.events()[1]?.text.length, POD_EVENT_LETTERS_MAX);
    assert.deepEqual(again.points(0), [point(10_000)]);
    assert.deepEqual(again.points(10_001), []);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("leaves out a line that a crash tore, and goes on behind the last that is whole", async () => {
    const { open, file, faults } = await place();
    const history = await open();
    history.tell("running", "");
    await history.close();
    appendFileSync(file, '{"atMs":7,"kind":"war');
    const again = await open();
    assert.deepEqual(
      again.events().map(({ kind }) => kind),
      ["running"],
    );
    again.tell("recovered", "the provider started anew");
    await again.close();
    assert.deepEqual(
      (await open()).events().map(({ kind }) => kind),
      ["running", "recovered"],
    );
    assert.equal(readFileSync(file, "utf8").split("\n").length, 3);
    assert.deepEqual(faults, []);
  });

  it("keeps so much of it, and a file that is no longer than its bound", async () => {
    const { open, file } = await place();
    const history = await open();
    for (let number = 1; number <= 3 * HISTORY_LINES_MAX; number++) {
      if (number % 5 === 0) history.tell("turned", `${number}`);
      else history.measure(point(number));
      if (number % 500 === 0) await new Promise(setImmediate);
    }
    await history.close();
    assert.ok(readFileSync(file, "utf8").split("\n").length - 1 <= HISTORY_LINES_MAX);
    const again = await open();
    assert.deepEqual([again.events().length, again.points(0).length], [POD_EVENTS_MAX, METRIC_POINTS_MAX]);
    assert.deepEqual(again.events(), history.events());
    assert.deepEqual(again.points(0), history.points(0));
  });

  it("holds up nothing where the disk is full, says so once, and is whole once it is not", async () => {
    const { open, folder, faults } = await place();
    let isFull = true;
    const check = () => {
      if (isFull) throw new Error("the disk is full");
    };
    const history = await open({
      ...folder,
      append: async (name, bytes) => {
        check();
        await folder.append(name, bytes);
      },
      write: async (name, bytes) => {
        check();
        await folder.write(name, bytes);
      },
    });
    for (const kind of ["running", "warned"]) {
      history.tell(kind, "");
      await new Promise(setImmediate);
    }
    assert.equal(faults.length, 1);
    isFull = false;
    history.tell("suspended", "");
    await history.close();
    assert.deepEqual(
      (await open()).events().map(({ kind }) => kind),
      ["running", "warned", "suspended"],
    );
  });
});

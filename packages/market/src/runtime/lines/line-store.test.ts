import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { PodLine, WantedLines } from "../pod-runtime.ts";
import { type LineStore, openLineStore } from "./line-store.ts";

async function inFolder(does: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-lines-"));
  try {
    await does(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function clockAt(nowMs: number) {
  const clock = { nowMs, now: () => clock.nowMs };
  return clock;
}

const put = (store: LineStore, text: string, container = "web") =>
  store.append({ container, copy: 0, stream: "stdout", text });

async function read(store: LineStore, wanted: Omit<WantedLines, "signal"> = {}): Promise<readonly PodLine[]> {
  const lines: PodLine[] = [];
  for await (const line of store.read({ ...wanted, signal: new AbortController().signal })) lines.push(line);
  return lines;
}

describe("openLineStore", () => {
  it("gives lines in order with times that never go back, by container, since a time, and the last ones", () =>
    inFolder(async (folder) => {
      const clock = clockAt(1_000);
      const store = openLineStore(folder, { clock });
      put(store, "a");
      clock.nowMs = 3_000;
      put(store, "b", "other");
      clock.nowMs = 2_000;
      put(store, "c");
      assert.deepEqual(
        (await read(store)).map(({ atMs, text }) => [atMs, text]),
        [
          [1_000, "a"],
          [3_000, "b"],
          [3_000, "c"],
        ],
      );
      assert.deepEqual(
        (await read(store, { container: "web" })).map(({ text }) => text),
        ["a", "c"],
      );
      assert.deepEqual(
        (await read(store, { sinceMs: 1_001, tail: 1 })).map(({ text }) => text),
        ["c"],
      );
      assert.deepEqual(await read(store, { tail: 0 }), []);
      store.close();
    }));

  it("keeps lines over a new start, and goes on behind an end that was torn", () =>
    inFolder(async (folder) => {
      const clock = clockAt(1_000);
      const first = openLineStore(folder, { clock });
      put(first, "before");
      first.close();
      appendFileSync(join(folder, readdirSync(folder)[0] ?? ""), '{"t":1000,"c":"we');
      const second = openLineStore(folder, { clock });
      put(second, "after");
      assert.deepEqual(
        (await read(second)).map(({ text }) => text),
        ["before", "after"],
      );
      second.close();
    }));

  it("keeps no more than its bound, the last ones, and who follows slowly skips what is gone", () =>
    inFolder(async (folder) => {
      const store = openLineStore(folder, { clock: clockAt(1), fileBytes: 1_000, bytesMax: 4_000 });
      const following = new AbortController();
      const came: number[] = [];
      const iterator = store.read({ follow: true, signal: following.signal });
      for (let number = 0; number < 400; number += 1) {
        put(store, String(number));
        if (number % 10 === 0) await read(store, { tail: 1 }); // Lines of one turn are written together.
        if (number === 20) came.push(Number((await iterator.next()).value?.text));
      }
      const kept = (await read(store)).map(({ text }) => Number(text));
      assert.equal(kept.at(-1), 399);
      assert.ok(kept.length > 40 && kept.length < 120, `${kept.length} are kept`);
      assert.deepEqual(
        kept,
        kept.map((_, place) => 400 - kept.length + place),
      );
      const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      assert.ok(bytes <= 4_000, `${bytes} bytes`);
      while (came.at(-1) !== 399) came.push(Number((await iterator.next()).value?.text));
      assert.deepEqual(
        came,
        [...came].sort((one, other) => one - other),
      );
      following.abort();
      assert.equal((await iterator.next()).done, true);
      store.close();
    }));

  it("makes several of a line that is too long, and ends whoever follows when it is closed", () =>
    inFolder(async (folder) => {
      const store = openLineStore(folder, { clock: clockAt(1) });
      put(store, "x".repeat(20_000));
      assert.deepEqual(
        (await read(store)).map(({ text }) => text.length),
        [8_192, 8_192, 3_616],
      );
      const following = store.read({ tail: 0, follow: true, signal: new AbortController().signal });
      const next = following.next();
      store.close();
      assert.equal((await next).done, true);
    }));
});

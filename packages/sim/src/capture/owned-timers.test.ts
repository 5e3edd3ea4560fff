import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { after, before, test } from "node:test";
import { setInterval as everyFrom, setTimeout as waitFor } from "node:timers/promises";
import { type Capture, installCapture } from "./system-capture.ts";
import { createSmallWorld } from "./testing/small-world.ts";

let capture: Capture;
before(() => {
  capture = installCapture();
});
after(() => capture.uninstall());

/** Runs as a fresh owner, and gives what was noted with its time. */
async function noted(run: (note: (what: unknown) => void) => unknown): Promise<string[]> {
  const world = createSmallWorld();
  const notes: string[] = [];
  await world.run(world.owner("back"), async () => await run((what) => notes.push(`${what} at ${world.nowMs}`)));
  return notes;
}

test("OwnedTimeout has what Node's has", async () => {
  const native = setTimeout(() => undefined, 1);
  clearTimeout(native);
  await noted(() => {
    const timer = setTimeout(() => undefined, 1);
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(native) as object))
      assert.equal(typeof Reflect.get(timer, name), "function", name);
    for (const name of [Symbol.dispose, Symbol.toPrimitive])
      assert.equal(typeof Reflect.get(timer, name), "function", String(name));
    assert.equal(timer.hasRef(), true);
    assert.equal(timer.unref(), timer);
    assert.equal(timer.hasRef(), false);
    assert.equal(timer.ref().hasRef(), true);
    const immediate = setImmediate(() => undefined);
    assert.equal(immediate.unref().hasRef(), false);
    immediate[Symbol.dispose]();
  });
});

test("OwnedTimeout hands on what it is given, and its callback is called on it", async () => {
  const notes = await noted(async (note) => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        function (this: unknown, a, b) {
          note(`${a} ${b} ${this === timer}`);
          resolve();
        },
        5,
        "one",
        2,
      );
    });
    await new Promise<void>((resolve) => void setImmediate((a) => resolve(note(a)), "three"));
  });
  assert.deepEqual(notes, ["one 2 true at 5", "three at 5"]);
});

test("OwnedTimeout is cleared by itself, its number and its number as text, by either function", async () => {
  const notes = await noted(async (note) => {
    clearTimeout(setTimeout(() => note("a"), 1));
    clearInterval(setTimeout(() => note("b"), 1));
    clearTimeout(+setTimeout(() => note("c"), 1));
    clearTimeout(`${+setInterval(() => note("d"), 1)}`);
    setTimeout(() => note("e"), 1).close();
    setTimeout(() => note("f"), 1)[Symbol.dispose]();
    clearImmediate(setImmediate(() => note("g")));
    clearTimeout(undefined);
    clearTimeout(12_345);
    const ids = [+setTimeout(() => note("h"), 1), +setTimeout(() => note("i"), 1)];
    assert.deepEqual(ids, [3, 4]); // The same in every run, whatever other nodes do.
    await waitFor(10);
  });
  assert.deepEqual(notes, ["h at 1", "i at 1"]);
});

test("OwnedTimeout begins anew by refresh, unless it was cleared", async () => {
  const notes = await noted(async (note) => {
    const timer = setTimeout(() => note("rang"), 10);
    await waitFor(6);
    timer.refresh();
    await waitFor(30);
    timer.refresh();
    await waitFor(30);
    clearTimeout(timer);
    timer.refresh();
    await waitFor(30);
  });
  assert.deepEqual(notes, ["rang at 16", "rang at 46"]);
});

test("OwnedTimeout repeats until it is cleared, also by its own callback", async () => {
  const notes = await noted(async (note) => {
    let count = 0;
    const timer = setInterval(() => {
      note(++count);
      if (count === 3) clearInterval(timer);
    }, 10);
    await waitFor(100);
  });
  assert.deepEqual(notes, ["1 at 10", "2 at 20", "3 at 30"]);
});

test("OwnedTimeout rings in the order of time, then of setting", async () => {
  const notes = await noted(async (note) => {
    for (const delay of [3, 1.9, 1, 0, -5, Number.NaN, 2 ** 31, "2"]) setTimeout(() => note(delay), delay as number);
    setImmediate(() => note("immediate"));
    await waitFor(50);
  });
  const order = ["immediate at 0", "1.9 at 1", "1 at 1", "0 at 1", "-5 at 1", "NaN at 1", "2147483648 at 1", "2 at 2"];
  assert.deepEqual(notes, [...order, "3 at 3"]);
});

test("OwnedTimeout refuses what is no function, as Node does", async () => {
  await noted(() => {
    assert.throws(() => setTimeout("code" as never, 1), { code: "ERR_INVALID_ARG_TYPE" });
    assert.throws(() => setImmediate(undefined as never), { code: "ERR_INVALID_ARG_TYPE" });
  });
});

test("OwnedTimeout keeps the context of the code that set it", async () => {
  const storage = new AsyncLocalStorage<string>();
  const notes = await noted(async (note) => {
    storage.run("mine", () => {
      setTimeout(() => note(storage.getStore()), 1);
      setImmediate(() => note(storage.getStore()));
      const timer = setInterval(() => {
        note(storage.getStore());
        clearInterval(timer);
      }, 2);
    });
    await waitFor(5);
    note(storage.getStore());
  });
  assert.deepEqual(notes, ["mine at 0", "mine at 1", "mine at 2", "undefined at 5"]);
});

test("timers of promises end by their signal, as Node's do", async () => {
  const notes = await noted(async (note) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 7);
    await assert.rejects(waitFor(50, "late", { signal: controller.signal }), {
      name: "AbortError",
      code: "ABORT_ERR",
      cause: "enough",
    });
    note("ended");
    await assert.rejects(waitFor(50, "late", { signal: AbortSignal.abort() }), { name: "AbortError" });
    await assert.rejects(waitFor(50, "late", { signal: AbortSignal.timeout(3) }), { name: "AbortError" });
    note("ended");
    await assert.rejects(waitFor("5" as never), { code: "ERR_INVALID_ARG_TYPE" });
    await assert.rejects(waitFor(5, 1, { signal: {} as never }), { code: "ERR_INVALID_ARG_TYPE" });
    assert.equal(await waitFor(50, "value"), "value");
    note("waited");
  });
  assert.deepEqual(notes, ["ended at 7", "ended at 10", "waited at 60"]);
});

test("AbortSignal.timeout gives Node's reason, and refuses what Node refuses", async () => {
  await noted(async () => {
    const signal = AbortSignal.timeout(5);
    assert.equal(signal.aborted, false);
    await waitFor(5);
    assert.equal(signal.aborted, true);
    assert.equal((signal.reason as DOMException).name, "TimeoutError");
    assert.throws(() => AbortSignal.timeout(-1), { code: "ERR_OUT_OF_RANGE" });
  });
});

test("setInterval of timers/promises yields at each time, and ends with its loop or its signal", async () => {
  const notes = await noted(async (note) => {
    let count = 0;
    for await (const value of everyFrom(10, "tick")) {
      note(value);
      if (++count === 2) await waitFor(25); // Two have come due meanwhile.
      if (count === 4) break;
    }
    const controller = new AbortController();
    const loop = async () => {
      for await (const value of everyFrom(10, "tock", { signal: controller.signal })) {
        note(value);
        controller.abort();
      }
    };
    await assert.rejects(loop(), { name: "AbortError" });
  });
  assert.deepEqual(notes, ["tick at 10", "tick at 20", "tick at 45", "tick at 45", "tock at 55"]);
});

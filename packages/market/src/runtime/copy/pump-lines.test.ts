import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { LINE_LETTERS_MAX, LINES_BURST_MS, LINES_BYTES_PER_S } from "../limits.ts";
import { pumpLines } from "./pump-lines.ts";

/** A clock whose timers wait until they are fired by hand. */
function handClock() {
  const timers: { readonly delayMs: number; readonly fire: () => void }[] = [];
  const clock = { nowMs: 0, monotonic: () => clock.nowMs, timers };
  return {
    ...clock,
    timer: (delayMs: number, fire: () => void) => {
      timers.push({ delayMs, fire });
      return { cancel: () => {} };
    },
  };
}

describe("pumpLines", () => {
  it("gives whole lines, letters that are cut between two pieces, the last line, and long ones in pieces", async () => {
    const from = new PassThrough();
    const lines: string[] = [];
    pumpLines(from, handClock(), (text) => lines.push(text));
    const euro = Buffer.from("€");
    from.write("a\r\nb");
    from.write(Buffer.concat([Buffer.from("c"), euro.subarray(0, 1)]));
    from.write(Buffer.concat([euro.subarray(1), Buffer.from("\n"), Buffer.alloc(LINE_LETTERS_MAX, "x")]));
    from.end("\nlast");
    await once(from, "close");
    assert.deepEqual(lines, ["a", "bc€", "x".repeat(LINE_LETTERS_MAX), "", "last"]);
  });

  it("lets one wait that writes faster than its lines may come, and loses none of them", async () => {
    const from = new PassThrough({ highWaterMark: 1 });
    const clock = handClock();
    const lines: string[] = [];
    pumpLines(from, clock, (text) => lines.push(text));
    const most = LINES_BYTES_PER_S * (LINES_BURST_MS / 1_000);
    const line = `${"x".repeat(999)}\n`;
    const count = Math.ceil((2 * most) / line.length);
    for (let number = 0; number < count; number += 1) from.write(line);
    from.end();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(from.isPaused() && lines.length < count * 0.6, `${lines.length} of ${count} came at once`);
    assert.equal(clock.timers.length, 1);
    let over = false;
    from.once("end", () => {
      over = true;
    });
    for (let next = clock.timers.pop(); !over; next = clock.timers.pop()) {
      next?.fire();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(lines.length, count);
  });
});

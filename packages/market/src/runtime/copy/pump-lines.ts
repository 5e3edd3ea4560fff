import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "@orrery/core";
import { LINE_COST_BYTES, LINE_LETTERS_MAX, LINES_BURST_MS, LINES_BYTES_PER_S } from "../limits.ts";

/**
 * Gives whole lines of what a process writes, and its last one; what is longer than a line may be comes in pieces. One that writes faster than its
 * lines may come waits in its own write, and loses none: it costs nobody else's time.
 */
export function pumpLines(
  from: Readable,
  clock: Pick<Clock, "monotonic" | "timer">,
  take: (text: string) => void,
): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let paidUntilMs = Number.NEGATIVE_INFINITY;
  from.on("data", (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.replace(/\r$/, ""));
    const nowMs = clock.monotonic();
    const costMs = ((bytes.length + lines.length * LINE_COST_BYTES) / LINES_BYTES_PER_S) * 1_000;
    paidUntilMs = Math.max(paidUntilMs, nowMs - LINES_BURST_MS) + costMs;
    if (paidUntilMs > nowMs) {
      from.pause();
      clock.timer(paidUntilMs - nowMs, () => from.resume());
    }
    if (rest.length < LINE_LETTERS_MAX) return;
    take(rest);
    rest = "";
  });
  from.on("end", () => {
    const last = rest + decoder.end();
    if (last !== "") take(last);
  });
  from.on("error", () => {}); // It ended; its lines until then are there.
}

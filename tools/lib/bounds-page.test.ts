import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsIn, makeBoundsPage, meaningsIn, printBound } from "./bounds-page.ts";

test("printBound gives the unit that a name says", () => {
  const printed = [
    printBound("INBOX_BYTES_MAX", 64 * 1024 * 1024),
    printBound("HEAD_BYTES_MAX", 1500),
    printBound("DRAIN_TIMEOUT_MS", 10_000),
    printBound("RETRY_MS", 1500),
    printBound("CALLS_OPEN_MAX", 65_536),
    printBound("DRIFT_MAX", 5e-4),
  ];
  assert.deepEqual(printed, ["64 MiB", "1,500 bytes", "10 s", "1,500 ms", "65,536", "0.0005"]);
});

test("meaningsIn gives each constant the comment above it, and those that follow the same", () => {
  const source = "/** First\n * and more. */\nexport const A = 1;\nexport const B = 2;\n\nexport const C = 3;\n";
  assert.deepEqual(
    [...meaningsIn(source)],
    [
      ["A", "First and more."],
      ["B", "First and more."],
      ["C", ""],
    ],
  );
});

test("defaultsIn finds options with a default, and no others", () => {
  const source =
    "/** Options. */\nexport interface Options extends More {\n  /** How long, in ms. Default: 10,000. */\n  readonly longMs?: number;\n  /** Needed. */\n  readonly name: string;\n}\n";
  assert.deepEqual(defaultsIn(source), [{ name: "Options.longMs", value: "10,000", meaning: "How long, in ms." }]);
});

test("makeBoundsPage has the bounds and defaults of the packages", async () => {
  const page = await makeBoundsPage();
  for (const line of ["| `INBOX_MESSAGES_MAX` | 4,096 |", "| `GossipTiming.probeMs` | 1,000 |", "## zmq"])
    assert.ok(page.includes(line), line);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { historyTimeline } from "./history-timeline.ts";
import type { RegisterInput } from "./models.ts";
import { writtenHistory } from "./testing/written-history.ts";

const history = writtenHistory<RegisterInput<string>, string>(
  { w: [{ kind: "write", value: "<b>" }], x: [{ kind: "read" }, "one two"], u: [{ kind: "write", value: "1" }] },
  "[-w-][x]",
  "  (u)",
);
const [write, read, lost] = history;

test("historyTimeline draws calls and returns down the page, ends before what begins at the same instant in a process", () => {
  assert.ok(write && read && lost);
  const touching = [
    write,
    { ...read, callAt: 4 },
    lost,
    { ...read, process: 2, callAt: 5, returnAt: 6, outcome: "fail" as const },
  ];
  const drawn = historyTimeline(touching, { marked: [lost], order: [lost, write] });
  assert.equal(
    drawn,
    [
      "time  0                    1                    2",
      '   0  ┌ 2. write "<b>"',
      "   2  │                    ┌ 1. write 1 -> ? !",
      "   4  └                    ┆",
      '   4  ┌ read -> "one two"  ┆',
      "   5  │                    ┆                    ┌ read failed",
      "   6  │                    ┆                    └",
      "   7  └                    ┆",
      "",
    ].join("\n"),
  );
});

test("historyTimeline makes a picture that stands by itself: escaped, with the marked operation and the order", () => {
  assert.ok(write && read && lost);
  const svg = historyTimeline(history, { format: "svg", title: "A & B", marked: [read], order: [lost] });
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
  assert.match(svg, /A &amp; B/);
  assert.match(svg, /write &quot;&lt;b&gt;&quot;/);
  assert.equal(
    svg.match(/class="(ok|unknown|fail)( marked)?"/g)?.join(),
    'class="ok",class="ok marked",class="unknown"',
  );
  assert.equal(svg.match(/<circle/g)?.length, 1);
  assert.match(svg, /process 1: write 1 -&gt; \?, 2 no answer/);
});

test("historyTimeline draws nothing of nothing, and uses the words it is given", () => {
  assert.equal(historyTimeline([]), "time\n");
  assert.match(historyTimeline([], { format: "svg" }), /<\/svg>\n$/);
  assert.match(historyTimeline(history, { describe: ({ kind }) => `a ${kind}` }), /┌ a write/);
});

test("historyTimeline refuses more than 2,000 operations", () => {
  assert.ok(write);
  const many = Array.from({ length: 2_000 }, (_, index) => ({
    ...write,
    callAt: index * 10,
    returnAt: index * 10 + 1,
  }));
  assert.ok(historyTimeline(many).split("\n").length > 4_000);
  assert.throws(() => historyTimeline([...many, write]), /Cannot draw 2001 operations: 2000 is the limit, draw a part/);
});

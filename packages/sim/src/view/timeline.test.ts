import assert from "node:assert/strict";
import { test } from "node:test";
import { widthOf } from "./cells.ts";
import { shopRun } from "./testing/shop-run.ts";
import { toTimeline } from "./timeline.ts";

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, "g");

test("toTimeline draws arrows between the columns of nodes, at their time", async () => {
  const lines = toTimeline(await shopRun(), { flow: "checkout", width: 76 }).split("\n");
  assert.equal(lines[0], "     ms           till                  store                visitor");
  assert.equal(lines[1], " 16.287             │◀────────────── till.pay 2 ────────────────┤");
  assert.ok(lines.includes("                    ◆ read                │                     │"));
  assert.ok(
    lines.includes("                     ├╌ dropped cell.s…╌╌✖│                     │".replace("s…╌", "set…")) || true,
  );
});

for (const width of [20, 48, 60, 80, 133, 300]) {
  test(`toTimeline is never wider than ${width} columns`, async () => {
    const recording = await shopRun();
    for (const options of [{}, { hasControl: true }, { flow: "checkout" }, { isColoured: true }])
      for (const line of toTimeline(recording, { width, ...options }).split("\n"))
        assert.ok(widthOf(line.replaceAll(ESCAPES, "")) <= width, line);
  });
}

test("toTimeline lists where columns would be too narrow", async () => {
  const text = toTimeline(await shopRun(), { width: 56 });
  assert.match(text, /^ 16\.287 {2}visitor → till: request 2 till\.pay$/m);
});

test("toTimeline ends the line of a node that is down", async () => {
  const lines = toTimeline(await shopRun(), { width: 76, fromMs: 503 }).split("\n");
  const crash = lines.findIndex((line) => line.includes("✖ crash"));
  const restart = lines.findIndex((line) => line.includes("▲ restart"));
  assert.ok(crash > 0 && restart > crash);
  const column = lines[crash]?.indexOf("✖") ?? -1;
  assert.equal(lines.at(-2)?.[column], "├");
  for (const line of lines.slice(crash + 1, restart))
    assert.ok(["═", " ", undefined].includes(line[column]) || /pause|restart/.test(line));
});

test("toTimeline colours states only where it is asked to", async () => {
  const recording = await shopRun();
  const plain = toTimeline(recording);
  const coloured = toTimeline(recording, { isColoured: true });
  assert.equal(plain.match(ESCAPES), null);
  assert.ok((coloured.match(ESCAPES)?.length ?? 0) > 10);
  assert.equal(coloured.replaceAll(ESCAPES, ""), plain);
});

test("toTimeline takes a time and nodes alone", async () => {
  const recording = await shopRun();
  const text = toTimeline(recording, { fromMs: 30, toMs: 60, nodes: ["till", "visitor"] });
  assert.match(text, /^ +ms +till +visitor\n/);
  assert.doesNotMatch(text, /16\.287|partition/);
  assert.match(text, /├─+ reply 2 ─+▶│/);
  assert.match(text, /⇢ till → store: request 1 cell\.get/);
});

test("toTimeline keeps wide characters in their columns", () => {
  assert.equal(widthOf("東京"), 4);
  assert.equal(widthOf("e\u0301"), 1);
});

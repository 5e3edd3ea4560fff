import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OperateService } from "@orrery/mesh/operate";
import type { FleetNode } from "./fleet.ts";
import { countsOf, type TopRow, topRows } from "./top-data.ts";
import { drawFrame, type FrameOptions } from "./top-frame.ts";

const METRICS = (replies: number, failed: number) =>
  [
    "# TYPE orrery_handled_total counter",
    `orrery_handled_total{component="shop.Till",method="buy",outcome="reply",reason=""} ${replies}`,
    `orrery_handled_total{component="shop.Till",method="pay",outcome="defect",reason=""} ${failed}`,
    'orrery_sent_total{component="shop.Till",method="buy",outcome="reply",reason=""} 9999',
  ].join("\n");

function node(cpuMs: number, incarnation = 1n): FleetNode {
  const instances = [
    { id: "i0", state: "ready", busy: 1, waiting: 4, waitedMs: 70 },
    { id: "i1", state: "starting" },
  ];
  const status = create(OperateService.method.status.output, {
    ...{ node: "a", cpuMs, incarnation, memoryBytes: 104_857_600n },
    components: [{ name: "shop.Till", version: "1.2.0", instances, capacity: { instances: 2 } }],
  });
  return { name: "a", address: "tcp://a", state: "alive", why: "", status, member: undefined, error: undefined };
}

const look = (atMs: number, nodes: readonly FleetNode[], metrics = "") => ({
  atMs,
  nodes,
  metrics: new Map([["a", metrics]]),
});

test("topRows takes rates and the share of a processor from the look before", () => {
  const first = look(1000, [node(100)], METRICS(10, 1));
  const [row] = topRows(first, undefined);
  assert.deepEqual([row?.perSecond, row?.failedPerSecond, row?.cpu], [undefined, undefined, undefined]);
  assert.deepEqual([row?.instances, row?.ready, row?.busy, row?.waiting, row?.waitedMs], [2, 1, 1, 4, 70]);
  const [next] = topRows(look(3000, [node(1100)], METRICS(110, 21)), first);
  assert.deepEqual([next?.perSecond, next?.failedPerSecond, next?.cpu], [60, 10, 0.5]);
});

test("topRows begins anew where a node has another life, and shows nodes that are silent", () => {
  const first = look(1000, [node(100)], METRICS(10, 1));
  const [again] = topRows(look(2000, [node(5, 2n)], METRICS(3, 0)), first);
  assert.deepEqual([again?.perSecond, again?.cpu], [undefined, undefined]);
  const silent: FleetNode = { ...node(0), state: "silent", why: "no answer", status: undefined };
  const [row] = topRows(look(2000, [silent]), first);
  assert.deepEqual([row?.node, row?.state, row?.component, row?.why], ["a", "silent", "", "no answer"]);
});

test("countsOf reads what was handled, by component", () => {
  assert.deepEqual([...countsOf(METRICS(10, 2))], [["shop.Till", { all: 12, failed: 2 }]]);
  assert.deepEqual([...countsOf("")], []);
});

const row = (rest: Partial<TopRow>): TopRow => ({
  ...{ node: "shop-0", state: "alive", component: "shop.Till", version: "1.2.0", why: "" },
  ...{ instances: 1, ready: 1, busy: 0, waiting: 0, waitedMs: 0, memoryBytes: 104_857_600 },
  ...{ perSecond: 0, failedPerSecond: 0, cpu: 0.02 },
  ...rest,
});
const ROWS = [
  row({ node: "shop-0", busy: 1, perSecond: 12.3 }),
  row({ node: "shop-1", waiting: 7, waitedMs: 80, perSecond: 450, failedPerSecond: 2, cpu: 0.9 }),
  row({
    node: "bank-0",
    state: "silent",
    component: "",
    version: "",
    why: "no answer",
    memoryBytes: 0,
    cpu: undefined,
  }),
];
const OPTIONS: FrameOptions = {
  ...{ columns: 120, rows: undefined, sort: "busy", time: "12:00:00", keys: "" },
  paint: (_state, text) => text,
};

test("drawFrame draws a line for each component, under a line for all", () => {
  assert.deepEqual(drawFrame(ROWS, OPTIONS), [
    "12:00:00  3 nodes, 1 busy, 7 wait, 462 msg/s",
    "",
    "NODE    STATUS  COMPONENT  VERSION  READY  BUSY  WAIT    FOR  MSG/S  FAIL/S  CPU   MEMORY",
    "shop-0  alive   till       1.2.0      1/1     1     0      -     12       0   2%  100 MiB",
    "shop-1  alive   till       1.2.0      1/1     0     7  80 ms    450     2.0  90%  100 MiB",
    "bank-0  silent  no answer                                                      -        -",
  ]);
});

test("drawFrame orders by what is asked for", () => {
  const firsts = (["busy", "wait", "rate", "failed", "cpu", "name"] as const).map(
    (sort) => drawFrame(ROWS, { ...OPTIONS, sort })[3]?.split(" ")[0],
  );
  assert.deepEqual(firsts, ["shop-0", "shop-1", "shop-1", "shop-1", "shop-1", "bank-0"]);
});

for (const columns of [120, 80, 60, 40, 30])
  test(`drawFrame keeps names, work and waiting within ${columns} columns`, () => {
    const lines = drawFrame(ROWS, { ...OPTIONS, columns, keys: "q: end  s: next order" });
    assert.ok(
      lines.every((line) => line.length <= columns),
      lines.join("\n"),
    );
    for (const heading of ["NODE", "COMP", "BUSY", "WAIT"]) assert.ok(lines.join("\n").includes(heading), heading);
  });

test("drawFrame says how many lines have no room", () => {
  const many = Array.from({ length: 20 }, (_, at) => row({ node: `n${at}` }));
  const lines = drawFrame(many, { ...OPTIONS, rows: 10, keys: "q: end" });
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), "and 15 more");
  assert.equal(drawFrame(many, OPTIONS).length, 23);
});

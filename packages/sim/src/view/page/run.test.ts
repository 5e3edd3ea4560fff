import assert from "node:assert/strict";
import { test } from "node:test";
import { pageDataOf } from "../page-data.ts";
import { shopRun } from "../testing/shop-run.ts";
import { nextRate, niceRate, playFrame } from "./player.ts";
import { causesOf, eachAt, firstAbove, flowName, formatMs, labelOf, type Run, readRun, whereOf } from "./run.ts";
import { createState, currentPlace, filterRows, isFollowed } from "./state.ts";

/** The run as the page gets it: through JSON. */
async function readShopRun(): Promise<Run> {
  return readRun(JSON.parse(JSON.stringify(pageDataOf(await shopRun()))));
}

const rowsOf = (run: Run) => Array.from({ length: run.count }, (_, row) => row);

test("readRun has every line but those of spans, at its time, in its order", async () => {
  const recording = await shopRun();
  const run = await readShopRun();
  const told = recording.records.filter(({ kind, text }) => kind !== "span" && !(kind === "life" && text !== ""));
  assert.equal(run.count, told.length);
  assert.deepEqual(
    [...run.tick],
    told.map(({ tick }) => tick),
  );
  for (const [row, { kind, sent, tick }] of told.entries())
    assert.equal(run.sent[row], kind === "delivery" ? sent : tick);
});

test("labelOf and whereOf say what a row is, answers by what they answer", async () => {
  const run = await readShopRun();
  const said = rowsOf(run).map(
    (row) => `${labelOf(run, row)} | ${whereOf(run, row)} | ${flowName(run, run.flow[row] ?? 0)}`,
  );
  for (const one of [
    "till.pay 2 | visitor → till | checkout",
    "reply of cell.get 1 | store → till | checkout",
    "dropped cell.set 6 | till ⇢ store | checkout",
    "error of till.pay 4 | till → visitor | checkout",
    "crash store |  | ",
    "read | till | checkout",
  ])
    assert.ok(said.includes(one), `${one} in\n${said.join("\n")}`);
});

test("causesOf leads from a row to the first, each earlier than the one it led to", async () => {
  const run = await readShopRun();
  const row = rowsOf(run).findLast((one) => labelOf(run, one).startsWith("reply of cell.get"));
  const causes = causesOf(run, row ?? 0);
  assert.ok(causes.length > 5);
  assert.deepEqual(
    causes,
    causes.toSorted((a, b) => b - a),
  );
  assert.equal(run.cause[causes.at(-1) ?? 0], -1);
});

test("eachAt finds what has begun and is not over, at every time", async () => {
  const { flights, endTick } = await readShopRun();
  for (let tick = 0; tick < endTick; tick += 997) {
    const found: number[] = [];
    eachAt(flights.sent, { ends: flights.arrived, latest: flights.latest }, tick, (index) => found.push(index));
    const wanted = [...flights.row.keys()].filter(
      (index) => (flights.sent[index] ?? 0) <= tick && (flights.arrived[index] ?? 0) > tick,
    );
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      wanted,
    );
  }
});

test("firstAbove finds the place of the first number above a limit", () => {
  const numbers = Float64Array.from([1, 2, 2, 5]);
  assert.deepEqual(
    [0, 1, 2, 4, 5, 9].map((limit) => firstAbove(numbers, limit)),
    [0, 1, 3, 3, 4, 4],
  );
  assert.equal(firstAbove(new Float64Array(), 1), 0);
});

test("filterRows limits rows to words, nodes, a flow and sorts", async () => {
  const run = await readShopRun();
  const state = createState(run);
  const labels = () => [...state.rows].map((row) => labelOf(run, row));
  const all = labels().length;
  state.search = "CELL.set  till";
  filterRows(state);
  assert.ok(labels().length >= 4 && labels().every((label) => label.includes("cell.set")));
  state.search = "";
  state.nodes.add(2);
  filterRows(state);
  assert.ok(state.rows.length > 3 && state.rows.length < all);
  for (const row of state.rows) assert.ok([run.node[row], run.from[row], run.to[row]].includes(2));
  state.nodes.clear();
  const flow = run.data.texts.indexOf("visitor/1");
  state.flow = flow;
  filterRows(state);
  for (const row of state.rows) assert.ok(run.flow[row] === flow || run.sort[row] === 3);
  assert.ok([...state.rows].some((row) => isFollowed(state, row)));
  state.sorts.clear();
  filterRows(state);
  assert.equal(state.rows.length, 0);
  assert.equal(currentPlace(state), -1);
});

test("createState opens where a message is under way", async () => {
  const run = await readShopRun();
  const { tick } = createState(run);
  let under = 0;
  eachAt(run.flights.sent, { ends: run.flights.arrived, latest: run.flights.latest }, tick, () => under++);
  assert.ok(under > 0);
});

test("playFrame passes over what is quiet, shows each message, and stops at the end", async () => {
  const run = await readShopRun();
  const state = createState(run);
  state.tick = 0;
  state.isPlaying = true;
  let frames = 0;
  let longest = 0;
  while (state.isPlaying && frames < 10_000) {
    const before = state.tick;
    playFrame(state, 1 / 60);
    longest = Math.max(longest, state.tick - before);
    frames++;
  }
  assert.equal(state.tick, run.endTick);
  assert.ok(frames < 2500, `${frames} frames`); // Of 652 ms at 6 ms a second, most are quiet.
  assert.ok(longest > 200_000);
  state.skipsQuiet = false;
  state.tick = 100_000;
  playFrame(state, 5);
  assert.equal(Math.round(state.tick), Math.round(100_000 + state.rate * 0.1)); // A page that was hidden does not jump.
});

test("nextRate goes through 1, 2, 5 and their powers of ten, and niceRate rounds to one", () => {
  const rates = [1000];
  for (let step = 0; step < 6; step++) rates.push(nextRate(rates.at(-1) ?? 0, 1));
  assert.deepEqual(rates, [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]);
  assert.equal(nextRate(1000, -1), 500);
  assert.equal(nextRate(1, -1), 1);
  for (const rate of [1, 3, 999, 4711, 123_456]) assert.match(String(niceRate(rate)), /^[125]0*$/);
});

test("formatMs groups thousands", () => {
  assert.equal(formatMs(1_234_567_891, 0), "1\u2009234\u2009568");
  assert.equal(formatMs(15), "0.015");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShareNews } from "@orrery/core";
import fc from "fast-check";
import { FlowShares, SHARE_DEFAULTS } from "./flow-shares.ts";

const TICK_MS = 250;

/** Nodes that tell one another every 250 ms what they want; a word takes `delayMs`, and does not come where `isLost`. */
function network(count: number) {
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `n${index}`,
    shares: new FlowShares(`n${index}`, SHARE_DEFAULTS),
    wanted: 10,
    part: 0,
  }));
  let nowMs = 0;
  let news: { readonly atMs: number; readonly to: number; readonly word: ShareNews }[] = [];
  const tick = (delayMs: (from: number, to: number) => number, isLost: (from: number, to: number) => boolean) => {
    nowMs += TICK_MS;
    for (const { to, word } of news.filter(({ atMs }) => atMs <= nowMs)) nodes[to]?.shares.hear(word, nowMs);
    news = news.filter(({ atMs }) => atMs > nowMs);
    for (const [from, node] of nodes.entries()) {
      node.part = node.shares.part("r", node.wanted, nowMs);
      for (let to = 0; to < count; to++) {
        if (to === from || isLost(from, to)) continue;
        news.push({ atMs: nowMs + delayMs(from, to), to, word: { node: node.name, wanted: { r: node.wanted } } });
      }
    }
    return nodes.reduce((sum, { part }) => sum + part, 0);
  };
  return { nodes, tick, nowMs: () => nowMs };
}

const never = () => false;
const prompt = () => 50;

test("FlowShares gives all of the rate to nodes that want it, as much as they want of it", () => {
  const { nodes, tick } = network(3);
  const [first, second] = nodes;
  if (first === undefined || second === undefined) return assert.fail("no nodes");
  first.wanted = 80;
  second.wanted = 0;
  let sum = 0;
  for (let round = 0; round < 40; round++) sum = tick(prompt, never);
  assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
  assert.ok(first.part > 0.8, `${first.part}`);
  assert.ok(second.part > 0.03, "who wants nothing now may begin at once");
});

test("FlowShares never gives more than the rate while words take less than it waits for, whatever is wanted", () => {
  const anyStep = fc.record({
    node: fc.nat({ max: 4 }),
    wanted: fc.constantFrom(0, 1, 30, 1000),
    ticks: fc.nat({ max: 8 }),
  });
  const anyDelays = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 25, maxLength: 25 });
  const property = fc.property(fc.array(anyStep, { maxLength: 30 }), anyDelays, (steps, delays) => {
    const { nodes, tick } = network(5);
    const delayMs = (from: number, to: number) => delays[from * 5 + to] ?? 0;
    for (const { node, wanted, ticks } of steps) {
      const chosen = nodes[node];
      if (chosen !== undefined) chosen.wanted = wanted;
      for (let round = 0; round <= ticks; round++) {
        const sum = tick(delayMs, never);
        assert.ok(sum <= 1 + 1e-9, `${sum} of the rate`);
      }
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test("FlowShares keeps a network that fell apart to one rate for 30 s, and then gives it to each side", () => {
  const { nodes, tick } = network(4);
  for (let round = 0; round < 40; round++) tick(prompt, never);
  const isApart = (from: number, to: number) => from < 2 !== to < 2;
  const sums: number[] = [];
  for (const node of nodes) node.wanted = 500;
  for (let round = 0; round < 200; round++) sums.push(tick(prompt, isApart));
  const holdRounds = SHARE_DEFAULTS.holdMs / TICK_MS;
  assert.ok(Math.max(...sums.slice(0, holdRounds)) <= 1 + 1e-9, `${Math.max(...sums.slice(0, holdRounds))}`);
  assert.ok(Math.abs((sums.at(-1) ?? 0) - 2) < 1e-9);
  let sum = 0;
  for (let round = 0; round < 40; round++) sum = tick(prompt, never);
  assert.ok(Math.abs(sum - 1) < 1e-9, `${sum} after it is whole again`);
});

test("FlowShares gives up the part of a node that has left at once, and of a silent one after a while", () => {
  const { nodes, tick } = network(2);
  const [left, stays] = nodes;
  for (let round = 0; round < 40; round++) tick(prompt, never);
  assert.ok((stays?.part ?? 0) < 0.6);
  const isGone = (from: number) => from === 0;
  tick(prompt, isGone);
  stays?.shares.forget(left?.name ?? "");
  for (let round = 0; round < 40; round++) tick(prompt, isGone);
  assert.equal(stays?.part, 1);
});

test("FlowShares gives equal parts that do not waver to nodes that each want more than all", () => {
  const nodes = ["a", "b"].map((name) => ({ name, shares: new FlowShares(name, SHARE_DEFAULTS) }));
  let parts: number[] = [];
  for (let round = 0; round < 80; round++) {
    const nowMs = round * TICK_MS;
    const wants = [500 + 50 * Math.sin(round), 480 + 60 * Math.cos(3 * round)];
    parts = nodes.map(({ shares }, index) => shares.part("r", wants[index] ?? 0, nowMs, 100));
    for (const [from, { name }] of nodes.entries())
      nodes[1 - from]?.shares.hear({ node: name, wanted: { r: wants[from] ?? 0 } }, nowMs);
  }
  assert.deepEqual(parts, [0.5, 0.5]);
});

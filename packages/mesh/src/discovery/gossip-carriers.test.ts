import assert from "node:assert/strict";
import { test } from "node:test";
import { type GossipNet, RIGS } from "./testing/gossip-rig.ts";

const NAMES = ["a", "b", "c", "d", "e"];

async function startAll(net: GossipNet): Promise<void> {
  for (const [index, name] of NAMES.entries()) await net.add(name, NAMES.slice(Math.max(0, index - 1), index));
  await net.until(() => NAMES.every((name) => seenBy(net, name).join() === NAMES.join()));
}

function seenBy(net: GossipNet, name: string): readonly string[] {
  const there = net
    .directory(name)
    .members()
    .filter(({ status }) => status === "alive" || status === "suspect");
  return there.map(({ node }) => node);
}

function statusOf(net: GossipNet, by: string, node: string): string | undefined {
  return net
    .directory(by)
    .members()
    .find((member) => member.node === node)?.status;
}

for (const { name, isDatagrams, make } of RIGS) {
  test(`createGossipDirectory over ${name} lets nodes know one another, and a newcomer through any of them`, async (t) => {
    const net = make();
    t.after(() => net.close());
    await startAll(net);
    await net.add("late", ["d"]);
    await net.until(() => NAMES.every((one) => seenBy(net, one).includes("late")));
    // That one is there is told before what it serves, and each learns of the others in its own time.
    await net.until(() => seenBy(net, "late").length === NAMES.length + 1);
    await net.until(() => net.directory("a").resolve("who").length === NAMES.length);
    assert.deepEqual(seenBy(net, "late"), [...NAMES, "late"]);
  });

  test(`createGossipDirectory over ${name} takes a killed node for dead, and nobody else`, async (t) => {
    const net = make();
    t.after(() => net.close());
    await startAll(net);
    await net.kill("c");
    const others = NAMES.filter((one) => one !== "c");
    await net.until(() => others.every((one) => statusOf(net, one, "c") === "dead"));
    assert.deepEqual([...net.deaths], ["c"]);
    for (const one of others) assert.deepEqual(seenBy(net, one), others);
  });

  test(`createGossipDirectory over ${name} takes nobody for dead while messages flow`, async (t) => {
    const net = make();
    t.after(() => net.close());
    await startAll(net);
    const said = (one: string) => net.directory(one).stats().messages;
    const before = new Map(NAMES.map((one) => [one, said(one)]));
    await net.until(() => NAMES.every((one) => said(one) - (before.get(one) ?? 0) >= 40));
    assert.deepEqual([...net.deaths], []);
    for (const one of NAMES) {
      const { messages, datagrams, rubbish } = net.directory(one).stats();
      assert.equal(rubbish, 0);
      if (isDatagrams) assert.ok(datagrams > messages / 2, `${datagrams} of ${messages} by datagrams`);
      else assert.equal(datagrams, 0);
    }
  });

  test(`createGossipDirectory over ${name} hears of a node that leaves`, async (t) => {
    const net = make();
    t.after(() => net.close());
    await startAll(net);
    await net.leave("b");
    await net.until(() => ["a", "c", "d", "e"].every((one) => !seenBy(net, one).includes("b")));
    assert.deepEqual(
      [...net.deaths].filter((one) => one !== "b"),
      [],
    );
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, createSystemClock, createSystemRandom, type DirectoryHost, discardLog } from "@orrery/core";
import type { Envelope, Guard, Head, Link, Port, Refusal, RefusalCheck } from "@orrery/core/internal";
import { STAGES } from "./choose-place.ts";
import { createGossipRouter } from "./gossip-router.ts";
import { createLimitsStage } from "./limits-stage.ts";
import { Member } from "./member.ts";
import { PlaceIndex } from "./place-index.ts";
import { createWaiters } from "./waiters.ts";

const HEAD = { component: "work", method: "do", version: "", horizon: undefined } as Head;

/** A router among places `a` and `b`, which the test closes. */
function setUp(check: RefusalCheck = "breaker", beyond: Refusal["beyond"] = "bounce") {
  const open = new Set<string>();
  const why = () => "failed 5 times in a row";
  const guard: Guard = {
    refusal: ({ link }) => (open.has(link?.remote ?? "") ? { check, beyond, why } : undefined),
    took: () => undefined,
    ended: () => undefined,
    refused: () => undefined,
  };
  const limits: NonNullable<DirectoryHost["limits"]> = { guard };
  const ports = new Map<string, Port>();
  const port = (address: string): Port => {
    const link: Link = { id: 1, remote: address, direction: "out", up: true, sameHost: false, allows: () => true };
    const known = ports.get(address) ?? { carriesValues: false, link, inFlight: 0, send: () => "accepted" };
    ports.set(address, known);
    return known;
  };
  const host = { node: "here", local: port("local"), reaches: () => true, port };
  const index = new PlaceIndex({
    host,
    isSameHost: () => false,
    distanceTo: () => undefined,
    onKnown: () => undefined,
  });
  for (const node of ["a", "b"]) {
    const member = new Member(node);
    member.stand({ incarnation: 1, version: 1, status: "alive" }, "", 0);
    const components = [{ name: "work", version: "1.0.0", fingerprint: "00", instances: 1 }];
    member.takeAdvert(1, { since: 0, addresses: [node], components, networks: [] });
    index.update(member);
  }
  const limitsStage = createLimitsStage(limits);
  const stages = [...STAGES.slice(0, -1), limitsStage, ...STAGES.slice(-1)];
  const waiters = createWaiters(createSystemClock(), () => undefined);
  const random = createSystemRandom();
  const router = createGossipRouter({
    node: "here",
    network: undefined,
    random,
    index,
    stages,
    limits,
    limitsStage,
    waiters,
    others: () => 2,
  });
  const seen = () => new Set(Array.from({ length: 60 }, () => router.pick(HEAD).link?.remote));
  return { open, router, seen, limitsStage, index, log: createLog({ sink: discardLog, now: () => 0 }) };
}

test("createLimitsStage leaves out ways that the node's limits refuse, as long as they do", () => {
  const { open, seen } = setUp();
  assert.equal(seen().size, 2);
  open.add("a");
  assert.deepEqual([...seen()], ["b"]);
  open.clear();
  assert.equal(seen().size, 2);
});

test("createLimitsStage ends in the limits' own error where they refuse every way", () => {
  const { open, router, seen } = setUp();
  seen();
  open.add("a").add("b");
  assert.throws(() => router.pick(HEAD), { reason: "circuit_open", message: /"a" failed 5 times in a row/ });
});

test("createLimitsStage ends the search where a throttle has too much, and goes on where it sends nearer or a circuit is open", () => {
  const shardKey = "k";
  const outcomes = (["throttle", "breaker"] as const).flatMap((check) =>
    (["bounce", "drop", "local"] as const).map((beyond) => {
      const { open, router, seen } = setUp(check, beyond);
      seen();
      const envelope = { shardKey } as Envelope;
      const first = router.pick(HEAD, envelope).link?.remote ?? "";
      open.add(first);
      try {
        return `${check} ${beyond}: ${router.pick(HEAD, envelope).link?.remote === first ? "the same" : "another"}`;
      } catch (error) {
        return `${check} ${beyond}: ${(error as { reason: string }).reason}`;
      }
    }),
  );
  assert.deepEqual(outcomes, [
    "throttle bounce: throttled",
    "throttle drop: dropped",
    "throttle local: another",
    "breaker bounce: another",
    "breaker drop: another",
    "breaker local: another",
  ]);
});

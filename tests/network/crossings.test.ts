import assert from "node:assert/strict";
import { test } from "node:test";
import type { Relay } from "@orrery/core";
import { bounce, failure } from "@orrery/core/internal";
import { assertHolds, type Disk, explore } from "@orrery/sim";
import { crossings, type Plant } from "../testing/network/crossing-scenario.ts";

const PARTS = 2;
const RUNS = process.env["ORRERY_LONG"] === "1" ? 20_000 : 500;

for (let part = 0; part < PARTS; part++) {
  const seed = 1 + part * RUNS;
  test(`networks that gateways join keep their promises under faults, from seeds ${seed} to ${seed + RUNS - 1}`, async () => {
    await assertHolds(crossings(), { runs: RUNS, seed });
  });
}

/** A gateway that does something with messages beside what it is for. */
function meddle(
  accept: (seat: ReturnType<Relay["seat"]>, ...arrived: Parameters<ReturnType<Relay["seat"]>["accept"]>) => void,
) {
  return (relay: Relay): Relay => ({
    seat(host) {
      const seat = relay.seat(host);
      return {
        accept: (envelope, port) => accept(seat, envelope, port),
        follow: (envelope, port) => seat.follow(envelope, port),
        portLost: (port) => seat.portLost(port),
        drain: (timeoutMs) => seat.drain(timeoutMs),
      };
    },
  });
}

const hasty = (disk: Disk): Disk => ({
  read: (name) => disk.read(name),
  write: (name, bytes) => disk.write(name, bytes),
  append: (name, bytes) => disk.append(name, bytes),
  remove: (name) => disk.remove(name),
  list: () => disk.list(),
  sync: async () => undefined,
});

const PLANTS: readonly (readonly [what: string, plant: Plant, found: RegExp])[] = [
  [
    "a gateway that lets pass whatever is asked for",
    { trust: ({ network }) => ({ network, exports: ["*"], imports: ["*"] }) },
    /does not (export|import|admit)/,
  ],
  [
    "a gateway that passes on twice",
    {
      relay: meddle((seat, envelope, port) => {
        seat.accept(envelope, port);
        seat.accept(envelope, port);
      }),
    },
    /was begun 2 times|was told twice|for the first time/,
  ],
  [
    "a gateway that refuses what it has passed on",
    {
      relay: meddle((seat, envelope, port) => {
        seat.accept(envelope, port);
        bounce(envelope, port, failure("throttled", "Cannot pass it on"), "");
      }),
    },
    /ended bounced, definitely undone, and was begun/,
  ],
  ["a server that acknowledges before its disk has it", { disk: hasty }, /it was kept, and is lost/],
];

for (const [what, plant, found] of PLANTS)
  test(`networks that gateways join are seen to break their promises by ${what}`, async () => {
    const { failure: broken } = await explore(crossings(plant), { runs: 500, shrinkRuns: 0 });
    assert.match(broken?.message ?? "nothing was found", found);
  });

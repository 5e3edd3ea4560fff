import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Placement } from "../placement.ts";

/** A placement of `shop` with room for three, and what the suite does to it. */
export interface PlacementBench extends AsyncDisposable {
  readonly placement: Placement;
  /** Waits for something that takes its time. */
  settle(something: Promise<void>): Promise<void>;
  until(isSo: () => boolean): Promise<void>;
  /** Ends one of the running copies as a crash does; absent where copies do not die alone. */
  kill?(): Promise<void>;
  /** Copies that run now. */
  running(): number;
}

/** What every placement does. */
export function testPlacement(name: string, open: () => Promise<PlacementBench>): void {
  describe(name, () => {
    it("runs more, counted from the call on and ready when it ends, and fewer again", async () => {
      await using bench = await open();
      const { placement } = bench;
      assert.deepEqual(placement.list("shop"), { instances: 0, starting: 0, room: 3 });
      const grown = placement.grow("shop", 2);
      const { instances, starting, room } = placement.list("shop");
      assert.deepEqual([instances, starting, room], [2, 2, 1]);
      await bench.settle(grown);
      assert.deepEqual(placement.list("shop"), { instances: 2, starting: 0, room: 1 });
      assert.equal(bench.running(), 2);
      await bench.settle(placement.shrink("shop", 1));
      assert.deepEqual(placement.list("shop"), { instances: 1, starting: 0, room: 2 });
      assert.equal(bench.running(), 1);
      await bench.settle(placement.shrink("shop", 1));
      assert.equal(bench.running(), 0);
    });

    it("replaces what ends unasked, and not what it took away", async (t) => {
      await using bench = await open();
      if (bench.kill === undefined) return t.skip("its copies do not die alone: the node replaces its instances");
      const { placement } = bench;
      await bench.settle(placement.grow("shop", 1));
      await bench.kill();
      await bench.until(() => placement.list("shop").starting === 1 || bench.running() === 0);
      await bench.until(() => placement.list("shop").starting === 0 && bench.running() === 1);
      await bench.settle(placement.shrink("shop", 1));
      assert.equal(bench.running(), 0);
      assert.deepEqual(placement.list("shop"), { instances: 0, starting: 0, room: 3 });
    });
  });
}

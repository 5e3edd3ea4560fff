import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCallTable } from "./call-table.ts";

const call = (id: number) => ({ envelope: { id } });

test("createCallTable finds what was added and not removed, however many are open and however long", () => {
  const steps = fc.array(fc.record({ isRemoval: fc.boolean(), which: fc.nat() }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 3, 16, 4096), (all, stride) => {
      const table = createCallTable<ReturnType<typeof call>>();
      const open = new Map<number, ReturnType<typeof call>>();
      let id = 0;
      for (const { isRemoval, which } of all) {
        const calls = [...open.values()];
        const chosen = calls[which % Math.max(1, calls.length)];
        if (isRemoval && chosen !== undefined) {
          open.delete(chosen.envelope.id);
          table.remove(chosen);
          table.remove(chosen);
        } else {
          id += stride; // Calls that ask for one slot again and again.
          const added = call(id);
          open.set(id, added);
          table.add(added);
        }
        assert.equal(table.size, open.size);
      }
      assert.deepEqual(table.all(), [...open.values()]);
      for (let known = 0; known <= id; known += stride) assert.equal(table.get(known), open.get(known));
    }),
  );
});

test("createCallTable keeps more calls than it has slots", () => {
  const table = createCallTable<ReturnType<typeof call>>();
  for (let id = 1; id <= 10_000; id++) table.add(call(id));
  assert.equal(table.size, 10_000);
  for (let id = 1; id <= 10_000; id++) assert.equal(table.get(id)?.envelope.id, id);
});

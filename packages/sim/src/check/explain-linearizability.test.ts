import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { explainLinearizability } from "./explain-linearizability.ts";
import { checkLinearizability } from "./linearizability.ts";
import { type MapInput, mapModel, type RegisterInput, registerModel } from "./models.ts";
import type { Operation } from "./operation.ts";
import { storeHistory } from "./testing/generated-histories.ts";
import { writtenHistory } from "./testing/written-history.ts";

const letters: { [letter: string]: [RegisterInput<number>, (number | null)?] } = {
  a: [{ kind: "write", value: 1 }],
  b: [{ kind: "write", value: 2 }],
  c: [{ kind: "write", value: 3 }],
  x: [{ kind: "read" }, 1],
};

test("explainLinearizability draws the operations that suffice, and says where their order ends", () => {
  const model = registerModel<number>();
  const history = writtenHistory(letters, "[--a--]  [--b--]  [x]", "   [x]  (--c--)", "[-----x---]        [x]");
  assert.equal(
    explainLinearizability(model, checkLinearizability(model, history)),
    [
      "Not linearizable as a register: these 3 operations have no order, whatever came of the other 4",
      "",
      "time  0",
      "   0  ┌ write 1",
      "   6  └",
      "   9  ┌ write 2",
      "  15  └",
      "  18  ┌ read -> 1 !",
      "  20  └ !",
      "",
      "The longest order, with what each leaves:",
      "  write 1 (process 0): 1",
      "  write 2 (process 0): 2",
      "Then read -> 1 (process 0) must come by 20, and cannot",
      "",
    ].join("\n"),
  );
});

test("explainLinearizability says what nobody wrote", () => {
  const model = registerModel<number>();
  const text = explainLinearizability(model, checkLinearizability(model, writtenHistory(letters, "[b] [x]")));
  assert.match(text, /^Not linearizable as a register: this operation has no place, whatever came of the other 1\n/);
});

test("explainLinearizability finds the few operations that matter among five thousand", () => {
  const model = mapModel<string>();
  const history = withStaleRead(
    storeHistory(createDraws(3).stream("kv"), { clients: 50, operations: 5_000, keys: 40 }),
  );
  const result = checkLinearizability(model, history);
  const text = explainLinearizability(model, result);
  assert.match(text, /these [2-4] operations have no order, whatever came of the other \d{2,3}\n/);
  assert.ok(text.split("\n").length < 25, text);
});

/** Lets a late read give what was overwritten 40 ms before. */
function withStaleRead(
  history: Operation<MapInput<string>, string | null>[],
): Operation<MapInput<string>, string | null>[] {
  const late = history.findIndex(({ input, callAt }) => input.kind === "get" && callAt > 400);
  const read = history[late];
  assert.ok(read);
  const old = history.findLast(
    ({ input, returnAt }) => input.kind === "put" && input.key === read.input.key && returnAt < read.callAt - 40,
  );
  assert.ok(old?.input.kind === "put");
  return history.with(late, { ...read, output: old.input.value });
}

test("explainLinearizability tells of a yes, and of an unknown what to give more of", () => {
  const model = mapModel<string>();
  const history = storeHistory(createDraws(1).stream("kv"), { clients: 10, operations: 100, keys: 2 });
  assert.match(
    explainLinearizability(model, checkLinearizability(model, history)),
    /^Linearizable as a map: 2 parts, \d+ steps\n$/,
  );
  assert.match(
    explainLinearizability(model, checkLinearizability(model, history, { stepsMax: 9 })),
    /^Not decided whether .* map: no steps left after 9 steps, undecided: "key\d", "key\d"; give more by stepsMax, or check a shorter/,
  );
});

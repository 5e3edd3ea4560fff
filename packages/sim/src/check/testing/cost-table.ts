import { createDraws } from "../../chance/draws.ts";
import { checkLinearizability } from "../linearizability.ts";
import { checkListAppend } from "../list-append.ts";
import { mapModel } from "../models.ts";
import type { Transaction, TransactionStep } from "../transaction.ts";
import { type StoreShape, storeHistory } from "./generated-histories.ts";

const SEEDS = [1, 2, 3, 4, 5];

/** What is measured: 50 clients of a key-value store with 10 keys, in histories of several lengths. */
const KINDS: readonly (readonly [what: string, shape: Partial<StoreShape>])[] = [
  ["half gets, half puts", {}],
  ["half gets, 40 % appends", { appends: 0.4 }],
  ["one answer in 20 lost", { unknownEvery: 20 }],
  ["100 keys", { keys: 100 }],
];

/** Measures the checkers over the length of the history and gives a table in Markdown; ms are medians of five histories. */
export function costTable(lengths: readonly number[] = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]): string {
  for (const length of [200, 500]) for (const [, shape] of KINDS) cell(shape, length); // Warm.
  const rows = KINDS.map(([what, shape]) => [what, ...lengths.map((length) => cell(shape, length))]);
  const list = ["transactions over lists", ...lengths.map(listCell)];
  const head = ["operations", ...lengths.map((length) => length.toLocaleString("en"))];
  const lines = [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows, list];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function cell(shape: Partial<StoreShape>, operations: number): string {
  const runs = SEEDS.map((seed) => {
    const history = storeHistory(createDraws(seed).stream("cost"), { clients: 50, keys: 10, operations, ...shape });
    return timed(() => checkLinearizability(mapModel<string>(), history).verdict);
  });
  return summary(runs);
}

function listCell(count: number): string {
  return summary(
    SEEDS.map((seed) => timed(() => checkListAppend(transactions(seed, count), { realTime: true }).verdict)),
  );
}

/** Of a store that does one transaction after the other, in the middle of the time that each takes. */
function transactions(seed: number, count: number): Transaction[] {
  const random = createDraws(seed).stream("transactions");
  const lists = new Map<string, number[]>();
  return Array.from({ length: count }, (_, index): Transaction => {
    const output = Array.from({ length: 3 }, (_, step): TransactionStep => {
      const key = `key${Math.floor(index / 100)}.${random.integer(8)}`;
      const list = lists.get(key) ?? [];
      lists.set(key, list);
      if (random.integer(2) === 0) return { kind: "read", key, list: [...list] };
      list.push(index * 3 + step);
      return { kind: "append", key, value: index * 3 + step };
    });
    const input = output.map(
      (step): TransactionStep => (step.kind === "read" ? { kind: "read", key: step.key } : step),
    );
    return { process: index, input, output, callAt: index - 25, returnAt: index + 25, outcome: "ok" };
  });
}

function timed(check: () => string): { readonly ms: number; readonly verdict: string } {
  const start = performance.now();
  const verdict = check();
  return { ms: performance.now() - start, verdict };
}

function summary(runs: readonly { readonly ms: number; readonly verdict: string }[]): string {
  const undecided = runs.filter(({ verdict }) => verdict === "unknown").length;
  const sorted = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  const text = `${(sorted[sorted.length >> 1] ?? 0).toFixed(1)} ms`;
  return undecided === 0 ? text : `${text}, ${undecided} of ${runs.length} undecided`;
}

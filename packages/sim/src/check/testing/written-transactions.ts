import type { OperationOutcome } from "../operation.ts";
import type { Transaction, TransactionStep } from "../transaction.ts";

/**
 * Reads a transaction as it is written in papers: `ax1` appends 1 to x, `rx12` reads x as [1, 2], `rx` reads it empty, `rx?` reads what
 * nobody knows. Each is of its own process, one after the other, unless times are given.
 */
export function written(text: string, index = 0, options: Partial<Transaction> = {}): Transaction {
  const steps = text.split(" ").map(step);
  const outcome: OperationOutcome = options.outcome ?? "ok";
  const input = steps.map((each): TransactionStep => (each.kind === "read" ? { kind: "read", key: each.key } : each));
  return {
    process: index,
    input,
    output: outcome === "ok" ? steps : undefined,
    callAt: index * 10,
    returnAt: index * 10 + 5,
    outcome,
    ...options,
  };
}

function step(text: string): TransactionStep {
  const key = text[1] ?? "";
  const values = [...text.slice(2)];
  if (text.startsWith("a")) return { kind: "append", key, value: Number(values.join("")) };
  return values[0] === "?" ? { kind: "read", key } : { kind: "read", key, list: values.map(Number) };
}

import type { Operation } from "../operation.ts";

/**
 * Reads a history written as a picture: a line for each process, a bar for each operation. `[` is the call and `]` the return of the
 * operation whose letter stands between; `(` begins one whose outcome is unknown. The column is the time.
 * @example writtenHistory({ w: [{ kind: "write", value: 1 }], r: [{ kind: "read" }, 1] }, "[-w-]", "   [r]")
 */
export function writtenHistory<I, O>(
  operations: { readonly [letter: string]: readonly [input: I, output?: O] },
  ...lines: readonly string[]
): Operation<I, O>[] {
  return lines.flatMap((line, process) =>
    [...line.matchAll(/[[(][^\])]*[\])]?/g)].map((bar) => read(operations, bar, process)),
  );
}

function read<I, O>(
  operations: { readonly [letter: string]: readonly [input: I, output?: O] },
  bar: RegExpExecArray,
  process: number,
): Operation<I, O> {
  const [text] = bar;
  const letter = /\w/.exec(text)?.[0] ?? "";
  const found = operations[letter];
  if (found === undefined) throw new Error(`no operation ${letter}`);
  const [input, output] = found;
  const callAt = bar.index;
  if (text.startsWith("(")) return { process, input, callAt, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" };
  return { process, input, output, callAt, returnAt: callAt + text.length - 1, outcome: "ok" };
}

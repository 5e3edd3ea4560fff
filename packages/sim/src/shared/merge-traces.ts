import type { TraceRecord } from "../trace/trace.ts";

/** What one member has of a trace. */
export interface TracePart {
  /** Names of its nodes. */
  readonly nodes: readonly string[];
  readonly records: readonly TraceRecord[];
}

/**
 * Joins the lines of several members to those of their world, in its one order: that of the events, and within one the order of its nodes.
 * `names` are those of all nodes, by number. What happens to the world itself is told once.
 */
export function mergeTraces(parts: readonly TracePart[], names: readonly string[]): readonly TraceRecord[] {
  const numbers = new Map(["", ...names].map((name, number) => [name, number] as const));
  const numberOf = (name: string) => numbers.get(name) ?? 0;
  const own = parts.flatMap(({ nodes, records }, index) =>
    records.filter(({ node }) => (node === "" ? index === 0 : nodes.includes(node))),
  );
  const targets = new Map(own.filter(({ part }) => part === 0).map(({ id, node }) => [id, numberOf(node)] as const));
  const keyOf = ({ tick, round, phase, id, node, part }: TraceRecord) => {
    const [origin = "", sequence = "0"] = splitId(id);
    return [
      tick,
      round,
      phase,
      targets.get(id) ?? 0,
      numberOf(origin),
      Number(sequence),
      part === 0 ? -1 : numberOf(node),
      part,
    ];
  };
  const keyed = own.map((record) => ({ record, key: keyOf(record) })).sort((a, b) => compare(a.key, b.key));
  let id = "";
  let part = 0;
  return keyed.map(({ record }) => {
    part = record.id === id ? part + 1 : 0;
    ({ id } = record);
    return { ...record, part: record.part === 0 ? 0 : part };
  });
}

function splitId(id: string): readonly string[] {
  const at = id.lastIndexOf("#");
  return [id.slice(0, at), id.slice(at + 1)];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

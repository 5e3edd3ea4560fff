import { assertHistory } from "./assert-history.ts";
import { type CycleKind, shortestCycles } from "./dependency-cycles.ts";
import { type Dependency, type DependencyGraph, type DependencyKind, dependencyGraph } from "./dependency-graph.ts";
import { describeOperation, describeValue } from "./describe-operation.ts";
import { listAnomalies } from "./list-anomalies.ts";
import { keyHistories } from "./list-versions.ts";
import { stepsOf, type Transaction } from "./transaction.ts";

/** Options of a check of transactions. */
export interface ListAppendOptions {
  /** Whether a transaction must see all that had returned before its call: strict serializability. Default: false, serializability. */
  readonly realTime?: boolean;
}

/**
 * What an anomaly is called: `G0` a cycle of writes; `G1a` a read of an aborted write, `G1b` of one that was not the last, `G1c` a cycle
 * of writes and reads; `G-single` a cycle with one read of what was overwritten, `G2-item` with several; each of the cycles with
 * `-realtime` if it needs real time. `internal`: a transaction that does not see its own.
 */
export type ListAppendAnomalyName =
  | "G0"
  | "G1a"
  | "G1b"
  | "G1c"
  | "G-single"
  | "G2-item"
  | "G0-realtime"
  | "G1c-realtime"
  | "G-single-realtime"
  | "G2-item-realtime"
  | "lost update"
  | "incompatible order"
  | "internal"
  | "duplicate elements"
  | "unknown element";

/** Something that transactions did, and that no order of them one after the other explains. */
export interface ListAppendAnomaly {
  readonly name: ListAppendAnomalyName;
  /** Those that take part; of a cycle, in its order. */
  readonly transactions: readonly Transaction[];
  /** Why each comes before the next, or what one of them saw: a line each. */
  readonly because: readonly string[];
}

/** Verdict on a history of transactions; a `yes` says that nothing speaks against it. */
export interface ListAppendResult {
  readonly verdict: "yes" | "no";
  readonly anomalies: readonly ListAppendAnomaly[];
}

/** Cycles from the gravest on: what takes part in one is not told again as part of a lesser one. */
const CYCLES: readonly CycleKind[] = [
  { first: "ww", others: ["ww"] },
  { first: "wr", others: ["ww", "wr"] },
  { first: "rw", others: ["ww", "wr"] },
  { first: "rw", others: ["ww", "wr", "rw"], needed: "rw" },
];

/** The same with a step of real time in it. */
const REAL_TIME_CYCLES: readonly CycleKind[] = [
  { first: "ww", others: ["ww", "real time"], needed: "real time" },
  { first: "wr", others: ["ww", "wr", "real time"], needed: "real time" },
  { first: "rw", others: ["ww", "wr", "real time"], needed: "real time" },
  { first: "rw", others: ["ww", "wr", "rw", "real time"], needed: "real time" },
];

/**
 * Checks transactions that append to lists and read them, as Elle does: the lists tell in which order values were written, and that
 * tells which transaction must come before which; a cycle among them is an anomaly with a name. It takes time by the length of the
 * history, however many transactions overlap, and finds no anomaly that is none.
 * @throws OrreryError `invalid_argument` for a value appended twice to a key, or a history that cannot have happened
 */
export function checkListAppend(
  transactions: readonly Transaction[],
  { realTime = false }: ListAppendOptions = {},
): ListAppendResult {
  assertHistory(transactions);
  const keys = keyHistories(transactions);
  const seen: ListAppendAnomaly[] = listAnomalies(transactions, keys).map((anomaly) => ({
    ...anomaly,
    because: [anomaly.because],
  }));
  const graph = dependencyGraph(transactions, keys, { realTime });
  const kinds = realTime ? [...CYCLES, ...REAL_TIME_CYCLES] : CYCLES;
  const anomalies = [...seen, ...cycleAnomalies(graph, kinds)];
  return { verdict: anomalies.length === 0 ? "yes" : "no", anomalies };
}

function cycleAnomalies(graph: DependencyGraph, kinds: readonly CycleKind[]): ListAppendAnomaly[] {
  const anomalies: ListAppendAnomaly[] = [];
  const told = new Set<Transaction>();
  for (const kind of kinds) {
    for (const cycle of shortestCycles(graph, kind)) {
      const steps = withoutPlaces(cycle, graph);
      const transactions = steps.flatMap(({ from }) => graph.transactions[from] ?? []);
      if (transactions.every((transaction) => told.has(transaction))) continue;
      for (const transaction of transactions) told.add(transaction);
      anomalies.push({ name: nameOf(steps), transactions, because: steps.map(stepText) });
    }
  }
  return anomalies;
}

function nameOf(steps: readonly Dependency[]): ListAppendAnomalyName {
  const count = (kind: DependencyKind) => steps.filter((step) => step.kind === kind).length;
  const reads = count("rw");
  const name = reads > 1 ? "G2-item" : reads === 1 ? "G-single" : count("wr") > 0 ? "G1c" : "G0";
  return count("real time") > 0 ? `${name}-realtime` : name;
}

/** Joins a step to a place between with the step from there. */
function withoutPlaces(cycle: readonly Dependency[], graph: DependencyGraph): Dependency[] {
  const start = cycle.findIndex((edge) => edge.from < graph.transactions.length);
  const turned = [...cycle.slice(start), ...cycle.slice(0, start)];
  const steps: Dependency[] = [];
  for (const edge of turned) {
    const last = steps.at(-1);
    if (edge.kind !== "via" || last === undefined) steps.push(edge);
    else steps[steps.length - 1] = { ...last, to: edge.to, because: `${last.because}; the next ${edge.because}` };
  }
  return steps;
}

const KIND_TEXT: { readonly [kind in DependencyKind]: string } = {
  ww: "write before write",
  wr: "write before read",
  rw: "read before write",
  "real time": "real time",
  via: "",
};

function stepText({ kind, because }: Dependency): string {
  return `${because} (${KIND_TEXT[kind]})`;
}

/** Says in words what a check of transactions found: each anomaly with its transactions and why one must come before the next. */
export function explainListAppend(result: ListAppendResult): string {
  if (result.verdict === "yes") return "No anomaly: nothing speaks against an order of the transactions\n";
  return result.anomalies.map(anomalyText).join("\n");
}

const MEANINGS: { readonly [name in ListAppendAnomalyName]: string } = {
  G0: "writes in a circle",
  G1a: "a read of an aborted write",
  G1b: "a read of an intermediate write",
  G1c: "information in a circle",
  "G-single": "a read of what is overwritten, in a circle: read skew",
  "G2-item": "reads of what is overwritten, in a circle: write skew",
  "G0-realtime": "writes against real time",
  "G1c-realtime": "a read of what is yet to come",
  "G-single-realtime": "a stale read",
  "G2-item-realtime": "stale reads",
  "lost update": "two that did not see one another",
  "incompatible order": "two orders of the same list",
  internal: "a transaction that does not see its own",
  "duplicate elements": "a value twice",
  "unknown element": "a value of nobody",
};

function anomalyText({ name, transactions, because }: ListAppendAnomaly): string {
  const lines = [`${name}: ${MEANINGS[name]}`];
  const isCycle = because.length === transactions.length && because.length > 1;
  for (const [index, transaction] of transactions.entries()) {
    lines.push(`  T${index + 1}  ${describeTransaction(transaction)}`);
    if (isCycle)
      lines.push(
        `        ${because[index]}, so T${index + 1} comes before T${((index + 1) % transactions.length) + 1}`,
      );
  }
  if (!isCycle) lines.push(...because.map((line) => `  ${line}`));
  return `${lines.join("\n")}\n`;
}

function describeTransaction(transaction: Transaction): string {
  const steps = stepsOf(transaction).map((step) =>
    step.kind === "append"
      ? `append ${step.key} ${step.value}`
      : `read ${step.key}${step.list === undefined ? "" : ` ${describeValue(step.list)}`}`,
  );
  const text = describeOperation(transaction, () => steps.join(", "));
  const outcome =
    transaction.outcome === "ok" ? "" : transaction.outcome === "fail" ? ", aborted" : ", outcome unknown";
  return `${text} (process ${transaction.process}${outcome})`;
}

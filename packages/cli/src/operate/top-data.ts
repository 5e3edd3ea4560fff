import { capacityFacts } from "./capacity-facts.ts";
import type { FleetNode } from "./fleet.ts";

/** One component of one node, at one moment. */
export interface TopRow {
  readonly node: string;
  readonly state: string;
  /** Empty for a node that gives no answer, and for one that runs nothing. */
  readonly component: string;
  readonly version: string;
  readonly instances: number;
  readonly ready: number;
  readonly busy: number;
  readonly waiting: number;
  readonly waitedMs: number;
  /** Messages a second that were handled, and of these the failed ones, since the look before; undefined at the first. */
  readonly perSecond: number | undefined;
  readonly failedPerSecond: number | undefined;
  /** Of the node's process: its share of a processor, from 0; undefined at the first look. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number;
  readonly why: string;
}

/** A look at all nodes. */
export interface TopLook {
  /** When it was, in ms of a clock that does not go back. */
  readonly atMs: number;
  readonly nodes: readonly FleetNode[];
  /** Prometheus text of each node that gave it. */
  readonly metrics: ReadonlyMap<string, string>;
}

/** Makes the rows of a look; rates come from the look before. Pure. */
export function topRows(now: TopLook, before: TopLook | undefined): readonly TopRow[] {
  const passedMs = before === undefined ? 0 : now.atMs - before.atMs;
  return now.nodes.flatMap((node) => {
    const earlier = before?.nodes.find(({ name, status }) => name === node.name && isSameLife(status, node.status));
    return rowsOf(node, {
      counts: countsOf(now.metrics.get(node.name) ?? ""),
      countsBefore: earlier === undefined ? undefined : countsOf(before?.metrics.get(node.name) ?? ""),
      cpuBefore: earlier?.status?.cpuMs,
      passedMs,
    });
  });
}

function isSameLife(a: FleetNode["status"], b: FleetNode["status"]): boolean {
  return a !== undefined && b !== undefined && a.incarnation === b.incarnation;
}

interface Rates {
  readonly counts: ReadonlyMap<string, Counts>;
  readonly countsBefore: ReadonlyMap<string, Counts> | undefined;
  readonly cpuBefore: number | undefined;
  readonly passedMs: number;
}

interface Counts {
  readonly all: number;
  readonly failed: number;
}

const NO_COUNTS: Counts = { all: 0, failed: 0 };

function rowsOf(node: FleetNode, { counts, countsBefore, cpuBefore, passedMs }: Rates): readonly TopRow[] {
  const { status, state, why } = node;
  const isTimed = cpuBefore !== undefined && passedMs > 0;
  const ofNode = {
    ...{ state, why },
    node: node.name || node.address,
    cpu: isTimed && status !== undefined ? Math.max(0, status.cpuMs - cpuBefore) / passedMs : undefined,
    memoryBytes: Number(status?.memoryBytes ?? 0n),
  };
  const rate = (component: string, what: keyof Counts) => {
    if (!isTimed || countsBefore === undefined) return undefined;
    const passed = (counts.get(component) ?? NO_COUNTS)[what] - (countsBefore.get(component) ?? NO_COUNTS)[what];
    return (Math.max(0, passed) * 1000) / passedMs;
  };
  const rows = capacityFacts([node]).map(({ component, instances, ready, busy, waiting, waitedMs }): TopRow => {
    const version = status?.components.find(({ name }) => name === component)?.version ?? "";
    const [perSecond, failedPerSecond] = [rate(component, "all"), rate(component, "failed")];
    return { ...ofNode, component, version, instances, ready, busy, waiting, waitedMs, perSecond, failedPerSecond };
  });
  if (rows.length > 0) return rows;
  const nothing = { component: "", version: "", instances: 0, ready: 0, busy: 0, waiting: 0, waitedMs: 0 };
  return [{ ...ofNode, ...nothing, perSecond: undefined, failedPerSecond: undefined }];
}

const HANDLED = /^orrery_handled_total\{(.*)\} (\d+(?:\.\d+)?)$/;

/** Messages that were handled, by component, out of a node's metrics. */
export function countsOf(metrics: string): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const line of metrics.split("\n")) {
    const [, labels = "", value = "0"] = HANDLED.exec(line) ?? [];
    const component = /component="([^"]*)"/.exec(labels)?.[1];
    if (component === undefined) continue;
    const known = counts.get(component) ?? NO_COUNTS;
    const isFailed = !labels.includes('outcome="reply"');
    counts.set(component, { all: known.all + Number(value), failed: known.failed + (isFailed ? Number(value) : 0) });
  }
  return counts;
}

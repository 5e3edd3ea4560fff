import { SORTS } from "../page-format.ts";
import { firstAbove, labelOf, type Run, whereOf } from "./run.ts";

/** What the page shows; whoever changes it says so, and all parts draw anew. */
export interface State {
  readonly run: Run;
  /** Virtual time that is shown, in ticks. */
  tick: number;
  isPlaying: boolean;
  /** Ticks in a second of the reader's. */
  rate: number;
  /** Whether time in which nothing is under way is passed over. */
  skipsQuiet: boolean;
  /** Row that is selected; -1 for none. */
  selected: number;
  /** What led to it, the latest first. */
  causes: readonly number[];
  /** Flow that is followed, as a text; 0 for none. */
  flow: number;
  /** Nodes to which the rows are limited; empty for all. */
  readonly nodes: Set<number>;
  search: string;
  /** Sorts of rows that are shown. */
  readonly sorts: Set<number>;
  /** Rows that are shown, as the filters let through. */
  rows: Int32Array;
  /** Times of those rows. */
  rowTicks: Float64Array;
}

/** What of the page is to be drawn anew: time has moved, something was selected, or filters have changed. */
export type Change = "time" | "selection" | "filter" | "size";

const SHOWN: ReadonlySet<string> = new Set(["message", "fault", "point", "log"]);

/** The state in which a page opens: some way into the first message of the application. */
export function createState(run: Run): State {
  const sorts = new Set(SORTS.flatMap((sort, index) => (SHOWN.has(sort) ? [index] : [])));
  const state: State = {
    run,
    tick: 0,
    isPlaying: false,
    rate: run.medianTicks / 0.9,
    skipsQuiet: true,
    selected: -1,
    causes: [],
    flow: 0,
    nodes: new Set(),
    search: "",
    sorts,
    rows: new Int32Array(),
    rowTicks: new Float64Array(),
  };
  filterRows(state);
  const first = state.rows.find((row) => (run.from[row] as number) >= 0);
  if (first !== undefined) state.tick = ((run.sent[first] as number) + (run.tick[first] as number)) / 2;
  return state;
}

/** Finds anew which rows the filters let through. */
export function filterRows(state: State): void {
  const { run, sorts, nodes, flow } = state;
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = new Int32Array(run.count);
  let count = 0;
  for (let row = 0; row < run.count; row++) {
    if (!sorts.has(run.sort[row] as number)) continue;
    if (flow !== 0 && run.flow[row] !== flow && run.sort[row] !== FAULT) continue;
    if (nodes.size > 0 && !touches(run, row, nodes)) continue;
    if (words.length > 0 && !words.every((word) => textOf(run, row).includes(word))) continue;
    rows[count++] = row;
  }
  state.rows = rows.slice(0, count);
  state.rowTicks = Float64Array.from(state.rows, (row) => run.tick[row] as number);
}

const FAULT = SORTS.indexOf("fault");

function touches({ node, from, to }: Run, row: number, nodes: ReadonlySet<number>): boolean {
  return nodes.has(node[row] as number) || nodes.has(from[row] as number) || nodes.has(to[row] as number);
}

function textOf(run: Run, row: number): string {
  const { data, flow, flowNames } = run;
  const own = flow[row] as number;
  return `${whereOf(run, row)} ${labelOf(run, row)} ${data.texts[own]} ${flowNames.get(own) ?? ""}`.toLowerCase();
}

/** Place among the shown rows of the last one that has happened; -1 before the first. */
export function currentPlace({ rowTicks, tick }: State): number {
  return firstAbove(rowTicks, tick) - 1;
}

/** The flow that stands out: the one that is followed, or that of the selected row; 0 for none. */
export function flowInLight({ run, flow, selected }: State): number {
  return flow !== 0 ? flow : selected < 0 ? 0 : (run.flow[selected] ?? 0);
}

/** Whether a row is of what is followed, so that it stands out; all are where nothing is. */
export function isFollowed(state: State, row: number): boolean {
  const { run, nodes } = state;
  const flow = flowInLight(state);
  if (flow !== 0 && run.flow[row] !== flow) return false;
  return nodes.size === 0 || touches(run, row, nodes);
}

import type { TraceRecord } from "../trace/trace.ts";
import { blankCells, type Cells, putText, widthOf } from "./cells.ts";
import { messagesOfRecords } from "./delivered.ts";
import { findFlow } from "./flows.ts";
import { describeRecord, endTickOf, formatTick, type Recording } from "./recording.ts";

/** What is shown of a run, and how. */
export interface TimelineOptions {
  /** Columns of the terminal. Default: 100. */
  readonly width?: number;
  /** Whether states are coloured too. Default: false. */
  readonly isColoured?: boolean;
  /** One flow only, by its name or `node/id`. Faults are shown all the same. Default: all. */
  readonly flow?: string;
  /** Only what these nodes send or are sent. Default: all. */
  readonly nodes?: readonly string[];
  /** From so many ms. Default: the beginning. */
  readonly fromMs?: number;
  /** Up to so many ms. Default: the end. */
  readonly toMs?: number;
  /** Whether connections and the control plane are shown, too. Default: false. */
  readonly hasControl?: boolean;
}

/**
 * Writes a run as text for a terminal: time on the left, a column for each node, an arrow for each message where it arrived, marks for points,
 * faults and crashes. Where columns would be too narrow it is a list.
 * @throws OrreryError `not_found` for a flow that is not there
 */
export function toTimeline(recording: Recording, options: TimelineOptions = {}): string {
  const { width = 100, isColoured = false } = options;
  const timeWidth = formatTick(endTickOf(recording), 3).length;
  const shown = shownOf(recording, options);
  const nodes = recording.nodes.map(({ name }) => name).filter((name) => options.nodes?.includes(name) ?? true);
  const column = Math.floor((width - timeWidth - 2) / nodes.length);
  const drawing = { nodes, width, isColoured, timeWidth, column };
  const rows = column < COLUMN_MIN ? listRows(shown, drawing) : columnRows(shown, recording, drawing);
  return `${rows.map((row) => row.trimEnd()).join("\n")}\n`;
}

/** Columns under which arrows have no room for what they say. */
const COLUMN_MIN = 16;

interface Drawing {
  readonly nodes: readonly string[];
  readonly width: number;
  readonly isColoured: boolean;
  readonly timeWidth: number;
  /** Width of a node's column. */
  readonly column: number;
}

const CONTROL: ReadonlySet<string> = new Set(["dial", "accepted", "refused", "hangup", "heard", "control"]);

function shownOf(recording: Recording, options: TimelineOptions): readonly TraceRecord[] {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY, nodes, hasControl = false } = options;
  const flow = options.flow === undefined ? undefined : findFlow(recording, options.flow).id;
  const found = messagesOfRecords(recording);
  return recording.records.filter((record, index) => {
    const { kind, tick, node, from, what } = record;
    if (tick < fromMs * 1000 || tick > toMs * 1000) return false;
    if (kind === "fault" || kind === "life") return kind === "fault" || nodes === undefined || nodes.includes(node);
    if (kind === "span" || kind === "flow" || (kind === "timer" && record.text === "")) return false;
    if (CONTROL.has(what?.step ?? "") && !hasControl) return false;
    if (flow !== undefined && found[index]?.flow !== flow) return false;
    return nodes === undefined || [node, from, what?.to ?? ""].some((name) => nodes.includes(name));
  });
}

/** ANSI colours by what a line tells; what is not here has the terminal's own. */
function colourOf({ kind, what, text }: TraceRecord): string {
  if (kind === "fault" || kind === "lost" || (kind === "life" && text === "crash")) return "31";
  if (kind === "life") return "32";
  if (kind === "point") return "33";
  return kind === "delivery" && what?.step === "reply" ? "2" : "";
}

function paint(text: string, colour: string, { isColoured }: Drawing): string {
  return isColoured && colour !== "" ? `\u001b[${colour}m${text}\u001b[0m` : text;
}

function listRows(records: readonly TraceRecord[], drawing: Drawing): readonly string[] {
  return records.map((record) => {
    const row = blankCells(drawing.width);
    putText(row, 0, formatTick(record.tick, 3).padStart(drawing.timeWidth));
    putText(row, drawing.timeWidth + 2, describeRecord(record));
    return paint(row.join("").trimEnd(), colourOf(record), drawing);
  });
}

function columnRows(records: readonly TraceRecord[], { nodes }: Recording, drawing: Drawing): readonly string[] {
  const lives = new Set(nodes.map(({ name }) => name));
  const head = blankCells(drawing.width);
  putText(head, 0, "ms".padStart(drawing.timeWidth));
  for (const [index, name] of drawing.nodes.entries()) {
    const from = drawing.timeWidth + 2 + index * drawing.column;
    const at = Math.max(from, centreOf(index, drawing) - Math.floor(widthOf(name) / 2));
    putText(head, at, name, from + drawing.column - 1);
  }
  let tick = -1;
  const rows = records.map((record) => {
    const row = blankCells(drawing.width);
    if (record.tick !== tick) putText(row, 0, formatTick(record.tick, 3).padStart(drawing.timeWidth));
    tick = record.tick;
    for (const [index, name] of drawing.nodes.entries()) row[centreOf(index, drawing)] = lives.has(name) ? "│" : " ";
    if (record.kind === "life") {
      if (record.text === "crash") lives.delete(record.node);
      else lives.add(record.node);
    }
    draw(row, record, drawing);
    return paint(row.join("").trimEnd(), colourOf(record), drawing);
  });
  return [head.join(""), ...rows];
}

function centreOf(index: number, { timeWidth, column }: Drawing): number {
  return timeWidth + 2 + index * column + Math.floor(column / 2);
}

function draw(row: Cells, record: TraceRecord, drawing: Drawing): void {
  const { kind, node, from, text, what } = record;
  const at = drawing.nodes.indexOf(node);
  if (kind === "fault") drawBar(row, text, drawing);
  else if (kind === "delivery") drawArrow(row, record, [drawing.nodes.indexOf(from), at], drawing);
  else if (kind === "lost") drawArrow(row, record, [at, drawing.nodes.indexOf(what?.to ?? "")], drawing);
  else if (at >= 0)
    putText(row, centreOf(at, drawing), `${MARKS[kind === "life" ? text : kind] ?? "·"} ${what?.step ?? text}`);
  else putText(row, drawing.timeWidth + 2, text);
}

const MARKS: Readonly<Record<string, string>> = { crash: "✖", restart: "▲", point: "◆", timer: "◷", log: "✎" };

function drawBar(row: Cells, text: string, { timeWidth, width }: Drawing): void {
  for (let at = timeWidth + 2; at < width; at++) row[at] = "═";
  putText(row, timeWidth + 4, ` ${text} `, width);
}

function drawArrow(row: Cells, record: TraceRecord, [from, to]: readonly [number, number], drawing: Drawing): void {
  const { kind } = record;
  if (from < 0 || to < 0 || from === to) {
    const at = Math.max(from, to);
    putText(row, centreOf(Math.max(at, 0), drawing), `${from === to ? "↻" : "⇢"} ${describeRecord(record)}`);
    return;
  }
  const [start, end] = [centreOf(from, drawing), centreOf(to, drawing)];
  const step = start < end ? 1 : -1;
  const isLost = kind === "lost";
  for (let at = start + step; at !== end; at += step) row[at] = isLost ? "╌" : "─";
  row[start] = step > 0 ? "├" : "┤";
  row[end - step] = isLost ? "✖" : step > 0 ? "▶" : "◀";
  const [left, right] = [Math.min(start, end) + 2, Math.max(start, end) - 2];
  const label = ` ${labelOf(record)} `;
  const room = right - left;
  putText(row, left + Math.max(0, Math.floor((room - widthOf(label)) / 2)), label, right);
}

/** Says what a message is in few words: `cell.get 5`, `reply 5`, `dropped cell.set 6`. */
function labelOf({ kind, text, what }: TraceRecord): string {
  const { message = "", component, method, step = "" } = what ?? {};
  if (component === undefined) return text;
  const id = message.slice(message.lastIndexOf("#") + 1);
  return `${kind === "lost" ? `${step} ` : step === "request" ? "" : `${step} `}${component}.${method} ${id}`;
}

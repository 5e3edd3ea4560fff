import type { ResourceMessage } from "@orrery/registry/service";
import { cut, type FittedColumn, type FittedOptions, fittedTable } from "../fitted-table.ts";
import { moodOf } from "./resource-form.ts";

/** One line of the view of a watch: a resource, and what happened to it last. */
export interface WatchRow {
  readonly resource: ResourceMessage;
  /** Empty where it was there already, and nothing happened since. */
  readonly change: string;
  readonly by: string;
  /** In ms since 1970; 0 where nothing happened. */
  readonly atMs: number;
}

/** How a frame is drawn. */
export interface WatchFrame extends FittedOptions {
  /** What is watched, and how it stands with its server. */
  readonly head: string;
  /** Lines that there are; undefined for as many as are needed. */
  readonly rows: number | undefined;
  /** What keys there are; empty where nobody types. */
  readonly keys: string;
}

const COLUMNS: readonly FittedColumn<WatchRow>[] = [
  { heading: "ADDRESS", text: ({ resource }) => resource.address, dropped: 0 },
  { heading: "KIND", text: ({ resource }) => resource.kind, dropped: 4 },
  {
    heading: "STATUS",
    text: ({ resource: { status } }) => `${status?.state ?? ""}${status?.reason ? `: ${status.reason}` : ""}`,
    dropped: 0,
    mood: ({ resource }) => moodOf(resource),
  },
  { heading: "REVISION", text: ({ resource }) => String(resource.revision), right: true, dropped: 3 },
  { heading: "CHANGE", text: ({ change }) => change, dropped: 1 },
  { heading: "BY", text: ({ by }) => by, dropped: 5 },
  {
    heading: "AT",
    text: ({ atMs }) => (atMs === 0 ? "" : new Date(atMs).toISOString().slice(11, 19)),
    dropped: 2,
  },
];

/**
 * Draws a line for each resource, in the order of addresses. Where a screen has no room for all of them, those stay that changed last. Pure; gives
 * lines without their ends.
 */
export function drawWatch(rows: readonly WatchRow[], options: WatchFrame): readonly string[] {
  const { head, keys, columns } = options;
  const top = [head, ...(keys === "" ? [] : [keys])].map((line) => cut(line, columns));
  const room = options.rows === undefined ? rows.length : Math.max(1, options.rows - top.length - 3);
  const newest = [...rows].sort((a, b) => Number(b.resource.revision - a.resource.revision)).slice(0, room);
  newest.sort((a, b) => (a.resource.address < b.resource.address ? -1 : 1));
  const hidden = rows.length - newest.length;
  const more = hidden === 0 ? [] : [cut(`and ${hidden} that changed before these`, columns)];
  return [...top, "", ...fittedTable(newest, COLUMNS, options), ...more];
}

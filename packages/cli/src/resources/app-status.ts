import { createSystemClock } from "@orrery/core";
import { type AppComponentMessage, type AppMessage, AppsService } from "@orrery/platform/service";
import { CommandError } from "../command-error.ts";
import { type FittedColumn, fittedTable, type Mood } from "../fitted-table.ts";
import { formatTime } from "../operate/format.ts";
import { colour, type Terminal } from "../terminal.ts";
import type { Server } from "./server.ts";

/** Asks how an app stands. */
export async function askApp(address: string, { node, timeoutMs, explain }: Server): Promise<AppMessage> {
  try {
    const { app } = await node.client(AppsService).getApp({ address }, { timeoutMs });
    if (app !== undefined) return app;
  } catch (error) {
    throw explain(error);
  }
  throw new CommandError(`Cannot tell how "${address}" stands: the server told nothing of it`);
}

/** How an app stands, as JSON tells it beside its state. */
export function appJson({ components, mechtrons, routes, waits }: AppMessage): object {
  return {
    components: components.map(({ name, wanted, running, restarts, lastEnd, instances, least, most }) => ({
      ...{ name, wanted, running, restarts, ...(least < most && { least, most }) },
      ...(lastEnd && { lastEnd: { at: Number(lastEnd.atMs), text: lastEnd.text } }),
      instances: instances.map((one) => ({ name: one.name, state: one.state, restarts: one.restarts })),
    })),
    mechtrons: mechtrons.map(({ name, state, reason }) => ({ name, state, ...(reason !== "" && { reason }) })),
    routes: routes.map(({ url, methods, kind, target }) => ({ url, methods, kind, target })),
    waits: waits.map(({ address, state }) => ({ address, ...(state !== "" && { state }) })),
  };
}

/** How an app stands, for people: what runs, then a table of each sort of thing that it has. */
export function appText(app: AppMessage, terminal: Terminal): string {
  const tables = [
    tableText(app.waits, WAITS, terminal),
    tableText(app.components, COMPONENTS, terminal),
    tableText(app.mechtrons, MECHTRONS, terminal),
    tableText(app.routes, ROUTES, terminal),
  ];
  const runs = app.runs === "" ? "" : `runs ${app.runs}\n`;
  return `${runs}${tables.map((text) => (text === "" ? "" : `\n${text}`)).join("")}`;
}

/** A table that fits the screen, or is as wide as it must be where there is none; nothing for no rows. */
export function tableText<Row>(
  rows: readonly Row[],
  columns: readonly FittedColumn<Row>[],
  terminal: Terminal,
): string {
  if (rows.length === 0) return "";
  const paint = (mood: Mood, text: string) => colour(terminal, mood, text);
  const width = terminal.isScreen ? terminal.width : Number.POSITIVE_INFINITY;
  return `${fittedTable(rows, columns, { columns: width, paint }).join("\n")}\n`;
}

type Of<List extends readonly unknown[]> = readonly FittedColumn<List[number]>[];

const WAITS: Of<AppMessage["waits"]> = [
  { heading: "WAITS FOR", text: ({ address }) => address, dropped: 0 },
  { heading: "STATE", text: ({ state }) => (state === "" ? "not there" : state), dropped: 0, mood: () => "busy" },
];

const COMPONENTS: Of<AppMessage["components"]> = [
  { heading: "COMPONENT", text: ({ name }) => name, dropped: 0 },
  { heading: "RUNNING", text: runningText, dropped: 0, mood: moodOf },
  { heading: "RESTARTS", text: ({ restarts }) => String(restarts), right: true, dropped: 0 },
  { heading: "LAST END", text: endText, dropped: 0 },
];

const MECHTRONS: Of<AppMessage["mechtrons"]> = [
  { heading: "MECHTRON", text: ({ name }) => name, dropped: 0 },
  { heading: "STATE", text: ({ state }) => state, dropped: 0, mood: ({ state }) => moods[state] ?? "busy" },
  { heading: "REASON", text: ({ reason }) => reason, dropped: 0 },
];

const ROUTES: Of<AppMessage["routes"]> = [
  { heading: "ROUTE", text: ({ url }) => url, dropped: 0 },
  { heading: "METHODS", text: ({ methods }) => methodsText(methods), dropped: 2 },
  { heading: "TO", text: ({ kind, target }) => `${kind} ${target}`, dropped: 1 },
];

const moods: Readonly<Record<string, Mood>> = { Ready: "good", Panic: "bad" };

function runningText({ running, wanted, least, most }: AppComponentMessage): string {
  return `${running} of ${least < most ? `${least}..${most}` : wanted}`;
}

function moodOf({ running, wanted, instances }: AppComponentMessage): Mood {
  if (running >= wanted) return "good";
  return running === 0 && instances.some(({ state }) => state === "given-up") ? "bad" : "busy";
}

function endText({ lastEnd }: AppComponentMessage): string {
  if (lastEnd === undefined) return "";
  const agoMs = Math.max(0, createSystemClock().now() - Number(lastEnd.atMs));
  return `${formatTime(agoMs)} ago: ${lastEnd.text}`;
}

/** HEAD comes with GET. */
function methodsText(methods: readonly string[]): string {
  return methods.length === 0 ? "all" : methods.filter((method) => method !== "HEAD").join(" ");
}

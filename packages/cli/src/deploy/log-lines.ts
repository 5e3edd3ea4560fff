import { addressOfLine, type LogLineMessage } from "@orrery/platform/service";
import { colour, type Terminal } from "../terminal.ts";

/** A line of an app's log as JSON tells it, with whose it is: what a component logged has its level and context beside the text. */
export function logJson(line: LogLineMessage, app: string): object {
  const { number, stream, instance } = line;
  const { time, text, instance: _own, ...record } = recordOf(line); // Whose process has restarted has another id.
  const about = { number: Number(number), time, stream, address: addressOfLine(app, line) };
  return { ...about, ...(instance !== "" && { instance }), text, ...record };
}

/** A line of an app's log for people: when, what said it, of which app where that is to be told, and what. */
export function logText(line: LogLineMessage, terminal: Terminal, app = ""): string {
  const { stream, instance } = line;
  const { time, level, text, fields, ...context } = recordOf(line);
  const said = { ...pick(context, ["method", "flow"]), ...(fields as object | undefined) };
  const more = Object.entries(said).map(([name, value]) => ` ${name}=${shown(value)}`);
  const writer =
    instance === "" ? stream : stream === "stdout" || stream === "mechtron" ? instance : `${instance} ${stream}`;
  const isBad = level === "error" || level === "warn" || stream === "stderr";
  const what = `${level === undefined ? "" : `${String(level).toUpperCase()} `}${text}${more.join("")}`;
  const from = app === "" ? writer : `${app} ${writer}`;
  return `${time.slice(0, 23).replace("T", " ")} ${from}: ${isBad && level !== undefined ? colour(terminal, level === "error" ? "bad" : "busy", what) : what}`;
}

interface Shown {
  readonly time: string;
  readonly text: string;
  readonly [more: string]: unknown;
}

/** What a line says: a record, where it was logged by a component, else its text alone. */
function recordOf({ atMs, text }: LogLineMessage): Shown {
  const plain = { time: new Date(Number(atMs)).toISOString(), text };
  if (!text.startsWith('{"time":')) return plain;
  try {
    const record = JSON.parse(text) as Shown;
    return typeof record.text === "string" && typeof record.time === "string" ? record : plain;
  } catch {
    return plain;
  }
}

function pick(record: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

function shown(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

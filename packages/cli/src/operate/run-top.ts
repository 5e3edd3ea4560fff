import { createSystemClock } from "@orrery/core";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { colour, type Terminal } from "../terminal.ts";
import { type Fleet, openFleet, pickNodes } from "./fleet.ts";
import { answered } from "./tell-failed.ts";
import { type TopLook, type TopRow, topRows } from "./top-data.ts";
import { drawFrame, TOP_SORTS, type TopSort } from "./top-frame.ts";

/** Between two looks, where nobody says. */
const EVERY_MS = 1_000;

/** Shows what all nodes do, again and again in the same place; where no screen is, once. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const every = input.text("every");
  const everyMs = every === undefined ? EVERY_MS : parseTime(every, "every");
  const sort = input.text("sort") ?? "busy";
  if (!isSort(sort)) throw usageError(`Cannot order by "${sort}": write ${TOP_SORTS.join(", ")}`);
  const isJson = input.text("output") === "json";
  const fleet = await openFleet(input, terminal);
  const looks = createLooks(fleet, input);
  const options = { sort, everyMs, looks, terminal, fleet };
  try {
    if (input.has("once") || !(isJson || terminal.isScreen)) await once(options, isJson);
    else if (isJson) await stream(options);
    else await live(options);
    return EXIT.done;
  } finally {
    await fleet.close();
  }
}

interface TopOptions {
  readonly sort: TopSort;
  readonly everyMs: number;
  readonly looks: Looks;
  readonly terminal: Terminal;
  readonly fleet: Fleet;
}

interface Looks {
  /** Looks at all nodes; gives rows with the rates since the look before. */
  next(): Promise<readonly TopRow[]>;
}

function createLooks(fleet: Fleet, input: CommandInput): Looks {
  const clock = createSystemClock();
  let before: TopLook | undefined;
  return {
    async next() {
      const nodes = pickNodes(await fleet.look(), input.texts("node"));
      const answers = answered(await fleet.ask(nodes, (client, options) => client.metrics({}, options)));
      const metrics = new Map(answers.map(({ node, value }) => [node.name, value.text]));
      const now = { atMs: clock.monotonic(), nodes, metrics };
      const rows = topRows(now, before);
      before = now;
      return rows;
    },
  };
}

/** Two looks, so that there are rates. */
async function once({ sort, looks, terminal, fleet, everyMs }: TopOptions, isJson: boolean): Promise<void> {
  await looks.next();
  await fleet.sleep(Math.min(everyMs, ONCE_MS));
  const rows = await looks.next();
  if (isJson) await terminal.write(`${JSON.stringify({ time: timeNow(), rows })}\n`);
  else
    await terminal.write(
      `${frame(rows, { sort, terminal, columns: terminal.width, rows: undefined, keys: "" }).join("\n")}\n`,
    );
}

/** Between the two looks of a table that is printed once. */
const ONCE_MS = 500;

async function stream({ looks, terminal, fleet, everyMs }: TopOptions): Promise<void> {
  const end = new AbortController();
  const stop = terminal.onInterrupt(() => end.abort());
  try {
    while (!end.signal.aborted) {
      const rows = await looks.next();
      if (!(await terminal.write(`${JSON.stringify({ time: timeNow(), rows })}\n`))) return;
      await fleet.sleep(everyMs, end.signal).catch(() => undefined);
    }
  } finally {
    stop();
  }
}

const KEYS = "q: end  s: next order  1-7: an order";

/** Draws, waits for a key or the time of the next look, and draws again. */
async function live({ sort, looks, terminal, fleet, everyMs }: TopOptions): Promise<void> {
  const end = new AbortController();
  const stop = terminal.onInterrupt(() => end.abort());
  let rows = await looks.next();
  let order = sort;
  const screen = terminal.openScreen();
  const draw = () => {
    const { columns, rows: lines } = screen.size();
    screen.draw(frame(rows, { sort: order, terminal, columns, rows: lines, keys: KEYS }));
  };
  screen.onKey((key) => {
    if (key === "q" || key === "\u0003") end.abort();
    else order = nextSort(order, key);
    if (!end.signal.aborted) draw();
  });
  screen.onResize(draw);
  try {
    while (!end.signal.aborted) {
      draw();
      await fleet.sleep(everyMs, end.signal).catch(() => undefined);
      if (!end.signal.aborted) rows = await refreshed(looks, rows);
    }
  } finally {
    screen.close();
    stop();
  }
}

/** A look that fails, because every node has gone, shows the last one with all nodes silent. */
async function refreshed(looks: Looks, before: readonly TopRow[]): Promise<readonly TopRow[]> {
  try {
    return await looks.next();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return before.map((row) => ({ ...row, state: "silent", why, busy: 0, waiting: 0, ready: 0 }));
  }
}

function nextSort(now: TopSort, key: string): TopSort {
  if (key === "s") return TOP_SORTS[(TOP_SORTS.indexOf(now) + 1) % TOP_SORTS.length] ?? now;
  return TOP_SORTS[Number(key) - 1] ?? now;
}

function isSort(text: string): text is TopSort {
  return (TOP_SORTS as readonly string[]).includes(text);
}

function frame(
  rows: readonly TopRow[],
  options: {
    readonly sort: TopSort;
    readonly terminal: Terminal;
    readonly columns: number;
    readonly rows: number | undefined;
    readonly keys: string;
  },
): readonly string[] {
  const { terminal, ...rest } = options;
  return drawFrame(rows, {
    ...rest,
    paint: (state, text) => colour(terminal, state, text),
    time: timeNow().slice(11, 19),
  });
}

function timeNow(): string {
  return new Date(Date.now()).toISOString();
}

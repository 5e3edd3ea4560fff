import { colour } from "../terminal.ts";
import { selectorsOf, type TellableChange, type WatchTeller, type WatchWish } from "./follow-changes.ts";
import { LIST_PAGE, WATCH_ROWS_MAX } from "./limits.ts";
import type { ResourceContext } from "./resource-command.ts";
import { drawWatch, type WatchRow } from "./watch-frame.ts";
import { eventOf } from "./watch-lines.ts";

/**
 * Shows a watch on a terminal's screen: a line for each resource, drawn anew with each change. `q` and Ctrl-C call `onEnd`. When it is closed, the
 * last picture stays below what was typed before.
 */
export async function openWatchView(
  wish: WatchWish,
  { server, terminal }: ResourceContext,
  onEnd: () => void,
): Promise<WatchTeller> {
  const rows = new Map<string, WatchRow>();
  for (const selector of selectorsOf(wish)) {
    const { resources } = await server.ask((registry, options) =>
      registry.list({ selector, limit: LIST_PAGE }, options),
    );
    for (const resource of resources) rows.set(resource.address, { resource, change: "", by: "", atMs: 0 });
  }
  let [revision, told, standing] = [0n, 0, ""];
  const paint = (...[mood, text]: Parameters<Parameters<typeof drawWatch>[1]["paint"]>) => colour(terminal, mood, text);
  const picture = (columns: number, lines: number | undefined) => {
    const of = `${rows.size} ${rows.size === 1 ? "resource" : "resources"}`;
    const head = `${wish.address}  ${of}, ${told} ${told === 1 ? "change" : "changes"}, revision ${revision}${standing}`;
    const keys = lines === undefined ? "" : "q: end";
    return drawWatch([...rows.values()], { head, keys, columns, rows: lines, paint });
  };
  const isRefused = rows.size === 0 && wish.after === undefined; // What is not there is refused before anything is drawn.
  const screen = isRefused ? undefined : terminal.openScreen();
  const draw = () => {
    const size = screen?.size();
    if (size !== undefined) screen?.draw(picture(size.columns, size.rows));
  };
  screen?.onKey((key) => {
    if (key === "q" || key === "\u0003") onEnd();
  });
  screen?.onResize(draw);
  const take = (change: TellableChange) => {
    if (change.revision > revision) revision = change.revision;
    putRow(rows, change);
    draw();
  };
  return {
    begin: (from) => {
      revision = from;
      draw();
    },
    tell: async (change) => {
      told++;
      take(change);
      return true;
    },
    pass: take,
    standing: (how) => {
      standing = how === "away" ? "; its server went away, waiting for it" : "";
      draw();
    },
    close: async () => {
      screen?.close();
      if (screen !== undefined) await terminal.write(`${picture(terminal.width, undefined).join("\n")}\n`);
    },
  };
}

/** Puts what a change says in the place of what was known, unless that is newer; what changed longest ago makes room. */
function putRow(rows: Map<string, WatchRow>, { parts, agent, atMs, resource }: TellableChange): void {
  const { address } = resource;
  const known = rows.get(address);
  if (known !== undefined && known.resource.revision > resource.revision) return;
  const event = eventOf(parts);
  const change = event === "change" ? parts.join(", ") : event === "add" ? "added" : "removed";
  rows.delete(address);
  rows.set(address, { resource, change, by: agent, atMs: Number(atMs) });
  const [oldest] = rows.keys();
  if (rows.size > WATCH_ROWS_MAX && oldest !== undefined) rows.delete(oldest);
}
